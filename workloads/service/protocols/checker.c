/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any protocol, as a program of the user's knows it. */
#include <inttypes.h>
#include <string.h>
#include "workloads/service/checker.h"
#include "workloads/service/protocol.h"

#define MAX_REPLY    (1u << 20)
#define MAX_COUNT    10000000
#define MAX_EVIDENCE 500

struct client {
	struct lu_checker *checker;
	uint64_t replies;
	bool audited;
	uint64_t audit_count, audit_done;
};

static void *client_new(const struct lu_protocol *protocol, const json_t *params, uint64_t seed,
			unsigned connections)
{
	const json_t *words = json_object_get(json_object_get(params, "spec"), "checker");
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	struct client *client = g_new0(struct client, 1);
	char *answer;
	json_t *word;
	size_t i;

	json_array_foreach((json_t *)words, i, word)
		g_ptr_array_add(argv, (gpointer)json_string_value(word));
	g_ptr_array_add(argv, NULL);
	client->checker = lu_checker_new((char **)argv->pdata);
	lu_checker_say(client->checker, NULL, 0, "hello 1 %" PRIu64 " %u", seed, connections);
	answer = lu_checker_answer(client->checker);
	if (answer && strcmp(answer, "ok") != 0)
		lu_checker_reject(client->checker, answer);
	return client;
}

static void client_free(void *data)
{
	struct client *client = data;

	lu_checker_free(client->checker);
	g_free(client);
}

/* "send HEX" */
static void take_bytes(struct client *client, GByteArray *out)
{
	char *answer = lu_checker_answer(client->checker), *hex;
	size_t len;

	if (!answer)
		return;
	hex = g_str_has_prefix(answer, "send ") ? answer + 5 : "x";
	len = strlen(hex);
	if (!len || len % 2 || hex[strspn(hex, "0123456789abcdefABCDEF")]) {
		lu_checker_reject(client->checker, answer);
		return;
	}
	for (size_t i = 0; i < len; i += 2) {
		uint8_t byte = (uint8_t)(g_ascii_xdigit_value(hex[i]) << 4 |
					 g_ascii_xdigit_value(hex[i + 1]));

		g_byte_array_append(out, &byte, 1);
	}
}

/* The number that follows that word, and the rest after it; false: none up to max. */
static bool take_number(char *answer, const char *word, uint64_t max, uint64_t *number, char **rest)
{
	char *end = answer + strlen(word);
	g_autofree char *text = NULL;

	if (!g_str_has_prefix(answer, word) || *end != ' ')
		return false;
	*rest = strchr(end + 1, ' ');
	text = *rest ? g_strndup(end + 1, (gsize)(*rest - end - 1)) : g_strdup(end + 1);
	*rest = *rest ? *rest + 1 : "";
	return g_ascii_string_to_unsigned(text, 10, 0, max, number, NULL);
}

/* What it says of a reply: as struct lu_workload's reply(). */
static ssize_t take_verdict(struct client *client, size_t len, bool *ok, const char **why)
{
	char *answer = lu_checker_answer(client->checker), *rest;
	uint64_t used;

	if (!answer || g_str_has_prefix(answer, "broken"))
		return -1;
	if (g_str_equal(answer, "more"))
		return len < MAX_REPLY ? 0 : -1;
	*ok = take_number(answer, "ok", len, &used, &rest);
	if ((!*ok && !take_number(answer, "wrong", len, &used, &rest)) || !used) {
		lu_checker_reject(client->checker, answer);
		return -1;
	}
	/* what is interned stays: so there are few, and short */
	if (!*ok)
		*why = g_intern_static_string("the checker says that it is wrong");
	return (ssize_t)used;
}

static void request(void *data, uint64_t id, unsigned conn, GByteArray *out)
{
	struct client *client = data;

	if (lu_checker_say(client->checker, NULL, 0, "request %" PRIu64 " %u", id, conn))
		take_bytes(client, out);
}

static ssize_t reply_to(void *data, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
			struct lu_reply *reply)
{
	struct client *client = data;
	ssize_t n;

	if (!len)
		return 0;
	if (!lu_checker_say(client->checker, buf, MIN(len, MAX_REPLY), "reply %" PRIu64 " %u", id,
			    conn))
		return -1;
	n = take_verdict(client, MIN(len, MAX_REPLY), &reply->ok, &reply->why);
	client->replies += n > 0;
	return n;
}

static void lost(void *data, uint64_t id, unsigned conn)
{
	struct client *client = data;

	lu_checker_say(client->checker, NULL, 0, "lost %" PRIu64 " %u", id, conn);
}

static void reconnected(void *data, unsigned conn)
{
	struct client *client = data;

	lu_checker_say(client->checker, NULL, 0, "reconnected %u", conn);
}

static void exchange_request(struct client *client, const char *what, uint64_t i, GByteArray *out)
{
	if (lu_checker_say(client->checker, NULL, 0, "%s-request %" PRIu64, what, i))
		take_bytes(client, out);
}

static ssize_t exchange_reply(struct client *client, const char *what, uint64_t i,
			      const uint8_t *buf, size_t len)
{
	const char *why;
	bool ok;

	if (!len)
		return 0;
	if (!lu_checker_say(client->checker, buf, MIN(len, MAX_REPLY), "%s-reply %" PRIu64, what,
			    i))
		return -1;
	return take_verdict(client, MIN(len, MAX_REPLY), &ok, &why);
}

static void populate_request(void *data, uint64_t i, GByteArray *out)
{
	exchange_request(data, "populate", i, out);
}

static ssize_t populate_reply(void *data, uint64_t i, const uint8_t *buf, size_t len)
{
	return exchange_reply(data, "populate", i, buf, len);
}

static void audit_request(void *data, uint64_t i, GByteArray *out)
{
	exchange_request(data, "audit", i, out);
}

static ssize_t audit_reply(void *data, uint64_t i, const uint8_t *buf, size_t len)
{
	struct client *client = data;
	ssize_t n = exchange_reply(client, "audit", i, buf, len);

	client->audit_done += n > 0;
	client->audited = client->audit_done == client->audit_count;
	return n;
}

/* "count N": how many requests there are of that kind. */
static bool begin(struct client *client, const char *what, struct lu_exchange *exchange)
{
	char *answer, *rest;

	*exchange = (struct lu_exchange){
		.window = 16, .timeout_ns = 600 * G_GINT64_CONSTANT(1000000000), .data = client};
	if (!lu_checker_say(client->checker, NULL, 0, "%s", what))
		return false;
	answer = lu_checker_answer(client->checker);
	if (answer && !take_number(answer, "count", MAX_COUNT, &exchange->count, &rest))
		return lu_checker_reject(client->checker, answer);
	return answer && exchange->count;
}

static bool populate(void *data, struct lu_exchange *exchange)
{
	bool any = begin(data, "populate", exchange);

	exchange->request = populate_request;
	exchange->reply = populate_reply;
	return any;
}

static bool audit(void *data, struct lu_exchange *exchange)
{
	struct client *client = data;
	bool any = begin(client, "audit", exchange);

	exchange->request = audit_request;
	exchange->reply = audit_reply;
	client->audit_count = exchange->count;
	client->audit_done = 0;
	client->audited = !any && !lu_checker_gone(client->checker);
	return any;
}

static enum lu_verdict judge(struct client *client, const char *oracle, char **evidence)
{
	static const struct {
		const char *word;
		enum lu_verdict verdict;
	} words[] = {{"pass", LU_PASS}, {"fail", LU_FAIL}, {"waived", LU_WAIVED}};
	char *answer = lu_checker_say(client->checker, NULL, 0, "judge %s", oracle)
			       ? lu_checker_answer(client->checker)
			       : NULL;

	for (size_t i = 0; answer && i < G_N_ELEMENTS(words); i++)
		if (g_str_has_prefix(answer, words[i].word)) {
			g_autofree char *text = g_strndup(answer, MAX_EVIDENCE);
			g_autofree char *valid = g_utf8_make_valid(text, -1);

			*evidence = g_strescape(valid + strlen(words[i].word), NULL);
			g_strchug(*evidence);
			return words[i].verdict;
		}
	if (answer)
		lu_checker_reject(client->checker, answer);
	*evidence = g_strdup_printf("the checker: %s", lu_checker_gone(client->checker));
	return LU_FAIL;
}

static enum lu_verdict judge_writes(void *data, char **evidence)
{
	struct client *client = data;

	if (client->audited || lu_checker_gone(client->checker))
		return judge(client, "acknowledged-writes", evidence);
	*evidence = g_strdup("the checker could not read everything back");
	return LU_FAIL;
}

static enum lu_verdict judge_dataset(void *data, char **evidence)
{
	return judge(data, "dataset", evidence);
}

static enum lu_verdict judge_replies(void *data, char **evidence)
{
	return judge(data, "answers", evidence);
}

const struct lu_protocol lu_protocol_checker = {
	.name = "checker",
	.summary = "any protocol, known by a program of the user's",
	.client_new = client_new,
	.client_free = client_free,
	.populate = populate,
	.request = request,
	.reply = reply_to,
	.lost = lost,
	.reconnected = reconnected,
	.audit = audit,
	.judge_writes = judge_writes,
	.judge_dataset = judge_dataset,
	.judge_replies = judge_replies,
};
