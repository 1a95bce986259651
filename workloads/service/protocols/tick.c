/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines, for a service that counts what it is asked since it started:
 *
 *     T ID   →  R ID COUNT [anything]
 *     A      →  A COUNT [ok | what is not as it was]
 *
 * A is asked once, at the end, and is not counted; a service that says "ok" has looked whether what
 * it holds beside the count is as it was.
 * COUNT includes the request that it answers. On one connection it always grows; at the end it is
 * that of all requests that were answered, and of those that were lost at most.
 */
#include <inttypes.h>
#include <string.h>
#include "workloads/kit/tick.h"
#include "workloads/service/protocol.h"

struct tick {
	unsigned connections;
	uint64_t *last; /* by connection: the latest count */
	bool *reopened; /* the service behind it may have started over */
	uint64_t acked, unknown, malformed, back;
	bool audited;
	uint64_t final;
	char *said; /* after the final count, NULL: nothing */
};

static void *client_new(const struct lu_protocol *protocol, const json_t *params, uint64_t seed,
			unsigned connections)
{
	struct tick *tick = g_new0(struct tick, 1);

	tick->connections = connections;
	tick->last = g_new0(uint64_t, connections);
	tick->reopened = g_new0(bool, connections);
	return tick;
}

static void client_free(void *client)
{
	struct tick *tick = client;

	g_free(tick->last);
	g_free(tick->reopened);
	g_free(tick->said);
	g_free(tick);
}

static void append_line(GByteArray *out, char *line)
{
	g_byte_array_append(out, (const guint8 *)line, (guint)strlen(line));
	g_free(line);
}

static void request(void *client, uint64_t id, unsigned conn, GByteArray *out)
{
	append_line(out, g_strdup_printf("T %" PRIu64 "\n", id));
}

/* "LETTER NUMBER NUMBER …": how many of the numbers wanted there are; the rest is free. */
static bool parse(const char *line, char letter, unsigned wanted, uint64_t *numbers)
{
	g_auto(GStrv) words = g_strsplit(line, " ", (gint)wanted + 2);

	if (g_strv_length(words) <= wanted || words[0][0] != letter || words[0][1])
		return false;
	for (unsigned i = 0; i < wanted; i++)
		if (!lu_tick_number(words[i + 1], 10, &numbers[i]))
			return false;
	return true;
}

static void counted(struct tick *tick, unsigned conn, uint64_t count, struct lu_reply *reply)
{
	reply->ok = count > tick->last[conn];
	if (!reply->ok && tick->reopened[conn])
		reply->ok = true; /* the audit shows what was lost */
	if (!reply->ok) {
		tick->back++;
		reply->why = "the count went back";
	}
	tick->reopened[conn] = false;
	tick->last[conn] = count;
	tick->acked++;
}

static ssize_t reply_to(void *client, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
			struct lu_reply *reply)
{
	struct tick *tick = client;
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);
	uint64_t numbers[2];

	if (n == 0)
		return 0;
	if (n < 0 || !parse(line, 'R', 2, numbers) || numbers[0] != id) {
		tick->malformed++;
		return -1;
	}
	counted(tick, conn, numbers[1], reply);
	return n;
}

static void lost(void *client, uint64_t id, unsigned conn)
{
	struct tick *tick = client;

	tick->unknown++;
}

static void reconnected(void *client, unsigned conn)
{
	struct tick *tick = client;

	tick->reopened[conn] = true;
}

/* A count of its own has no other before it. */
static void churn(void *client, unsigned count)
{
	struct tick *tick = client;
	unsigned all = tick->connections + count;

	tick->last = g_renew(uint64_t, tick->last, all);
	tick->reopened = g_renew(bool, tick->reopened, all);
	memset(tick->last + tick->connections, 0, count * sizeof(*tick->last));
	memset(tick->reopened + tick->connections, 0, count * sizeof(*tick->reopened));
}

static void audit_request(void *data, uint64_t i, GByteArray *out)
{
	append_line(out, g_strdup("A\n"));
}

/* What is said after "A COUNT". */
static void take_finding(struct tick *tick, const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 3);

	g_free(tick->said);
	tick->said = g_strv_length(words) == 3 ? g_strescape(words[2], NULL) : NULL;
}

static ssize_t audit_reply(void *data, uint64_t i, const uint8_t *buf, size_t len)
{
	struct tick *tick = data;
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (n == 0)
		return 0;
	if (n < 0 || !parse(line, 'A', 1, &tick->final))
		return -1;
	tick->audited = true;
	take_finding(tick, line);
	return n;
}

static bool audit(void *client, struct lu_exchange *exchange)
{
	*exchange = (struct lu_exchange){
		.count = 1,
		.window = 1,
		.timeout_ns = 60 * G_GINT64_CONSTANT(1000000000),
		.data = client,
		.request = audit_request,
		.reply = audit_reply,
	};
	return true;
}

static enum lu_verdict judge_writes(void *client, char **evidence)
{
	const struct tick *tick = client;
	bool whole = tick->audited && tick->final >= tick->acked &&
		     tick->final - tick->acked <= tick->unknown;

	*evidence = tick->audited
			    ? g_strdup_printf("the service counts %" PRIu64 " requests, %" PRIu64
					      " were answered and %" PRIu64 " lost",
					      tick->final, tick->acked, tick->unknown)
			    : g_strdup("the count could not be read back");
	return whole ? LU_PASS : LU_FAIL;
}

static enum lu_verdict judge_dataset(void *client, char **evidence)
{
	const struct tick *tick = client;

	if (tick->audited && !tick->said) {
		*evidence = g_strdup("the service says of nothing but its count");
		return LU_WAIVED;
	}
	*evidence = tick->said
			    ? g_strdup_printf("the service says of what it holds: %s", tick->said)
			    : g_strdup("the service could not be asked");
	return tick->said && g_str_equal(tick->said, "ok") ? LU_PASS : LU_FAIL;
}

static enum lu_verdict judge_replies(void *client, char **evidence)
{
	const struct tick *tick = client;

	*evidence = g_strdup_printf("%" PRIu64 " replies, %" PRIu64 " malformed, %" PRIu64
				    " counts that went back",
				    tick->acked, tick->malformed, tick->back);
	return tick->acked && !tick->malformed && !tick->back ? LU_PASS : LU_FAIL;
}

static void *service_new(const struct lu_protocol *protocol, const json_t *params)
{
	return g_new0(uint64_t, 1);
}

static size_t serve(void *service, const uint8_t *buf, size_t len, unsigned conn,
		    const char *release, GByteArray *out)
{
	uint64_t *count = service, id;
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (n == 0)
		return 0;
	if (line && g_str_equal(line, "A"))
		append_line(out, g_strdup_printf("A %" PRIu64 "\n", *count));
	else if (line && parse(line, 'T', 1, &id))
		append_line(out, g_strdup_printf("R %" PRIu64 " %" PRIu64 "\n", id, ++*count));
	else
		append_line(out, g_strdup("E\n"));
	return n > 0 ? (size_t)n : len;
}

static bool damage(void *service, const char *kind)
{
	uint64_t *count = service;

	if (g_str_equal(kind, "reset-counter"))
		*count = 0;
	else if (g_str_equal(kind, "lose-write") && *count)
		--*count;
	else
		return false;
	return true;
}

const struct lu_protocol lu_protocol_tick = {
	.name = "tick",
	.summary = "lines with a count: T ID, answered by R ID COUNT",
	.client_new = client_new,
	.client_free = client_free,
	.request = request,
	.reply = reply_to,
	.lost = lost,
	.reconnected = reconnected,
	.churn = churn,
	.audit = audit,
	.judge_writes = judge_writes,
	.judge_dataset = judge_dataset,
	.judge_replies = judge_replies,
	.service_new = service_new,
	.service_free = g_free,
	.serve = serve,
	.damage = damage,
};
