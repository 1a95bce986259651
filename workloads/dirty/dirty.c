/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dirty: a service that writes a set of memory of a given size at a given rate and pattern, after
 * QEMU's guestperf, and answers a heartbeat (docs/reference/workloads.md). Which block is written
 * when follows from the number of writes alone, so the client can derive the expected contents of
 * all memory from that number. A service that starts over begins a new epoch, as with tick.
 */
#include <inttypes.h>
#include <string.h>
#include "workloads/kit/argv.h"
#include "workloads/dirty/service.h"
#include "workloads/dirty/memory.h"
#include "workloads/kit/tick.h"
#include "model/workload.h"
#include "workloads/dirty/beat.h"
#include "workloads/dirty/rate.h"

#define SECOND_NS G_GINT64_CONSTANT(1000000000)
#define MEGABYTE  1e6

struct dirty_conn {
	struct beat last;
	uint64_t epoch;
	bool reopened;
};

struct dirty_client {
	const json_t *params;
	struct dirty_conn *conns;
	struct beat last; /* the latest of this epoch */
	struct rate rate;
	GByteArray *seen; /* beat numbers of this epoch that a reply carried */
	uint64_t epoch, sent, answered, epoch_answered, uncertain;
	uint64_t wrong_id, malformed, backwards;
	uint64_t corrupt, stale; /* of epochs that are over */
	char *restart;		 /* what was lost when the service started over */
	bool audited;
	struct beat audit;
	uint64_t audit_hash;
};

static const char *const patterns[] = {"sequential", "random", "hot-cold", NULL};

static const struct lu_param dirty_params[] = {
	{"dirty_mb", LU_PARAM_INT, "64", 1, 16384, NULL, "size of the set that is written, MiB"},
	{"dirty_mb_per_s", LU_PARAM_INT, "20", 0, 100000, NULL,
	 "rate at which it is written, 10^6 bytes per second"},
	{"pattern", LU_PARAM_CHOICE, "sequential", 0, 0, patterns,
	 "order of its blocks of 4 KiB; hot-cold: 90 % of the writes go to a tenth of the set"},
	{NULL},
};

static char **dirty_argv(const json_t *params)
{
	static const char *const words[] = {"/usr/bin/dirty", "--port", "7008", NULL};
	static const char *const names[] = {"dirty_mb", "dirty_mb_per_s", "pattern", NULL};

	return lu_argv_of(params, words, names);
}

/* The set, a count of four bytes for each of its blocks, the program. */
static uint64_t dirty_state_bytes(const json_t *params)
{
	uint64_t set = (uint64_t)lu_param_int(params, "dirty_mb") << 20;

	return set + set / 1024 + (1 << 20);
}

static void dirty_writes(const json_t *params, double *bytes_s, double *set_bytes)
{
	*bytes_s = (double)lu_param_int(params, "dirty_mb_per_s") * MEGABYTE;
	*set_bytes = (double)((uint64_t)lu_param_int(params, "dirty_mb") << 20);
}

static void *dirty_client_new(const json_t *params, uint64_t seed, unsigned connections)
{
	struct dirty_client *client = g_new0(struct dirty_client, 1);

	client->params = params;
	client->conns = g_new0(struct dirty_conn, connections);
	client->seen = g_byte_array_new();
	return client;
}

static void dirty_client_free(void *data)
{
	struct dirty_client *client = data;

	g_byte_array_unref(client->seen);
	g_free(client->restart);
	g_free(client->conns);
	g_free(client);
}

static void dirty_request(void *data, uint64_t id, unsigned conn, GByteArray *out)
{
	struct dirty_client *client = data;
	g_autofree char *line = g_strdup_printf("D %" PRIu64 "\n", id);

	client->sent++;
	g_byte_array_append(out, (const guint8 *)line, (guint)strlen(line));
}

static bool was_seen(const struct dirty_client *client, uint64_t number)
{
	return number < client->seen->len && client->seen->data[number];
}

static void see(struct dirty_client *client, uint64_t number)
{
	guint old = client->seen->len;

	if (old <= number) {
		g_byte_array_set_size(client->seen, (guint)number + 1);
		memset(client->seen->data + old, 0, client->seen->len - old);
	}
	client->seen->data[number] = 1;
}

/* A new connection whose first reply carries a number that was used before leads to a service that
 * started over. Only the first such connection is recorded. */
static void note_restart(struct dirty_client *client, const struct dirty_conn *c,
			 const struct beat *beat)
{
	if (!c->reopened || c->epoch != client->epoch || !was_seen(client, beat->requests))
		return;
	g_free(client->restart);
	client->restart = g_strdup_printf("the service started over: %" PRIu64 " beats and %" PRIu64
					  " writes before, %" PRIu64 " and %" PRIu64 " after",
					  client->last.requests, client->last.writes,
					  beat->requests, beat->writes);
	dirty_rate_end_epoch(&client->rate);
	client->corrupt += client->last.corrupt;
	client->stale += client->last.stale;
	client->last = (struct beat){0};
	g_byte_array_set_size(client->seen, 0);
	client->epoch++;
	client->epoch_answered = 0;
}

static const char *check_beat(struct dirty_client *client, struct dirty_conn *c,
			      const struct beat *beat)
{
	/* Each request is one beat, so there can be no higher number. */
	if (beat->requests > client->sent) {
		client->backwards++;
		return "more beats counted than requests sent";
	}
	note_restart(client, c, beat);
	if (!client->last.requests)
		dirty_rate_begin(&client->rate, beat);
	c->reopened = false;
	c->epoch = client->epoch;
	if (!dirty_beat_goes_on(&c->last, beat) || was_seen(client, beat->requests)) {
		client->backwards++;
		return "a count went backwards";
	}
	see(client, beat->requests);
	c->last = *beat;
	/* Replies of two connections may overtake each other on their way. */
	if (beat->requests > client->last.requests) {
		client->last = *beat;
		dirty_rate_follow(&client->rate, beat);
	}
	return beat->corrupt || beat->stale ? "memory differs from what was written" : NULL;
}

static ssize_t dirty_reply(void *data, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
			   struct lu_reply *reply)
{
	struct dirty_client *client = data;
	uint64_t answered_id;
	struct beat beat;
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (!line)
		return n;
	if (!dirty_beat_parse(line, &answered_id, &beat, &reply->version)) {
		client->malformed++;
		return -1;
	}
	client->wrong_id += answered_id != id;
	reply->why = answered_id != id ? "reply to another request"
				       : check_beat(client, &client->conns[conn], &beat);
	reply->ok = !reply->why;
	client->answered++;
	client->epoch_answered++;
	return n;
}

static void dirty_lost(void *data, uint64_t id, unsigned conn)
{
	struct dirty_client *client = data;

	client->uncertain++;
}

static void dirty_reconnected(void *data, unsigned conn)
{
	struct dirty_client *client = data;

	client->conns[conn] = (struct dirty_conn){.epoch = client->epoch, .reopened = true};
}

static void audit_request(void *data, uint64_t i, GByteArray *out)
{
	g_byte_array_append(out, (const guint8 *)"A\n", 2);
}

static ssize_t audit_reply(void *data, uint64_t i, const uint8_t *buf, size_t len)
{
	struct dirty_client *client = data;
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (!line)
		return n;
	if (!dirty_beat_parse_audit(line, &client->audit, &client->audit_hash))
		return -1;
	client->audited = true;
	return n;
}

static bool dirty_audit(void *data, struct lu_exchange *exchange)
{
	struct dirty_client *client = data;

	*exchange = (struct lu_exchange){
		.count = 1,
		.window = 1,
		/* an emulated guest reads memory at some ten MB/s in the worst case */
		.timeout_ns = (60 + lu_param_int(client->params, "dirty_mb") / 8) * SECOND_NS,
		.data = data,
		.request = audit_request,
		.reply = audit_reply,
	};
	return true;
}

static enum lu_verdict judge_order(void *data, char **evidence)
{
	struct dirty_client *client = data;
	uint64_t wrong = client->wrong_id + client->malformed + client->backwards;

	*evidence = g_strdup_printf("%" PRIu64 " replies; %" PRIu64 " to another request, %" PRIu64
				    " with a count that went backwards, %" PRIu64 " malformed",
				    client->answered, client->wrong_id, client->backwards,
				    client->malformed);
	return wrong || !client->answered ? LU_FAIL : LU_PASS;
}

/* The hash after so many writes, computed without asking the service. */
static uint64_t expected_hash(const struct dirty_client *client)
{
	struct lu_dirty *dirty = lu_dirty_new(client->params);
	uint64_t hash;

	lu_dirty_advance(dirty, client->audit.writes);
	hash = lu_dirty_hash(dirty);
	lu_dirty_free(dirty);
	return hash;
}

static enum lu_verdict judge_memory(void *data, char **evidence)
{
	struct dirty_client *client = data;
	const struct beat *audit = &client->audit;
	uint64_t corrupt = client->corrupt + audit->corrupt, stale = client->stale + audit->stale;
	bool same;

	if (!client->audited) {
		*evidence = g_strdup("the memory could not be read back");
		return LU_FAIL;
	}
	same = client->audit_hash == expected_hash(client);
	*evidence =
		g_strdup_printf("%" PRId64 " MiB read back after %" PRIu64 " writes: %" PRIu64
				" blocks damaged, %" PRIu64 " older than their last write, hash %s",
				lu_param_int(client->params, "dirty_mb"), audit->writes, corrupt,
				stale, same ? "as expected" : "differs");
	return same && !corrupt && !stale ? LU_PASS : LU_FAIL;
}

static enum lu_verdict judge_state(void *data, char **evidence)
{
	struct dirty_client *client = data;
	const struct beat *audit = &client->audit;
	bool requests_fit = audit->requests >= client->epoch_answered &&
			    audit->requests <= client->epoch_answered + client->uncertain;
	bool writes_fit = audit->writes >= client->last.writes;

	if (client->restart) {
		*evidence = g_strdup(client->restart);
		return LU_FAIL;
	}
	*evidence = g_strdup_printf("%" PRIu64 " beats counted at the end, %" PRIu64
				    " replies and %" PRIu64 " of unknown fate; %" PRIu64
				    " writes, %" PRIu64 " at the last reply",
				    audit->requests, client->epoch_answered, client->uncertain,
				    audit->writes, client->last.writes);
	return client->audited && requests_fit && writes_fit ? LU_PASS : LU_FAIL;
}

static const struct lu_oracle dirty_oracles[] = {
	{"order", "each reply answers its request, and no count goes backwards on a connection",
	 false, judge_order},
	{"memory", "every block holds its last write: none damaged, none older", false,
	 judge_memory},
	{"state", "the counts of beats and writes continued", true, judge_state},
	{NULL},
};

static json_t *dirty_report(void *data)
{
	struct dirty_client *client = data;

	return dirty_rate_report(&client->rate, lu_param_int(client->params, "dirty_mb_per_s"));
}

const struct lu_workload lu_workload_dirty = {
	.name = "dirty",
	.summary = "writes a set of memory at a given rate and pattern, and proves that no write "
		   "is lost",
	.params = dirty_params,
	.program = "dirty",
	.port = 7008,
	.argv = dirty_argv,
	.state_bytes = dirty_state_bytes,
	.writes = dirty_writes,
	.client_new = dirty_client_new,
	.client_free = dirty_client_free,
	.request = dirty_request,
	.reply = dirty_reply,
	.lost = dirty_lost,
	.reconnected = dirty_reconnected,
	.audit = dirty_audit,
	.report = dirty_report,
	.oracles = dirty_oracles,
	.model = &lu_dirty_service_model,
};
