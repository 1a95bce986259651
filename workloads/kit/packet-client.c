/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workloads/kit/packet-client.h"
#include <string.h>
#include "workloads/kit/tick.h"

enum { LATENCIES = LU_PACKET_PATHS * LU_PACKET_CLASSES * LU_PACKET_VERSIONS };

static const char *const classes[LU_PACKET_CLASSES] = {"thin", "bulk"};

struct packet_client {
	void *counted;
	/* the audit of the counts, which precedes that of the latencies */
	struct lu_exchange counts;
	struct lu_packet_latency latency[LU_PACKET_PATHS][LU_PACKET_CLASSES][LU_PACKET_VERSIONS];
};

/* The kernel uses about twice a packet's size for it. */
uint64_t lu_packet_state_bytes(const json_t *params)
{
	return (uint64_t)(LU_PACKET_PATHS * lu_param_int(params, "bulk") *
			  lu_param_int(params, "window") * 4096) +
	       (4 << 20);
}

void *lu_packet_client_new(const struct lu_counted *what, unsigned connections)
{
	struct packet_client *client = g_new0(struct packet_client, 1);

	client->counted = lu_counted_client_new(what, connections);
	return client;
}

void lu_packet_client_free(void *data)
{
	struct packet_client *client = data;

	lu_counted_client_free(client->counted);
	g_free(client);
}

void lu_packet_request(void *data, uint64_t id, unsigned conn, GByteArray *out)
{
	struct packet_client *client = data;

	lu_counted_request(client->counted, id, conn, out);
}

ssize_t lu_packet_reply(void *data, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
			struct lu_reply *reply)
{
	struct packet_client *client = data;

	return lu_counted_reply(client->counted, id, conn, buf, len, reply);
}

void lu_packet_reconnected(void *data, unsigned conn)
{
	struct packet_client *client = data;

	lu_counted_reconnected(client->counted, conn);
}

/* Where the audit's i-th latency goes; latencies follow the counts. */
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
	struct packet_client *client = data;
	unsigned path, class, version;
	g_autofree char *line = NULL;

	if (!i) {
		client->counts.request(client->counts.data, 0, out);
		return;
	}
	place(client, i, &path, &class, &version);
	line = g_strdup_printf("L %u %u %u\n", path, class, version);
	g_byte_array_append(out, (const guint8 *)line, (guint)strlen(line));
}

static ssize_t audit_reply(void *data, uint64_t i, const uint8_t *buf, size_t len)
{
	struct packet_client *client = data;
	struct lu_packet_latency *latency;
	unsigned path, class, version;
	g_autofree char *line = NULL;
	ssize_t n;

	if (!i)
		return client->counts.reply(client->counts.data, 0, buf, len);
	line = lu_tick_line(buf, len, &n);
	if (!line)
		return n;
	latency = place(client, i, &path, &class, &version);
	return lu_packet_parse_latency(line, path, class, version, latency) ? n : -1;
}

bool lu_packet_audit(void *data, struct lu_exchange *exchange)
{
	struct packet_client *client = data;

	lu_counted_audit(client->counted, &client->counts);
	*exchange = client->counts;
	exchange->count += LATENCIES;
	exchange->data = data;
	exchange->request = audit_request;
	exchange->reply = audit_reply;
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
	json_t *report = lu_counted_report(client->counted), *paths = json_array();

	for (unsigned path = 0; path < LU_PACKET_PATHS; path++)
		json_array_append_new(paths, report_path(client, path));
	json_object_set_new(report, "paths", paths);
	return report;
}

static enum lu_verdict judge_order(void *data, char **evidence)
{
	struct packet_client *client = data;

	return lu_counted_judge_order(client->counted, evidence);
}

static enum lu_verdict judge_packets(void *data, char **evidence)
{
	struct packet_client *client = data;

	return lu_counted_judge(client->counted, "packets", evidence);
}

static enum lu_verdict judge_sequence(void *data, char **evidence)
{
	struct packet_client *client = data;

	return lu_counted_judge(client->counted, "sequence", evidence);
}

static enum lu_verdict judge_flows(void *data, char **evidence)
{
	struct packet_client *client = data;

	return lu_counted_judge_kept(client->counted, evidence);
}

/* Whichever instance is swapped, the packets of the other must all have been
 * carried by one version. */
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

const struct lu_oracle lu_packet_oracles[] = {
	{"order", "each reply answers its request", false, judge_order},
	{"packets", "every packet arrives once and intact; at the end none is outstanding", false,
	 judge_packets},
	{"sequence", "the packets of a flow arrive in the order of sending", false, judge_sequence},
	{"other", "at least one instance kept one version throughout", false, judge_other},
	{"flows", "the flows are not restarted", true, judge_flows},
	{NULL},
};
