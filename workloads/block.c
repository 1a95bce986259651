/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * block: verified I/O on two RAM disks whose implementation can be swapped (docs/hotswap.md). The
 * service does the I/O and compares every block it reads with what it last wrote there; the client
 * asks for operations and holds the service's counts against each other.
 */
#include <inttypes.h>
#include <string.h>
#include "iface/argv.h"
#include "iface/block-service.h"
#include "iface/tick.h"
#include "iface/workload.h"

#define AUDIT_TIMEOUT (60 * G_GINT64_CONSTANT(1000000000))

struct block_conn {
	unsigned restarts; /* of the service, when it was opened */
	uint64_t floor;	   /* its requests, then */
	bool reopened;	   /* and has no reply yet */
};

struct block_client {
	struct block_conn *conns;
	const json_t *params;
	struct lu_block_word last; /* the highest counts */
	uint64_t sent, answered, malformed, wrong_id;
	uint64_t before_ops; /* of services that are no more */
	uint64_t bad;	     /* the same */
	unsigned restarts;
	GHashTable *versions; /* set of "v1 v2": of both disks */
	bool audited;
	struct lu_block_word audit;
};

static const char *const spoils[] = {"none", "change", "answer", NULL};

static const struct lu_param block_params[] = {
	{"size_mb", LU_PARAM_INT, "8", 1, 512, NULL, "size of each of the two disks, MiB"},
	{"ops", LU_PARAM_INT, "16", 1, 65536, NULL, "block operations that each request makes"},
	{"threads", LU_PARAM_INT, "1", 0, 16, NULL,
	 "callers for each disk that go on beside the requests"},
	{"pace_us", LU_PARAM_INT, "2000", 0, 999999, NULL,
	 "what these wait after every 32 operations, us"},
	{"residency_us", LU_PARAM_INT, "0", 0, 10000000, NULL,
	 "how long a lingering write sleeps inside the driver's code, us; 0: none does"},
	{"residency_every", LU_PARAM_INT, "64", 1, 1000000, NULL,
	 "which writes linger: every so many"},
	{"spoil", LU_PARAM_CHOICE, "none", 0, 0, spoils,
	 "what the service does wrong once, after the first move, to see it told"},
	{NULL},
};

static const char *const block_kmods[] = {"lu_swap", "lu_block_image", "lu_block_v1", "lu_block",
					  NULL};

static const struct lu_component block_component = {
	.name = "block",
	.instances = {"lublk0", "lublk1"},
	.versions = {"v1", "v2", "v3"},
	.patches = {"fix", "crc"},
	.devices = true,
};

static char *block_kmod_params(const json_t *params, const char *kmod)
{
	if (g_str_equal(kmod, "lu_block"))
		return g_strdup_printf("size_mb=%" PRId64, lu_param_int(params, "size_mb"));
	if (g_str_equal(kmod, "lu_block_image"))
		return g_strdup_printf("residency_us=%" PRId64 " residency_every=%" PRId64,
				       lu_param_int(params, "residency_us"),
				       lu_param_int(params, "residency_every"));
	return NULL;
}

static char **block_argv(const json_t *params)
{
	static const char *const words[] = {"/usr/bin/blockio",	  "--port", "7009", "--state-file",
					    "/run/blockio.state", NULL};
	static const char *const names[] = {"ops", "threads", "pace_us", "spoil", NULL};

	return lu_argv_of(params, words, names);
}

static uint64_t block_state_bytes(const json_t *params)
{
	return ((uint64_t)lu_param_int(params, "size_mb") << 21) + (1 << 20);
}

static void *block_client_new(const json_t *params, uint64_t seed, unsigned connections)
{
	struct block_client *client = g_new0(struct block_client, 1);

	client->params = params;
	client->conns = g_new0(struct block_conn, connections);
	client->versions = g_hash_table_new(g_str_hash, g_str_equal);
	return client;
}

static void block_client_free(void *data)
{
	struct block_client *client = data;

	g_hash_table_unref(client->versions);
	g_free(client->conns);
	g_free(client);
}

static void block_request(void *data, uint64_t id, unsigned conn, GByteArray *out)
{
	struct block_client *client = data;
	g_autofree char *line = g_strdup_printf("B %" PRIu64 "\n", id);

	client->sent++;
	g_byte_array_append(out, (const guint8 *)line, (guint)strlen(line));
}

static uint64_t bad(const struct lu_block_word *word)
{
	return word->errors + word->stale + word->wrong;
}

/* A new connection whose first reply counts fewer requests than were answered before it was opened
 * leads to another service. Only the first such connection tells. */
static void note_restart(struct block_client *client, unsigned conn,
			 const struct lu_block_word *word)
{
	struct block_conn *c = &client->conns[conn];
	bool told = c->reopened && c->restarts == client->restarts && word->requests <= c->floor;

	c->reopened = false;
	if (!told)
		return;
	client->restarts++;
	client->before_ops += client->last.ops;
	client->bad += bad(&client->last);
	client->last = *word;
}

/* Replies on different connections overtake each other; the highest counts are the latest. */
static void note_word(struct block_client *client, unsigned conn, const struct lu_block_word *word)
{
	g_autofree char *versions = g_strdup_printf("%s %s", word->version[0], word->version[1]);

	g_hash_table_add(client->versions, (gpointer)g_intern_string(versions));
	note_restart(client, conn, word);
	if (word->requests >= client->last.requests)
		client->last = *word;
}

static void block_reconnected(void *data, unsigned conn)
{
	struct block_client *client = data;

	client->conns[conn] = (struct block_conn){client->restarts, client->last.requests, true};
}

static ssize_t block_reply(void *data, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
			   struct lu_reply *reply)
{
	struct block_client *client = data;
	struct lu_block_word word;
	uint64_t answered;
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (!line)
		return n;
	if (!lu_block_parse_reply(line, &answered, &reply->version, &word)) {
		client->malformed++;
		return -1;
	}
	client->answered++;
	note_word(client, conn, &word);
	for (unsigned i = 0; i < LU_BLOCK_DISKS; i++)
		reply->module[i] = word.version[i];
	if (answered != id) {
		client->wrong_id++;
		reply->why = "reply to another request";
	} else if (bad(&word)) {
		reply->why = "the service read something else than it wrote";
	}
	reply->ok = !reply->why;
	return n;
}

static void block_audit_request(void *data, uint64_t i, GByteArray *out)
{
	g_byte_array_append(out, (const guint8 *)"A\n", 2);
}

static ssize_t block_audit_reply(void *data, uint64_t i, const uint8_t *buf, size_t len)
{
	struct block_client *client = data;
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (!line)
		return n;
	if (!lu_block_parse_audit(line, &client->audit))
		return -1;
	client->audited = true;
	return n;
}

static bool block_audit(void *data, struct lu_exchange *exchange)
{
	*exchange = (struct lu_exchange){
		.count = 1,
		.window = 1,
		.timeout_ns = AUDIT_TIMEOUT,
		.data = data,
		.request = block_audit_request,
		.reply = block_audit_reply,
	};
	return true;
}

static json_t *block_report(void *data)
{
	struct block_client *client = data;
	json_t *versions = json_array();
	GHashTableIter iter;
	gpointer key;

	g_hash_table_iter_init(&iter, client->versions);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		json_array_append_new(versions, json_string(key));
	return json_pack("{s:I, s:I, s:o}", "block_operations",
			 (json_int_t)client->before_ops + (json_int_t)client->audit.ops,
			 "longest_call_ns", (json_int_t)client->audit.slow_ns, "versions_seen",
			 versions);
}

static enum lu_verdict judge_order(void *data, char **evidence)
{
	struct block_client *client = data;

	*evidence = g_strdup_printf("%" PRIu64 " replies; %" PRIu64 " to another request, %" PRIu64
				    " malformed",
				    client->answered, client->wrong_id, client->malformed);
	return client->wrong_id || client->malformed || !client->answered ? LU_FAIL : LU_PASS;
}

static enum lu_verdict judge_blocks(void *data, char **evidence)
{
	struct block_client *client = data;
	const struct lu_block_word *end = client->audited ? &client->audit : &client->last;

	*evidence = g_strdup_printf(
		"%" PRIu64 " operations; %" PRIu64 " errors, %" PRIu64
		" blocks as they were earlier, %" PRIu64 " with other contents, %" PRIu64
		" bad before a restart; at the end %s",
		client->before_ops + end->ops, end->errors, end->stale, end->wrong, client->bad,
		client->audited ? "read back whole" : "not read back");
	return !client->audited || !end->ops || bad(end) || client->bad ? LU_FAIL : LU_PASS;
}

static enum lu_verdict judge_disks(void *data, char **evidence)
{
	struct block_client *client = data;

	*evidence = client->restarts ? g_strdup_printf("the service started over on empty disks, "
						       "%u times",
						       client->restarts)
				     : g_strdup("the service and its disks are those of the start");
	return client->restarts ? LU_FAIL : LU_PASS;
}

static const struct lu_oracle block_oracles[] = {
	{"order", "each reply answers its request", false, judge_order},
	{"blocks", "every block read is what was last written there; at the end all are read back",
	 false, judge_blocks},
	{"disks", "the disks are not replaced by empty ones", true, judge_disks},
	{NULL},
};

const struct lu_workload lu_workload_block = {
	.name = "block",
	.summary = "verified block I/O on two RAM disks with a swappable driver",
	.params = block_params,
	.program = "blockio",
	.port = 7009,
	.argv = block_argv,
	.kmods = block_kmods,
	.kmod_params = block_kmod_params,
	.component = &block_component,
	.saves = true,
	.state_bytes = block_state_bytes,
	.client_new = block_client_new,
	.client_free = block_client_free,
	.request = block_request,
	.reply = block_reply,
	.reconnected = block_reconnected,
	.audit = block_audit,
	.report = block_report,
	.oracles = block_oracles,
	.model = &lu_block_service_model,
};
