/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tick: a heartbeat service whose every reply proves counter, connection and state
 * (docs/reference/tick-protocol.md). The client keeps its own copy of all three. A service that
 * starts over (its counter falls on a new connection) begins a new epoch: from there its replies
 * are correct again, and the oracle "state" reports what was lost.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include "workloads/tick/service.h"
#include "workloads/kit/tick.h"
#include "model/workload.h"

#define AUDIT_TIMEOUT (60 * G_GINT64_CONSTANT(1000000000))

struct tick_conn {
	uint64_t hash;	       /* over the lines sent on it */
	uint64_t last_counter; /* of its last reply */
	uint64_t epoch;	       /* in which the connection was opened */
	bool reopened;	       /* and has no reply yet */
};

struct tick_client {
	const json_t *params;
	uint64_t seed;
	struct tick_conn *conns;
	unsigned connections;
	GHashTable *expected;	     /* id → connhash (uint64_t *) of unanswered requests */
	struct lu_tick_state *state; /* the service's state, as far as known from the replies */
	GArray *hashes;		     /* uint64_t by counter of this epoch */
	GByteArray *seen;	     /* counters of this epoch that a reply carried */
	uint64_t epoch, sent, answered, epoch_answered, uncertain;
	uint64_t wrong_id, wrong_conn, wrong_counter, wrong_state, malformed;
	char *restart; /* what was lost when the service started over */
	bool audited;
	uint64_t audit_counter, audit_hash, audit_full;
};

static const struct lu_param tick_params[] = {
	{"state_mb", LU_PARAM_INT, "4", 1, 65536, NULL, "size of the service's state, MiB"},
	{"dirty_bytes", LU_PARAM_INT, "8", 8, 1048576, NULL,
	 "bytes of state that each request rewrites"},
	{"payload_bytes", LU_PARAM_INT, "32", 1, 900, NULL, "bytes of payload in each request"},
	{"undumpable", LU_PARAM_BOOL, "off", 0, 0, NULL,
	 "hold a resource that CRIU cannot dump, to test refusals"},
	{NULL},
};

static char **tick_argv(const json_t *params)
{
	g_autoptr(GStrvBuilder) argv = g_strv_builder_new();
	g_autofree char *mb = g_strdup_printf("%" PRId64, lu_param_int(params, "state_mb"));
	g_autofree char *dirty = g_strdup_printf("%" PRId64, lu_param_int(params, "dirty_bytes"));

	g_strv_builder_add_many(argv, "/usr/bin/tick", "--port", "7007", "--seed",
				G_STRINGIFY(LU_TICK_SEED), "--state-mb", mb, "--dirty-bytes", dirty,
				NULL);
	if (lu_param_bool(params, "undumpable"))
		g_strv_builder_add(argv, "--undumpable");
	return g_strv_builder_end(argv);
}

static char **tick_saving(const char *file)
{
	const char *const words[] = {"--state-file", file, NULL};

	return g_strdupv((char **)words);
}

static uint64_t tick_state_bytes(const json_t *params)
{
	return ((uint64_t)lu_param_int(params, "state_mb") << 20) + (1 << 20);
}

static void begin_epoch(struct tick_client *client)
{
	lu_tick_state_free(client->state);
	client->state = lu_tick_state_of(client->params);
	g_array_set_size(client->hashes, 0);
	g_array_append_val(client->hashes, client->state->hash);
	g_byte_array_set_size(client->seen, 0);
	client->epoch++;
	client->epoch_answered = 0;
}

static void *tick_client_new(const json_t *params, uint64_t seed, unsigned connections)
{
	struct tick_client *client = g_new0(struct tick_client, 1);

	client->params = params;
	client->seed = seed;
	client->conns = g_new0(struct tick_conn, connections);
	client->connections = connections;
	client->expected = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	client->hashes = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	client->seen = g_byte_array_new();
	begin_epoch(client);
	for (unsigned c = 0; c < connections; c++)
		client->conns[c] = (struct tick_conn){.hash = LU_TICK_FNV, .epoch = client->epoch};
	return client;
}

static void tick_client_free(void *data)
{
	struct tick_client *client = data;

	lu_tick_state_free(client->state);
	g_hash_table_unref(client->expected);
	g_array_unref(client->hashes);
	g_byte_array_unref(client->seen);
	g_free(client->restart);
	g_free(client->conns);
	g_free(client);
}

/* A pure function of seed and id, so that a request can be repeated from the plan alone. */
static void append_payload(GString *line, uint64_t seed, uint64_t id, int64_t bytes)
{
	uint64_t hash = lu_tick_fnv(LU_TICK_FNV ^ seed, &id, sizeof(id));

	for (int64_t i = 0; i < bytes; i++) {
		hash = lu_tick_fnv(hash, &i, 1);
		g_string_append_c(line, (char)(0x21 + (hash >> 32) % 94));
	}
}

static void tick_request(void *data, uint64_t id, unsigned conn, GByteArray *out)
{
	struct tick_client *client = data;
	struct tick_conn *c = &client->conns[conn];
	g_autoptr(GString) line = g_string_new(NULL);

	g_string_printf(line, "T %" PRIu64 " ", id);
	append_payload(line, client->seed, id, lu_param_int(client->params, "payload_bytes"));
	g_string_append_c(line, '\n');
	c->hash = lu_tick_fnv(c->hash, line->str, line->len);
	g_hash_table_insert(client->expected, g_memdup2(&id, sizeof(id)),
			    g_memdup2(&c->hash, sizeof(c->hash)));
	client->sent++;
	g_byte_array_append(out, (const guint8 *)line->str, (guint)line->len);
}

struct tick_reply {
	uint64_t id, counter, connhash, statehash;
	const char *release, *app;
};

static bool parse_reply(const char *line, struct tick_reply *reply)
{
	g_auto(GStrv) word = g_strsplit(line, " ", 8);

	if (g_strv_length(word) != 7 || !g_str_equal(word[0], "R") ||
	    !lu_tick_number(word[1], 10, &reply->id) ||
	    !lu_tick_number(word[2], 10, &reply->counter) ||
	    !lu_tick_number(word[4], 16, &reply->connhash) ||
	    !lu_tick_number(word[5], 16, &reply->statehash))
		return false;
	reply->release = g_intern_string(word[3]);
	reply->app = g_intern_string(word[6]);
	return true;
}

/* Advance the copy to that counter. */
static void advance(struct tick_client *client, uint64_t counter)
{
	while (client->state->counter < counter) {
		lu_tick_state_step(client->state);
		g_array_append_val(client->hashes, client->state->hash);
	}
	if (client->seen->len <= counter) {
		guint old = client->seen->len;

		g_byte_array_set_size(client->seen, (guint)counter + 1);
		memset(client->seen->data + old, 0, client->seen->len - old);
	}
}

/* A new connection whose first reply carries a counter that was used before leads to a service that
 * lost its memory. Only the first such connection is recorded; others opened in the old epoch find
 * the new one already begun. */
static void note_restart(struct tick_client *client, struct tick_conn *c, uint64_t counter)
{
	bool again = counter < client->seen->len && client->seen->data[counter];

	if (!c->reopened || c->epoch != client->epoch || !again)
		return;
	g_free(client->restart);
	client->restart = g_strdup_printf("the service started over: counter %" PRIu64
					  " before, %" PRIu64 " after",
					  client->state->counter, counter);
	begin_epoch(client);
}

static const char *check_counter(struct tick_client *client, struct tick_conn *c, uint64_t counter)
{
	if (counter == 0 || counter > client->sent) {
		client->wrong_counter++;
		return "counter beyond the requests sent";
	}
	note_restart(client, c, counter);
	c->reopened = false;
	advance(client, counter);
	if (client->seen->data[counter] || counter <= c->last_counter) {
		client->wrong_counter++;
		return "counter given twice";
	}
	client->seen->data[counter] = 1;
	c->last_counter = counter;
	return NULL;
}

static const char *check_reply(struct tick_client *client, struct tick_conn *c, uint64_t id,
			       uint64_t connhash, const struct tick_reply *reply)
{
	const char *why;

	if (reply->id != id) {
		client->wrong_id++;
		return "reply to another request";
	}
	if (reply->connhash != connhash) {
		client->wrong_conn++;
		return "connection hash differs";
	}
	why = check_counter(client, c, reply->counter);
	if (why)
		return why;
	if (reply->statehash != g_array_index(client->hashes, uint64_t, reply->counter)) {
		client->wrong_state++;
		return "state hash differs";
	}
	return NULL;
}

static ssize_t tick_reply(void *data, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
			  struct lu_reply *reply)
{
	struct tick_client *client = data;
	const uint64_t *expected = g_hash_table_lookup(client->expected, &id);
	struct tick_reply parsed;
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (!line)
		return n;
	if (!expected || !parse_reply(line, &parsed)) {
		client->malformed++;
		return -1;
	}
	reply->version = parsed.release;
	reply->app = parsed.app;
	reply->why = check_reply(client, &client->conns[conn], id, *expected, &parsed);
	client->answered++;
	client->epoch_answered++;
	reply->ok = !reply->why;
	g_hash_table_remove(client->expected, &id);
	return n;
}

static void tick_lost(void *data, uint64_t id, unsigned conn)
{
	struct tick_client *client = data;

	if (g_hash_table_remove(client->expected, &id))
		client->uncertain++;
}

static void tick_reconnected(void *data, unsigned conn)
{
	struct tick_client *client = data;

	client->conns[conn] =
		(struct tick_conn){.hash = LU_TICK_FNV, .epoch = client->epoch, .reopened = true};
}

/* reconnected() makes each ready. */
static void tick_churn(void *data, unsigned count)
{
	struct tick_client *client = data;

	client->conns = g_renew(struct tick_conn, client->conns, client->connections + count);
}

static void tick_audit_request(void *data, uint64_t i, GByteArray *out)
{
	g_byte_array_append(out, (const guint8 *)"H\n", 2);
}

static bool parse_audit(const char *line, struct tick_client *client)
{
	g_auto(GStrv) word = g_strsplit(line, " ", 5);

	return g_strv_length(word) == 4 && g_str_equal(word[0], "H") &&
	       lu_tick_number(word[1], 10, &client->audit_counter) &&
	       lu_tick_number(word[2], 16, &client->audit_hash) &&
	       lu_tick_number(word[3], 16, &client->audit_full);
}

static ssize_t tick_audit_reply(void *data, uint64_t i, const uint8_t *buf, size_t len)
{
	struct tick_client *client = data;
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (!line)
		return n;
	if (!parse_audit(line, client))
		return -1;
	client->audited = true;
	return n;
}

static bool tick_audit(void *data, struct lu_exchange *exchange)
{
	*exchange = (struct lu_exchange){
		.count = 1,
		.window = 1,
		.timeout_ns = AUDIT_TIMEOUT,
		.data = data,
		.request = tick_audit_request,
		.reply = tick_audit_reply,
	};
	return true;
}

static enum lu_verdict judge_order(void *data, char **evidence)
{
	struct tick_client *client = data;
	uint64_t wrong = client->wrong_id + client->wrong_conn + client->malformed;

	*evidence = g_strdup_printf("%" PRIu64 " replies; %" PRIu64 " to another request, %" PRIu64
				    " with a connection hash that differs, %" PRIu64 " malformed",
				    client->answered, client->wrong_id, client->wrong_conn,
				    client->malformed);
	return wrong || !client->answered ? LU_FAIL : LU_PASS;
}

/* Compares the service's final state with the copy. NULL: equal. */
static char *audit_difference(struct tick_client *client)
{
	uint64_t counter = client->audit_counter, full;

	if (!client->audited)
		return g_strdup("the state could not be read back");
	if (counter < client->epoch_answered ||
	    counter > client->epoch_answered + client->uncertain)
		return g_strdup_printf("counter %" PRIu64 " at the end, %" PRIu64
				       " replies and %" PRIu64 " requests of unknown fate",
				       counter, client->epoch_answered, client->uncertain);
	advance(client, counter);
	if (client->audit_hash != g_array_index(client->hashes, uint64_t, counter))
		return g_strdup_printf("state hash differs at counter %" PRIu64, counter);
	if (client->state->counter != counter)
		return g_strdup_printf("counter %" PRIu64
				       " at the end, but a reply carried %" PRIu64,
				       counter, client->state->counter);
	full = lu_tick_state_full(client->state);
	if (client->audit_full != full)
		return g_strdup_printf("hash over the whole memory %016" PRIx64
				       ", should be %016" PRIx64,
				       client->audit_full, full);
	return NULL;
}

static enum lu_verdict judge_state(void *data, char **evidence)
{
	struct tick_client *client = data;

	if (client->restart) {
		*evidence = g_strdup(client->restart);
		return LU_FAIL;
	}
	if (client->wrong_counter || client->wrong_state) {
		*evidence = g_strdup_printf(
			"%" PRIu64 " replies with a counter out of sequence, %" PRIu64
			" with a state hash that differs, of %" PRIu64,
			client->wrong_counter, client->wrong_state, client->answered);
		return LU_FAIL;
	}
	*evidence = audit_difference(client);
	if (*evidence)
		return LU_FAIL;
	*evidence = g_strdup_printf(
		"counter %" PRIu64 ", %" PRIu64 " MiB of state read back and equal, %" PRIu64
		" requests of unknown fate",
		client->audit_counter, client->state->words >> 17, client->uncertain);
	return LU_PASS;
}

static const struct lu_oracle tick_oracles[] = {
	{"order", "each reply answers its request, in order, and its connection's history matches",
	 false, judge_order},
	{"state", "counter, state hash and all memory are as the requests left them", true,
	 judge_state},
	{NULL},
};

const struct lu_workload lu_workload_tick = {
	.name = "tick",
	.summary = "heartbeat service: every reply proves counter, connection and state",
	.params = tick_params,
	.program = "tick",
	.port = 7007,
	.argv = tick_argv,
	.versions = lu_tick_versions,
	.saving = tick_saving,
	.state_bytes = tick_state_bytes,
	.client_new = tick_client_new,
	.client_free = tick_client_free,
	.request = tick_request,
	.reply = tick_reply,
	.lost = tick_lost,
	.reconnected = tick_reconnected,
	.churn = tick_churn,
	.audit = tick_audit,
	.oracles = tick_oracles,
	.model = &lu_tick_service_model,
};
