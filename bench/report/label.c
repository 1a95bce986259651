/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labels of plans that are compared. */
#include "bench/report/label.h"
#include <glib.h>
#include <string.h>
#include "bench/cli.h"

/* The values of all plans of a scope under one name. */
struct said {
	json_t *first; /* borrowed */
	size_t times;
	bool differs;
};

struct labels_scope {
	const char *prefix,
		*by; /* names with this prefix are compared among plans that have the same `by` */
};

static const struct labels_scope scopes[] = {
	{"on.guest.", "hash"},
	{"strategy_params.", "strategy"},
	{"update.", "strategy"},
	{"workload_params.", "workload"},
};

struct lu_labels {
	GHashTable *said;  /* "scope name" → struct said */
	GHashTable *plans; /* scope → how many */
};

static bool is_workload(const char *dotted)
{
	return g_str_has_prefix(dotted, "workload");
}

static const char *scope_of(const json_t *plan, const char *dotted)
{
	for (size_t i = 0; i < G_N_ELEMENTS(scopes); i++)
		if (g_str_has_prefix(dotted, scopes[i].prefix))
			return lu_cli_get_str(plan, scopes[i].by);
	return "";
}

/* Every value that is not an object, with its dotted name; an object with a name, which is one that
 * the user brought, is a value. */
static void walk(const json_t *node, const char *prefix,
		 void (*each)(void *data, const char *dotted, const char *key, json_t *value),
		 void *data)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)node, key, value)
	{
		g_autofree char *dotted =
			prefix ? g_strconcat(prefix, ".", key, NULL) : g_strdup(key);

		if (!prefix && (strcmp(key, "strategy") == 0 || strcmp(key, "seed") == 0 ||
				strcmp(key, "hash") == 0))
			continue;
		if (json_is_object(value) && !json_object_get(value, "name"))
			walk(value, dotted, each, data);
		else
			each(data, dotted, key, value);
	}
}

struct hearing {
	struct lu_labels *labels;
	const json_t *plan;
};

static void hear(void *data, const char *dotted, const char *key, json_t *value)
{
	struct hearing *hearing = data;
	g_autofree char *name = g_strconcat(scope_of(hearing->plan, dotted), " ", dotted, NULL);
	struct said *said = g_hash_table_lookup(hearing->labels->said, name);

	if (!said) {
		said = g_new0(struct said, 1);
		said->first = value;
		g_hash_table_insert(hearing->labels->said, g_steal_pointer(&name), said);
	}
	said->times++;
	said->differs |= !json_equal(said->first, value);
}

static void count(GHashTable *plans, const char *scope)
{
	size_t so_far = GPOINTER_TO_SIZE(g_hash_table_lookup(plans, scope));

	g_hash_table_insert(plans, g_strdup(scope), GSIZE_TO_POINTER(so_far + 1));
}

struct lu_labels *lu_labels_new(const json_t *plans)
{
	struct lu_labels *labels = g_new0(struct lu_labels, 1);
	json_t *plan;
	size_t i;

	labels->said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	labels->plans = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	json_array_foreach(plans, i, plan)
	{
		struct hearing hearing = {labels, plan};

		count(labels->plans, "");
		count(labels->plans, lu_cli_get_str(plan, "strategy"));
		count(labels->plans, lu_cli_get_str(plan, "workload"));
		walk(plan, NULL, hear, &hearing);
	}
	return labels;
}

void lu_labels_free(struct lu_labels *labels)
{
	g_hash_table_unref(labels->said);
	g_hash_table_unref(labels->plans);
	g_free(labels);
}

/* A name that some plans do not have counts as different, too, unless it is of what they ran on:
 * then it had no part in them, or they ended before it had one. */
static bool differs(const struct lu_labels *labels, const json_t *plan, const char *dotted)
{
	const char *scope = scope_of(plan, dotted);
	g_autofree char *name = g_strconcat(scope, " ", dotted, NULL);
	const struct said *said = g_hash_table_lookup(labels->said, name);
	size_t plans = GPOINTER_TO_SIZE(g_hash_table_lookup(labels->plans, scope));

	return said && (said->differs || (said->times < plans && !g_str_has_prefix(dotted, "on.")));
}

/* A label's words are its differences, so a value is one word. */
static void append_value(GString *label, const char *key, const json_t *value)
{
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(12));
	const char *name = json_string_value(json_object_get(value, "name"));
	g_autofree char *word = g_strdup(name ?: json_string_value(value));

	if (word)
		g_strdelimit(word, " ", '_');
	if (json_is_boolean(value)) /* as it was typed */
		g_string_append_printf(label, " %s=%s", key, json_is_true(value) ? "on" : "off");
	else if (json_is_null(value))
		g_string_append_printf(label, " %s=unknown", key);
	else
		g_string_append_printf(label, " %s=%s", key, word ?: text ?: "?");
	free(text);
}

struct naming {
	const struct lu_labels *labels;
	const json_t *plan;
	enum lu_label_part part;
	GString *label;
};

static void name_difference(void *data, const char *dotted, const char *key, json_t *value)
{
	struct naming *naming = data;
	enum lu_label_part part = is_workload(dotted) ? LU_LABEL_WORKLOAD : LU_LABEL_STRATEGY;

	if (naming->part != LU_LABEL_ALL && naming->part != part)
		return;
	if (naming->part == LU_LABEL_WORKLOAD && strcmp(dotted, "workload") == 0)
		return;
	if (differs(naming->labels, naming->plan, dotted))
		append_value(naming->label, key, value);
}

char *lu_label(const struct lu_labels *labels, const json_t *plan, enum lu_label_part part)
{
	const char *begin = part == LU_LABEL_WORKLOAD ? "workload" : "strategy";
	struct naming naming = {labels, plan, part, g_string_new(lu_cli_get_str(plan, begin))};

	walk(plan, NULL, name_difference, &naming);
	return g_string_free(naming.label, FALSE);
}
