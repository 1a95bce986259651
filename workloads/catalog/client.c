/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The client of the shelves. Populating and auditing are lists of steps, asked one after another. */
#include "workloads/catalog/client.h"
#include <inttypes.h>
#include <string.h>
#include "workloads/kit/tick.h"

#define POPULATE_NS (30 * G_GINT64_CONSTANT(1000000000))
#define AUDIT_NS    (60 * G_GINT64_CONSTANT(1000000000))

enum step_kind {
	PUT,	/* an item */
	BEFORE, /* what version 1 answers */
	STAY,	/* a task enters and stays */
	LOOK,	/* is the item there? */
	REFILL, /* put it again, if any was lost */
	AFTER,	/* what the update answers */
	KERNEL,
};

struct step {
	enum step_kind kind;
	unsigned shelf, n; /* n: key of an item, or which of the update's questions */
};

struct client {
	const struct lu_update *update;
	const char *first;			      /* version */
	GArray *steps;				      /* of the current exchange */
	uint64_t answered, malformed, wrong_id, gone; /* gone: gets of an item that was not there */
	unsigned asked_before, asked_after, kept;
	char *wrong_before, *wrong_after; /* the first, or NULL */
	bool changed;			  /* at the end shelf 0 has another version */
	bool audited, warned;
};

void *lu_catalog_client_new(const struct lu_update *update, const char *first)
{
	struct client *client = g_new0(struct client, 1);

	client->update = update;
	client->first = first;
	client->steps = g_array_new(FALSE, FALSE, sizeof(struct step));
	return client;
}

void lu_catalog_client_free(void *data)
{
	struct client *client = data;

	g_array_unref(client->steps);
	g_free(client->wrong_before);
	g_free(client->wrong_after);
	g_free(client);
}

static void add_step(struct client *client, enum step_kind kind, unsigned shelf, unsigned n)
{
	const struct step step = {kind, shelf, n};

	g_array_append_val(client->steps, step);
}

static void add_items(struct client *client, enum step_kind kind)
{
	for (unsigned shelf = 0; shelf < LU_CATALOG_SHELVES; shelf++)
		for (unsigned key = 1; key <= LU_CATALOG_ITEMS; key++)
			add_step(client, kind, shelf, key);
}

static void add_asks(struct client *client, enum step_kind kind)
{
	for (unsigned i = 0; i < client->update->asks->len; i++)
		add_step(client, kind, 0, i);
}

static const struct lu_update_ask *ask_of(const struct client *client, const struct step *step)
{
	return &g_array_index(client->update->asks, struct lu_update_ask, step->n);
}

static bool all_kept(const struct client *client)
{
	return client->kept == LU_CATALOG_SHELVES * LU_CATALOG_ITEMS;
}

/* The line that the step sends. What there is no reason for is replaced by a question that changes
 * nothing: version 1 is not asked twice, for some answers count how often they were asked for. */
static char *line_of(const struct client *client, const struct step *step)
{
	bool put =
		step->kind == PUT || (step->kind == REFILL && client->changed && !all_kept(client));

	if (put)
		return g_strdup_printf("Q %u put %u %u\n", step->shelf, step->n, 10 * step->n);
	if (step->kind == LOOK)
		return g_strdup_printf("Q %u get %u\n", step->shelf, step->n);
	if (step->kind == BEFORE || (step->kind == AFTER && client->changed))
		return g_strdup_printf("Q 0 %s\n", ask_of(client, step)->text);
	if (step->kind == STAY)
		return g_strdup_printf("S %s\n", client->update->inside);
	return g_strdup("K\n");
}

static void send_step(void *data, uint64_t i, GByteArray *out)
{
	struct client *client = data;
	g_autofree char *line = line_of(client, &g_array_index(client->steps, struct step, i));

	g_byte_array_append(out, (const guint8 *)line, (guint)strlen(line));
}

static void compare(char **wrong, const char *question, const char *is, const char *due)
{
	if (!*wrong && !g_str_equal(is, due))
		*wrong = g_strdup_printf("'%s' is answered '%s', not '%s'", question, is, due);
}

static void take_before(struct client *client, const struct step *step, const char *answer)
{
	const struct lu_update_ask *ask = ask_of(client, step);

	client->asked_before++;
	compare(&client->wrong_before, ask->text, answer, ask->was);
}

static void take_after(struct client *client, const struct step *step, const char *answer)
{
	const struct lu_update_ask *ask = ask_of(client, step);

	if (!client->changed)
		return;
	client->asked_after++;
	compare(&client->wrong_after, ask->text, answer,
		!all_kept(client) && ask->anew ? ask->anew : ask->is);
}

static void take_item(struct client *client, const struct step *step, const char *answer)
{
	g_autofree char *due = g_strdup_printf("%u", 10 * step->n);

	client->kept += g_str_equal(answer, due);
}

static void take_answer(struct client *client, const struct step *step, const char *version,
			const char *answer)
{
	if (step->kind == BEFORE) {
		take_before(client, step, answer);
	} else if (step->kind == LOOK) {
		client->changed = !g_str_equal(version, client->first);
		take_item(client, step, answer);
	} else if (step->kind == AFTER) {
		take_after(client, step, answer);
	} else if (step->kind == KERNEL) {
		client->warned = !g_str_equal(answer, "no");
		client->audited = true;
	}
}

/* LETTER VERSION VERSION ANSWER… */
static ssize_t take_step(void *data, uint64_t i, const uint8_t *buf, size_t len)
{
	struct client *client = data;
	const struct step *step = &g_array_index(client->steps, struct step, i);
	g_auto(GStrv) words = NULL;
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (!line)
		return n;
	words = g_strsplit(line, " ", 4);
	if (!words[0] || !strchr("QSK", *words[0]) || g_strv_length(words) < 3)
		return -1;
	take_answer(client, step, words[1], words[3] ? words[3] : "");
	return n;
}

static void set_exchange(struct client *client, struct lu_exchange *exchange, int64_t timeout_ns)
{
	*exchange = (struct lu_exchange){
		.count = client->steps->len,
		.window = 1,
		.timeout_ns = timeout_ns,
		.data = client,
		.request = send_step,
		.reply = take_step,
	};
}

bool lu_catalog_populate(void *data, struct lu_exchange *exchange)
{
	struct client *client = data;

	g_array_set_size(client->steps, 0);
	add_items(client, PUT);
	add_asks(client, BEFORE);
	if (client->update->inside)
		add_step(client, STAY, 0, 0);
	set_exchange(client, exchange, POPULATE_NS);
	return true;
}

bool lu_catalog_audit(void *data, struct lu_exchange *exchange)
{
	struct client *client = data;

	client->kept = client->asked_after = 0;
	g_array_set_size(client->steps, 0);
	add_items(client, LOOK);
	add_items(client, REFILL);
	add_asks(client, AFTER);
	add_step(client, KERNEL, 0, 0);
	set_exchange(client, exchange, AUDIT_NS);
	return true;
}

void lu_catalog_request(void *data, uint64_t id, unsigned conn, GByteArray *out)
{
	g_autofree char *line = g_strdup_printf("C %" PRIu64 "\n", id);

	g_byte_array_append(out, (const guint8 *)line, (guint)strlen(line));
}

/* Key of the item that a request gets. */
static uint64_t key_of(uint64_t id)
{
	return 1 + id / LU_CATALOG_SHELVES % LU_CATALOG_ITEMS;
}

/* What is not there has been lost, which the items' oracle judges; any other answer is wrong. */
static void judge_get(struct client *client, uint64_t id, const char *answer,
		      struct lu_reply *reply)
{
	g_autofree char *due = g_strdup_printf("%" PRIu64, 10 * key_of(id));
	bool gone = g_str_equal(answer, "error -2") || g_str_equal(answer, "errno -2");

	client->gone += gone;
	reply->ok = gone || g_str_equal(answer, due);
	if (!reply->ok)
		reply->why = "an item with another value";
}

/* C ID RELEASE VERSION VERSION ANSWER… */
ssize_t lu_catalog_reply(void *data, uint64_t id, unsigned conn, const uint8_t *buf, size_t len,
			 struct lu_reply *reply)
{
	struct client *client = data;
	g_auto(GStrv) words = NULL;
	uint64_t answered;
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (!line)
		return n;
	words = g_strsplit(line, " ", 6);
	if (g_strv_length(words) < 6 || !g_str_equal(words[0], "C") ||
	    !lu_tick_number(words[1], 10, &answered)) {
		client->malformed++;
		return -1;
	}
	client->answered++;
	reply->version = g_intern_string(words[2]);
	for (size_t i = 0; i < LU_CATALOG_SHELVES; i++)
		reply->module[i] = g_intern_string(words[3 + i]);
	judge_get(client, answered, words[5], reply);
	if (answered != id) {
		client->wrong_id++;
		reply->ok = false;
		reply->why = "reply to another request";
	}
	return n;
}

json_t *lu_catalog_report(void *data)
{
	const struct client *client = data;
	const struct lu_update *update = client->update;

	return json_pack("{s:s, s:s, s:i, s:i, s:b, s:i, s:i, s:I}", "update", update->name,
			 "title", update->title, "hotswap_lines", (int)update->swap_lines,
			 "livepatch_lines", (int)update->patch_lines, "updated",
			 (int)client->changed, "items", LU_CATALOG_SHELVES * LU_CATALOG_ITEMS,
			 "items_kept", (int)client->kept, "gets_of_lost_items",
			 (json_int_t)client->gone);
}

enum lu_verdict lu_catalog_judge_order(void *data, char **evidence)
{
	const struct client *client = data;

	*evidence = g_strdup_printf("%" PRIu64 " replies; %" PRIu64 " to another request, %" PRIu64
				    " malformed",
				    client->answered, client->wrong_id, client->malformed);
	return client->wrong_id || client->malformed || !client->answered ? LU_FAIL : LU_PASS;
}

enum lu_verdict lu_catalog_judge_before(void *data, char **evidence)
{
	const struct client *client = data;

	*evidence = client->wrong_before
			    ? g_strdup_printf("of %s %s", client->first, client->wrong_before)
			    : g_strdup_printf("%u questions answered as before the update",
					      client->asked_before);
	return client->wrong_before || !client->asked_before ? LU_FAIL : LU_PASS;
}

enum lu_verdict lu_catalog_judge_items(void *data, char **evidence)
{
	const struct client *client = data;

	*evidence = g_strdup_printf("%s%u of %d items are there at the end",
				    client->audited ? "" : "not audited; ", client->kept,
				    LU_CATALOG_SHELVES * LU_CATALOG_ITEMS);
	return client->audited && all_kept(client) ? LU_PASS : LU_FAIL;
}

/* An update that is not there is for the oracle "component" to tell. */
enum lu_verdict lu_catalog_judge_answers(void *data, char **evidence)
{
	const struct client *client = data;

	if (!client->audited)
		*evidence = g_strdup("not audited");
	else if (!client->changed)
		*evidence =
			g_strdup_printf("shelf 0 has %s, which was asked before", client->first);
	else if (client->wrong_after)
		*evidence = g_strdup(client->wrong_after);
	else
		*evidence = g_strdup_printf("%u questions answered as after the update",
					    client->asked_after);
	return client->audited && !client->wrong_after ? LU_PASS : LU_FAIL;
}

enum lu_verdict lu_catalog_judge_kernel(void *data, char **evidence)
{
	const struct client *client = data;

	*evidence = g_strdup(!client->audited ? "not audited"
			     : client->warned ? "the kernel has warned: its taint says so"
					      : "the kernel has not warned");
	return client->audited && !client->warned ? LU_PASS : LU_FAIL;
}
