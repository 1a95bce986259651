/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unlike runs set beside each other: groups by plan, labels that say what differs, comparisons. */
#include <glib.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/group.h"
#include "core/stats.h"

#define MIN_FOR_P 3
#define ROUNDS	  10000
#define SEED	  1

/* What was run, whatever the seed. Caller frees. */
static char *identity(const json_t *result)
{
	json_t *plan = json_deep_copy(json_object_get(result, "plan"));

	json_object_del(plan, "seed");
	json_object_del(plan, "hash");
	char *text = json_dumps(plan, JSON_SORT_KEYS | JSON_COMPACT);
	char *copy = g_strdup(text ? text : "");

	free(text);
	json_decref(plan);
	return copy;
}

static json_t *find_or_add(json_t *groups, GHashTable *known, const json_t *result)
{
	g_autofree char *key = identity(result);
	gpointer index;

	if (g_hash_table_lookup_extended(known, key, NULL, &index))
		return json_array_get(groups, GPOINTER_TO_SIZE(index));
	json_t *group = json_pack("{s:s, s:[]}", "label", lu_cli_get_str(result, "plan.strategy"),
				  "results");

	g_hash_table_insert(known, g_steal_pointer(&key),
			    GSIZE_TO_POINTER(json_array_size(groups)));
	json_array_append_new(groups, group);
	return group;
}

static const json_t *plan_of(const json_t *group)
{
	return json_object_get(json_array_get(json_object_get(group, "results"), 0), "plan");
}

/* Does any other group (of the same strategy, for its own parameters) say something else under this
 * name? */
static bool differs(const json_t *groups, const json_t *group, const char *dotted,
		    const json_t *value)
{
	bool own = g_str_has_prefix(dotted, "strategy_params.");
	const char *strategy = lu_cli_get_str(plan_of(group), "strategy");
	json_t *other;
	size_t i;

	json_array_foreach(groups, i, other)
	{
		const json_t *plan = plan_of(other);

		if (own && strcmp(lu_cli_get_str(plan, "strategy"), strategy) != 0)
			continue;
		if (!json_equal(lu_cli_get(plan, dotted), value))
			return true;
	}
	return false;
}

static void append_value(GString *label, const char *key, const json_t *value)
{
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

	if (json_is_boolean(value)) /* as it was typed */
		g_string_append_printf(label, " %s=%s", key, json_is_true(value) ? "on" : "off");
	else if (json_is_string(value))
		g_string_append_printf(label, " %s=%s", key, json_string_value(value));
	else
		g_string_append_printf(label, " %s=%s", key, text ? text : "?");
	free(text);
}

static void append_differences(GString *label, const json_t *groups, const json_t *group,
			       const json_t *node, const char *prefix)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)node, key, value)
	{
		g_autofree char *dotted =
			prefix ? g_strconcat(prefix, ".", key, NULL) : g_strdup(key);

		if (!prefix && (strcmp(key, "strategy") == 0 || strcmp(key, "seed") == 0))
			continue;
		if (json_is_object(value))
			append_differences(label, groups, group, value, dotted);
		else if (differs(groups, group, dotted, value))
			append_value(label, key, value);
	}
}

static void name_groups(json_t *groups)
{
	json_t *group;
	size_t i;

	json_array_foreach(groups, i, group)
	{
		g_autoptr(GString) label = g_string_new(lu_cli_get_str(plan_of(group), "strategy"));
		json_t *summary = lu_group_summary(json_object_get(group, "results"));

		append_differences(label, groups, group, plan_of(group), NULL);
		json_object_set_new(group, "label", json_string(label->str));
		json_object_set_new(summary, "label", json_string(label->str));
		json_object_set_new(group, "summary", summary);
	}
}

json_t *lu_group_by_plan(const json_t *results)
{
	g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	json_t *groups = json_array(), *result;
	size_t i;

	json_array_foreach(results, i, result) json_array_append(
		json_object_get(find_or_add(groups, known, result), "results"), result);
	name_groups(groups);
	return groups;
}

static GArray *samples(const json_t *group, const char *metric)
{
	GArray *x = g_array_new(FALSE, FALSE, sizeof(double));
	json_t *result;
	size_t i;

	json_array_foreach(json_object_get(group, "results"), i, result)
	{
		const json_t *value = json_object_get(json_object_get(result, "metrics"), metric);
		double number = json_number_value(value);

		if (lu_result_good(result) && json_is_number(value) && number >= 0)
			g_array_append_val(x, number);
	}
	return x;
}

static json_t *compare(const json_t *first, const json_t *other, const char *metric)
{
	g_autoptr(GArray) a = samples(first, metric), b = samples(other, metric);

	if (a->len == 0 || b->len == 0)
		return NULL;
	const double *x = (const double *)(const void *)a->data;
	const double *y = (const double *)(const void *)b->data;
	double median_a = lu_stats_median(x, a->len), median_b = lu_stats_median(y, b->len);
	json_t *p = json_null();

	if (a->len >= MIN_FOR_P && b->len >= MIN_FOR_P)
		p = json_real(lu_stats_permutation_p(x, a->len, y, b->len, ROUNDS, SEED));
	return json_pack("{s:s, s:s, s:s, s:f, s:f, s:o, s:o}", "a", lu_cli_get_str(first, "label"),
			 "b", lu_cli_get_str(other, "label"), "metric", metric, "median_a",
			 median_a, "median_b", median_b, "ratio",
			 median_a > 0 ? json_real(median_b / median_a) : json_null(), "p", p);
}

json_t *lu_group_compare(const json_t *groups)
{
	static const char *const metrics[] = {"blackout_ns", "total_ns"};
	json_t *comparisons = json_array();

	for (size_t i = 1; i < json_array_size(groups); i++)
		for (size_t m = 0; m < G_N_ELEMENTS(metrics); m++) {
			json_t *one = compare(json_array_get(groups, 0), json_array_get(groups, i),
					      metrics[m]);

			if (one)
				json_array_append_new(comparisons, one);
		}
	return comparisons;
}
