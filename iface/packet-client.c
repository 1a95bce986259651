/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iface/packet-client.h"
#include <inttypes.h>
#include <string.h>
#include "iface/packet-service.h"
#include "iface/tick.h"

#define AUDIT_TIMEOUT (60 * G_GINT64_CONSTANT(1000000000))

enum { LATENCIES = LU_PACKET_PATHS * LU_PACKET_CLASSES * LU_PACKET_VERSIONS };

static const char *const classes[LU_PACKET_CLASSES] = {"thin", "bulk"};

struct packet_conn {
	unsigned restarts; /* of the service, when it was opened */
	uint64_t floor;	   /* its requests, then */
	bool reopened;	   /* and has no reply yet */
};

struct packet_client {
	struct packet_conn *conns;
	struct lu_packet_word last; /* the highest counts */
	uint64_t answered, malformed, wrong_id;
	uint64_t before_packets, bad; /* of services that are no more */
	unsigned restarts;
	bool audited;
	struct lu_packet_word audit;
	struct lu_packet_latency latency[LU_PACKET_PATHS][LU_PACKET_CLASSES][LU_PACKET_VERSIONS];
};

char **lu_packet_argv(const json_t *params, const char *way, const char *const *more)
{
	static const char *const common[] = {"packets", "bulk", "window", "size", "timed_us", NULL};
	const char *const *const lists[] = {common, more};
	GStrvBuilder *argv = g_strv_builder_new();
	char **words;

	g_strv_builder_add_many(argv, "/usr/bin/packets", "--port", "7009", "--way", way, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
		for (const char *const *name = lists[i]; *name; name++) {
			g_autofree char *option = g_strconcat("--", *name, NULL);
			g_autofree char *value =
				g_strdup_printf("%" PRId64, lu_param_int(params, *name));

			g_strv_builder_add_many(argv, g_strdelimit(option, "_", '-'), value, NULL);
		}
	words = g_strv_builder_end(argv);
	g_strv_builder_unref(argv);
	return words;
}

/* Twice a packet's size is what the kernel takes for it. */
uint64_t lu_packet_state_bytes(const json_t *params)
{
	return (uint64_t)(LU_PACKET_PATHS * lu_param_int(params, "bulk") *
			  lu_param_int(params, "window") * 4096) +
	       (4 << 20);
}

void *lu_packet_client_new(const json_t *params, uint64_t seed, unsigned connections)
{
	struct packet_client *client = g_new0(struct packet_client, 1);

	client->conns = g_new0(struct packet_conn, connections);
	return client;
}

void lu_packet_client_free(void *data)
{
	struct packet_client *client = data;

	g_free(client->conns);
	g_free(client);
}

void lu_packet_request(void *data, uint64_t id, unsigned conn, GByteArray *out)
{
	g_autofree char *line = g_strdup_printf("P %" PRIu64 "\n", id);

	g_byte_array_append(out, (const guint8 *)line, (guint)strlen(line));
}

static uint64_t bad(const struct lu_packet_word *word)
{
	return word->missing + word->duplicated + word->misordered + word->wrong + word->drops +
	       word->left;
}

/* A new connection whose first reply counts fewer requests than were answered before it was opened
 * leads to another service. Only the first such connection tells. */
static void note_restart(struct packet_client *client, unsigned conn,
			 const struct lu_packet_word *word)
{
	struct packet_conn *c = &client->conns[conn];
	bool told = c->reopened && c->restarts == client->restarts && word->requests <= c->floor;

	c->reopened = false;
	if (!told)
		return;
	client->restarts++;
	client->before_packets += client->last.received;
	client->bad += bad(&client->last);
	client->last = *word;
}

void lu_packet_reconnected(void *data, unsigned conn)
{
	struct packet_client *client = data;

	client->conns[conn] = (struct packet_conn){client->restarts, client->last.requests, true};
}

ssize_t lu_packet_reply(void *data, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
			struct lu_reply *reply)
{
	struct packet_client *client = data;
	struct lu_packet_word word;
	uint64_t answered;
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (!line)
		return n;
	if (!lu_packet_parse_reply(line, &answered, &reply->version, &word)) {
		client->malformed++;
		return -1;
	}
	client->answered++;
	note_restart(client, conn, &word);
	/* Replies on different connections overtake each other; the highest counts are the latest.
	 */
	if (word.requests >= client->last.requests)
		client->last = word;
	for (unsigned i = 0; i < LU_PACKET_PATHS; i++)
		reply->module[i] = word.version[i];
	if (answered != id) {
		client->wrong_id++;
		reply->why = "reply to another request";
	} else if (bad(&word)) {
		reply->why = "packets did not come as they were sent";
	}
	reply->ok = !reply->why;
	return n;
}

/* The place of the audit's i-th latency, which comes after the counts. */
static struct lu_packet_latency *place(struct packet_client *client, uint64_t i, unsigned *path,
				       unsigned *class, unsigned *version)
{
	i--;
	*version = (unsigned)(i % LU_PACKET_VERSIONS) + 1;
	*class = (unsigned)(i / LU_PACKET_VERSIONS % LU_PACKET_CLASSES);
	*path = (unsigned)(i / LU_PACKET_VERSIONS / LU_PACKET_CLASSES);
	return &client->latency[*path][*class][*version - 1];
}

static void audit_request(void *data, uint64_t i, GByteArray *out)
{
	g_autofree char *line = NULL;
	unsigned path, class, version;

	if (i) {
		place(data, i, &path, &class, &version);
		line = g_strdup_printf("L %u %u %u\n", path, class, version);
	} else {
		line = g_strdup("A\n");
	}
	g_byte_array_append(out, (const guint8 *)line, (guint)strlen(line));
}

static ssize_t audit_reply(void *data, uint64_t i, const uint8_t *buf, size_t len)
{
	struct packet_client *client = data;
	struct lu_packet_latency *latency;
	unsigned path, class, version;
	bool ok;
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (!line)
		return n;
	if (i) {
		latency = place(client, i, &path, &class, &version);
		ok = lu_packet_parse_latency(line, path, class, version, latency);
		client->audited = ok && i == LATENCIES;
	} else {
		ok = lu_packet_parse_audit(line, &client->audit);
	}
	return ok ? n : -1;
}

bool lu_packet_audit(void *data, struct lu_exchange *exchange)
{
	*exchange = (struct lu_exchange){
		.count = 1 + LATENCIES,
		.window = 1,
		.timeout_ns = AUDIT_TIMEOUT,
		.data = data,
		.request = audit_request,
		.reply = audit_reply,
	};
	return true;
}

static uint64_t carried(const struct packet_client *client, unsigned path, unsigned version)
{
	uint64_t packets = 0;

	for (unsigned class = 0; class < LU_PACKET_CLASSES; class ++)
		packets += client->latency[path][class][version].count;
	return packets;
}

static json_t *report_version(const struct packet_client *client, unsigned path, unsigned version)
{
	json_t *of = json_object();

	for (unsigned class = 0; class < LU_PACKET_CLASSES; class ++) {
		const struct lu_packet_latency *l = &client->latency[path][class][version];

		json_object_set_new(of, classes[class],
				    json_pack("{s:I, s:I, s:I, s:I}", "packets",
					      (json_int_t)l->count, "p50_ns", (json_int_t)l->p50_ns,
					      "p99_ns", (json_int_t)l->p99_ns, "max_ns",
					      (json_int_t)l->max_ns));
	}
	return of;
}

static json_t *report_path(const struct packet_client *client, unsigned path)
{
	json_t *of = json_object();

	for (unsigned version = 0; version < LU_PACKET_VERSIONS; version++) {
		g_autofree char *name = g_strdup_printf("v%u", version + 1);

		if (carried(client, path, version))
			json_object_set_new(of, name, report_version(client, path, version));
	}
	return of;
}

json_t *lu_packet_report(void *data)
{
	struct packet_client *client = data;

	return json_pack("{s:I, s:I, s:I, s:[o, o]}", "packets",
			 (json_int_t)client->before_packets + (json_int_t)client->audit.received,
			 "carried_over", (json_int_t)client->audit.carried, "longest_packet_ns",
			 (json_int_t)client->audit.longest_ns, "paths", report_path(client, 0),
			 report_path(client, 1));
}

static enum lu_verdict judge_order(void *data, char **evidence)
{
	struct packet_client *client = data;

	*evidence = g_strdup_printf("%" PRIu64 " replies; %" PRIu64 " to another request, %" PRIu64
				    " malformed",
				    client->answered, client->wrong_id, client->malformed);
	return client->wrong_id || client->malformed || !client->answered ? LU_FAIL : LU_PASS;
}

static enum lu_verdict judge_packets(void *data, char **evidence)
{
	struct packet_client *client = data;
	const struct lu_packet_word *end = client->audited ? &client->audit : &client->last;

	*evidence = g_strdup_printf("%" PRIu64 " packets; %" PRIu64 " lost, %" PRIu64
				    " came twice, %" PRIu64 " not as sent, %" PRIu64
				    " dropped, %" PRIu64 " stuck, %" PRIu64
				    " bad before a restart; at the end %s",
				    client->before_packets + end->received, end->missing,
				    end->duplicated, end->wrong, end->drops, end->left, client->bad,
				    client->audited ? "all were waited for" : "not counted");
	return !client->audited || !end->received || client->bad || end->missing ||
			       end->duplicated || end->wrong || end->drops || end->left
		       ? LU_FAIL
		       : LU_PASS;
}

static enum lu_verdict judge_sequence(void *data, char **evidence)
{
	struct packet_client *client = data;
	const struct lu_packet_word *end = client->audited ? &client->audit : &client->last;

	*evidence = g_strdup_printf("%" PRIu64 " of %" PRIu64
				    " packets came after a later one of their flow",
				    end->misordered, end->received);
	return !end->received || end->misordered ? LU_FAIL : LU_PASS;
}

/* Whichever is swapped: the packets of the other must all have been carried by one version. */
static enum lu_verdict judge_other(void *data, char **evidence)
{
	struct packet_client *client = data;
	unsigned versions[LU_PACKET_PATHS] = {0};

	for (unsigned path = 0; path < LU_PACKET_PATHS; path++)
		for (unsigned version = 0; version < LU_PACKET_VERSIONS; version++)
			versions[path] += carried(client, path, version) > 0;
	*evidence = g_strdup_printf("packets were carried by %u version%s over the first path, by "
				    "%u over the second",
				    versions[0], versions[0] == 1 ? "" : "s", versions[1]);
	return versions[0] && versions[1] && (versions[0] == 1 || versions[1] == 1) ? LU_PASS
										    : LU_FAIL;
}

static enum lu_verdict judge_flows(void *data, char **evidence)
{
	struct packet_client *client = data;

	*evidence = client->restarts ? g_strdup_printf("the service began new flows, %u times",
						       client->restarts)
				     : g_strdup("the flows are those of the start");
	return client->restarts ? LU_FAIL : LU_PASS;
}

const struct lu_oracle lu_packet_oracles[] = {
	{"order", "each reply answers its request", false, judge_order},
	{"packets", "every packet comes once, as it was sent; at the end none is left", false,
	 judge_packets},
	{"sequence", "the packets of a flow come in the order of sending", false, judge_sequence},
	{"other", "one instance at least was carried by one version throughout", false,
	 judge_other},
	{"flows", "the flows are not begun anew", true, judge_flows},
	{NULL},
};
