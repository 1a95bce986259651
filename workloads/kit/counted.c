/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client of services that count their own findings. */
#include "workloads/kit/counted.h"
#include <inttypes.h>
#include <string.h>
#include "workloads/kit/counted-word.h"
#include "workloads/kit/tick.h"

#define AUDIT_TIMEOUT (60 * G_GINT64_CONSTANT(1000000000))

struct conn {
	unsigned restarts; /* of the service, when the connection was opened */
	uint64_t floor;	   /* the service's requests at that time */
	bool reopened;	   /* and has no reply yet */
};

struct client {
	const struct lu_counted *what;
	struct conn *conns;
	struct lu_counted_word last;	  /* the highest counts */
	uint64_t before[LU_COUNTED_MOST]; /* of earlier services */
	uint64_t answered, malformed, wrong_id;
	unsigned restarts;
	GHashTable *versions; /* set of "v1 v2": of both instances */
	bool audited;
	struct lu_counted_word audit;
};

void *lu_counted_client_new(const struct lu_counted *what, unsigned connections)
{
	struct client *client = g_new0(struct client, 1);

	client->what = what;
	client->conns = g_new0(struct conn, connections);
	client->versions = g_hash_table_new(g_str_hash, g_str_equal);
	return client;
}

void lu_counted_client_free(void *data)
{
	struct client *client = data;

	g_hash_table_unref(client->versions);
	g_free(client->conns);
	g_free(client);
}

void lu_counted_request(void *data, uint64_t id, unsigned conn, GByteArray *out)
{
	struct client *client = data;
	g_autofree char *line = g_strdup_printf("%c %" PRIu64 "\n", client->what->letter, id);

	g_byte_array_append(out, (const guint8 *)line, (guint)strlen(line));
}

/* A new connection whose first reply counts fewer requests than were answered before it was opened
 * leads to another service. Only the first such connection is recorded. */
static void note_restart(struct client *client, unsigned conn, const struct lu_counted_word *word)
{
	struct conn *c = &client->conns[conn];
	bool told = c->reopened && c->restarts == client->restarts && word->counts[0] <= c->floor;

	c->reopened = false;
	if (!told)
		return;
	client->restarts++;
	for (size_t i = 0; i < LU_COUNTED_MOST; i++)
		client->before[i] += client->last.counts[i];
	client->last = *word;
}

/* Replies on different connections overtake each other; the highest counts are the latest. */
static void note_word(struct client *client, unsigned conn, const struct lu_counted_word *word)
{
	g_autofree char *versions = g_strjoinv(" ", (char **)word->version);

	g_hash_table_add(client->versions, (gpointer)g_intern_string(versions));
	note_restart(client, conn, word);
	if (word->counts[0] >= client->last.counts[0])
		client->last = *word;
}

void lu_counted_reconnected(void *data, unsigned conn)
{
	struct client *client = data;

	client->conns[conn] = (struct conn){client->restarts, client->last.counts[0], true};
}

static bool is_clean(const struct lu_counted *what, const struct lu_counted_word *word)
{
	for (size_t i = 0; what->counts[i].name; i++)
		if (what->counts[i].oracle && word->counts[i])
			return false;
	return true;
}

ssize_t lu_counted_reply(void *data, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
			 struct lu_reply *reply)
{
	struct client *client = data;
	struct lu_counted_word word;
	uint64_t answered;
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (!line)
		return n;
	if (!lu_counted_parse_reply(client->what, line, &answered, &reply->version, &word)) {
		client->malformed++;
		return -1;
	}
	client->answered++;
	memcpy(reply->module, word.version, sizeof(reply->module));
	note_word(client, conn, &word);
	if (answered != id) {
		client->wrong_id++;
		reply->why = "reply to another request";
	} else if (!is_clean(client->what, &word)) {
		reply->why = client->what->why;
	}
	reply->ok = !reply->why;
	return n;
}

static void audit_request(void *data, uint64_t i, GByteArray *out)
{
	g_byte_array_append(out, (const guint8 *)"A\n", 2);
}

static ssize_t audit_reply(void *data, uint64_t i, const uint8_t *buf, size_t len)
{
	struct client *client = data;
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (!line)
		return n;
	if (!lu_counted_parse_audit(client->what, line, &client->audit))
		return -1;
	client->audited = true;
	return n;
}

bool lu_counted_audit(void *data, struct lu_exchange *exchange)
{
	*exchange = (struct lu_exchange){
		.count = 1,
		.window = 1,
		.timeout_ns = AUDIT_TIMEOUT,
		.data = data,
		.request = audit_request,
		.reply = audit_reply,
	};
	return true;
}

/* Of the present service and all before it. */
static uint64_t total(const struct client *client, size_t i)
{
	const struct lu_counted_word *end = client->audited ? &client->audit : &client->last;

	return client->before[i] + end->counts[i];
}

json_t *lu_counted_report(void *data)
{
	struct client *client = data;
	json_t *report = json_object(), *versions = json_array();
	GHashTableIter iter;
	gpointer key;

	for (size_t i = 0; client->what->counts[i].name; i++)
		if (!client->what->counts[i].oracle)
			json_object_set_new(report, client->what->counts[i].name,
					    json_integer((json_int_t)total(client, i)));
	g_hash_table_iter_init(&iter, client->versions);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		json_array_append_new(versions, json_string(key));
	json_object_set_new(report, "versions_seen", versions);
	return report;
}

enum lu_verdict lu_counted_judge(void *data, const char *oracle, char **evidence)
{
	struct client *client = data;
	g_autoptr(GString) said = g_string_new(client->audited ? "" : "not audited; ");
	bool ok = client->audited && client->audit.counts[0];

	for (size_t i = 0; client->what->counts[i].name; i++) {
		const struct lu_count *count = &client->what->counts[i];

		if (g_strcmp0(count->oracle, oracle))
			continue;
		g_string_append_printf(said, "%" PRIu64 " %s, ", total(client, i), count->name);
		ok = ok && !total(client, i);
	}
	g_string_append_printf(said, "in %" PRIu64 " %s", total(client, 1),
			       client->what->counts[1].name);
	*evidence = g_strdup(said->str);
	return ok ? LU_PASS : LU_FAIL;
}

enum lu_verdict lu_counted_judge_order(void *data, char **evidence)
{
	struct client *client = data;

	*evidence = g_strdup_printf("%" PRIu64 " replies; %" PRIu64 " to another request, %" PRIu64
				    " malformed",
				    client->answered, client->wrong_id, client->malformed);
	return client->wrong_id || client->malformed || !client->answered ? LU_FAIL : LU_PASS;
}

enum lu_verdict lu_counted_judge_kept(void *data, char **evidence)
{
	struct client *client = data;

	*evidence = client->restarts ? g_strdup_printf("the service started over, %u times",
						       client->restarts)
				     : g_strdup("the service never started over");
	return client->restarts ? LU_FAIL : LU_PASS;
}
