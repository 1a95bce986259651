/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts replies; asks each probe whether it is ready, and at the end for its verdict. */
#include "workloads/probe/client.h"
#include <inttypes.h>
#include <string.h>
#include "workloads/kit/tick.h"
#include "workloads/probe/table.h"

/* A probe says in 20 s that it is ready, or what has become of it. */
#define EACH_NS (90 * G_GINT64_CONSTANT(1000000000))

/* What a probe says: a word, and why. */
struct state {
	const struct lu_probe_entry *entry;
	const char *was, *is; /* interned; "unknown": it has not been asked */
	char *why;
};

struct client {
	GArray *states;	   /* struct state, in the order of the service's list */
	bool *reopened;	   /* by connection, without a reply yet */
	uint64_t *last;	   /* counter by connection */
	uint64_t identity; /* of the process that was asked first; 0: none was */
	GByteArray *seen;  /* by counter */
	uint64_t sent, answered, wrong_id, went_back, malformed;
};

static void state_clear(gpointer data)
{
	struct state *state = data;

	g_free(state->why);
}

GPtrArray *lu_probe_list(const char *names)
{
	g_auto(GStrv) words = g_strsplit(names, "+", -1);
	GPtrArray *list = g_ptr_array_new();

	for (char **word = words; *word; word++)
		for (const struct lu_probe_entry *entry = lu_probe_entries; entry->name; entry++)
			if ((g_str_equal(*word, "all") || g_str_equal(*word, entry->name)) &&
			    !g_ptr_array_find(list, entry, NULL))
				g_ptr_array_add(list, (gpointer)entry);
	return list;
}

static void add_states(struct client *client, const char *names)
{
	g_autoptr(GPtrArray) list = lu_probe_list(names);

	for (guint i = 0; i < list->len; i++) {
		const struct state state = {list->pdata[i], "unknown", "unknown", NULL};

		g_array_append_val(client->states, state);
	}
}

void *lu_probe_client_new(const json_t *params, uint64_t seed, unsigned connections)
{
	struct client *client = g_new0(struct client, 1);

	client->states = g_array_new(FALSE, FALSE, sizeof(struct state));
	g_array_set_clear_func(client->states, state_clear);
	client->reopened = g_new0(bool, connections);
	client->last = g_new0(uint64_t, connections);
	client->seen = g_byte_array_new();
	add_states(client, lu_param_str(params, "probe"));
	return client;
}

void lu_probe_client_free(void *data)
{
	struct client *client = data;

	g_array_unref(client->states);
	g_byte_array_unref(client->seen);
	g_free(client->reopened);
	g_free(client->last);
	g_free(client);
}

void lu_probe_request(void *data, uint64_t id, unsigned conn, GByteArray *out)
{
	struct client *client = data;
	g_autofree char *line = g_strdup_printf("T %" PRIu64 "\n", id);

	client->sent++;
	g_byte_array_append(out, (const guint8 *)line, (guint)strlen(line));
}

/* Replies on different connections overtake each other, but no counter comes twice. */
static bool is_new(struct client *client, uint64_t counter)
{
	if (!counter || counter > client->sent)
		return false;
	if (client->seen->len <= counter) {
		guint old = client->seen->len;

		g_byte_array_set_size(client->seen, (guint)counter + 1);
		memset(client->seen->data + old, 0, client->seen->len - old);
	}
	return !client->seen->data[counter]++;
}

/* A connection was lost and leads to a service that counts from the beginning: its replies are right
 * again, and who answers for the probes is asked at the end. */
static void note_restart(struct client *client, unsigned conn, uint64_t counter)
{
	if (client->reopened[conn] && counter < client->seen->len && client->seen->data[counter])
		g_byte_array_set_size(client->seen, 0);
	client->reopened[conn] = false;
}

static const char *check_reply(struct client *client, uint64_t id, unsigned conn, uint64_t answered,
			       uint64_t counter)
{
	if (answered != id) {
		client->wrong_id++;
		return "reply to another request";
	}
	note_restart(client, conn, counter);
	if (counter <= client->last[conn] || !is_new(client, counter)) {
		client->went_back++;
		return "its counter went back";
	}
	client->last[conn] = counter;
	return NULL;
}

ssize_t lu_probe_reply(void *data, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
		       struct lu_reply *reply)
{
	struct client *client = data;
	uint64_t answered, counter;
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);
	g_auto(GStrv) words = line ? g_strsplit(line, " ", 5) : NULL;

	if (!line)
		return n;
	if (g_strv_length(words) != 4 || !g_str_equal(words[0], "R") ||
	    !lu_tick_number(words[1], 10, &answered) || !lu_tick_number(words[2], 10, &counter) ||
	    strlen(words[3]) > 64) {
		client->malformed++;
		return -1;
	}
	client->answered++;
	reply->version = g_intern_string(words[3]);
	reply->why = check_reply(client, id, conn, answered, counter);
	reply->ok = !reply->why;
	return n;
}

void lu_probe_reconnected(void *data, unsigned conn)
{
	struct client *client = data;

	client->last[conn] = 0;
	client->reopened[conn] = true;
}

static void ask(char letter, uint64_t i, GByteArray *out)
{
	g_autofree char *line = g_strdup_printf("%c %" PRIu64 "\n", letter, i);

	g_byte_array_append(out, (const guint8 *)line, (guint)strlen(line));
}

/* The text after "LETTER I IDENTITY ", or NULL. */
static const char *answer(const char *line, char letter, uint64_t i, uint64_t *identity)
{
	g_autofree char *head = g_strdup_printf("%c %" PRIu64 " ", letter, i);
	const char *at = g_str_has_prefix(line, head) ? line + strlen(head) : "";
	g_autofree char *hex = g_strndup(at, 16);

	if (strlen(hex) < 16 || at[16] != ' ' || !lu_tick_number(hex, 16, identity))
		return NULL;
	return at + 17;
}

/* WORD or WORD WHY, the word one of these. */
static const char *take_word(const char *text, const char *const *words, const char **why)
{
	for (; *words; words++) {
		size_t n = strlen(*words);

		if (strncmp(text, *words, n) || (text[n] && text[n] != ' '))
			continue;
		*why = text[n] ? text + n + 1 : NULL;
		return *words;
	}
	return NULL;
}

/* What a service says that was started again is about nothing that was set up before. */
static void take_verdict(struct client *client, struct state *state, const char *is,
			 uint64_t identity)
{
	state->is = is;
	if (identity == client->identity)
		return;
	state->is = "lost";
	g_free(state->why);
	state->why = g_strdup("another process answers");
}

static ssize_t take(struct client *client, uint64_t i, char letter, const char *const *words,
		    const uint8_t *buf, size_t len)
{
	struct state *state = &g_array_index(client->states, struct state, i);
	const char *text, *word, *why;
	uint64_t identity;
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (!line)
		return n;
	text = g_utf8_validate(line, -1, NULL) ? answer(line, letter, i, &identity) : NULL;
	word = text ? take_word(text, words, &why) : NULL;
	if (!word)
		return -1;
	if (why) {
		g_free(state->why);
		state->why = g_strdup(why);
	}
	if (letter == 'A') {
		take_verdict(client, state, word, identity);
	} else {
		state->was = word;
		client->identity = identity;
	}
	return n;
}

static void populate_request(void *data, uint64_t i, GByteArray *out)
{
	ask('S', i, out);
}

static ssize_t populate_reply(void *data, uint64_t i, const uint8_t *buf, size_t len)
{
	static const char *const words[] = {"ready", "missing", "lost", NULL};

	return take(data, i, 'S', words, buf, len);
}

static void audit_request(void *data, uint64_t i, GByteArray *out)
{
	ask('A', i, out);
}

static ssize_t audit_reply(void *data, uint64_t i, const uint8_t *buf, size_t len)
{
	static const char *const words[] = {"same", "lost", "missing", NULL};

	return take(data, i, 'A', words, buf, len);
}

static void exchange_of(struct client *client, struct lu_exchange *exchange)
{
	exchange->count = client->states->len;
	exchange->window = 1;
	exchange->timeout_ns = EACH_NS * client->states->len;
	exchange->data = client;
}

bool lu_probe_populate(void *data, struct lu_exchange *exchange)
{
	exchange_of(data, exchange);
	exchange->request = populate_request;
	exchange->reply = populate_reply;
	return true;
}

bool lu_probe_audit(void *data, struct lu_exchange *exchange)
{
	exchange_of(data, exchange);
	exchange->request = audit_request;
	exchange->reply = audit_reply;
	return true;
}

json_t *lu_probe_report(void *data)
{
	struct client *client = data;
	json_t *list = json_array();

	for (guint i = 0; i < client->states->len; i++) {
		const struct state *state = &g_array_index(client->states, struct state, i);

		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s*}", "name",
					state->entry->name, "family", state->entry->family, "title",
					state->entry->title, "see", state->entry->see, "was",
					state->was, "is", state->is, "why", state->why));
	}
	return json_pack("{s:o}", "probes", list);
}

enum lu_verdict lu_probe_judge_order(void *data, char **evidence)
{
	struct client *client = data;
	uint64_t wrong = client->wrong_id + client->went_back + client->malformed;

	*evidence = g_strdup_printf("%" PRIu64 " replies; %" PRIu64 " to another request, %" PRIu64
				    " with a counter that went back, %" PRIu64 " malformed",
				    client->answered, client->wrong_id, client->went_back,
				    client->malformed);
	return wrong || !client->answered ? LU_FAIL : LU_PASS;
}

static bool is_missing(const struct state *state)
{
	return g_str_equal(state->was, "missing");
}

/* What the evidence shows of several: the first that is lost, else the first that is missing. */
static bool tells_more(const struct state *state, const struct state *than)
{
	bool same = g_str_equal(state->is, "same");

	return !than || (g_str_equal(than->is, "same") && !same) ||
	       (is_missing(than) && !same && !is_missing(state));
}

enum lu_verdict lu_probe_judge_probe(void *data, char **evidence)
{
	struct client *client = data;
	const struct state *shown = NULL;
	unsigned same = 0, missing = 0;

	*evidence = g_strdup("no resource was chosen");
	for (guint i = 0; i < client->states->len; i++) {
		const struct state *state = &g_array_index(client->states, struct state, i);

		same += g_str_equal(state->is, "same");
		missing += is_missing(state);
		if (tells_more(state, shown))
			shown = state;
	}
	if (!shown)
		return LU_FAIL;
	g_free(*evidence);
	*evidence = g_strdup_printf("%u of %u the same; %s: %s%s%s", same, client->states->len,
				    shown->entry->name, is_missing(shown) ? "missing" : shown->is,
				    shown->why ? ": " : "", shown->why ?: "");
	if (same + missing < client->states->len)
		return LU_FAIL;
	return same ? LU_PASS : LU_WAIVED;
}
