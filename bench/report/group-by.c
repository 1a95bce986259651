/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unlike runs set beside each other: groups by plan, comparisons. */
#include <glib.h>
#include "bench/cli.h"
#include "bench/report/group.h"
#include "bench/report/label.h"
#include "bench/report/values.h"

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

static json_t *plan_of(const json_t *group)
{
	return json_object_get(json_array_get(json_object_get(group, "results"), 0), "plan");
}

static void name_groups(json_t *groups)
{
	json_t *plans = json_array(), *group;
	size_t i;

	json_array_foreach(groups, i, group) json_array_append(plans, plan_of(group));
	struct lu_labels *labels = lu_labels_new(plans);

	json_array_foreach(groups, i, group)
	{
		g_autofree char *label = lu_label(labels, plan_of(group), LU_LABEL_ALL);
		json_t *summary = lu_group_summary(json_object_get(group, "results"));

		json_object_set_new(group, "label", json_string(label));
		json_object_set_new(summary, "label", json_string(label));
		json_object_set_new(group, "summary", summary);
	}
	lu_labels_free(labels);
	json_decref(plans);
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

json_t *lu_group_stats(const json_t *group, const char *metric)
{
	return json_object_get(lu_cli_get(group, "summary.metrics"), metric);
}

static struct lu_values *samples(const json_t *group, const char *metric)
{
	struct lu_values *values = lu_values_new();
	json_t *result;
	size_t i;

	json_array_foreach(json_object_get(group, "results"), i, result)
	{
		const json_t *metrics = json_object_get(result, "metrics");

		if (lu_result_good(result))
			lu_values_add(values, metrics, metric, json_object_get(metrics, metric));
	}
	return values;
}

static json_t *compare(const struct lu_censored *x, const struct lu_censored *y)
{
	struct lu_bounded a = lu_censored_quantile(x, 0.5), b = lu_censored_quantile(y, 0.5);
	json_t *censored = json_array(), *p = json_null(), *ratio = json_null();

	if (a.below)
		json_array_append_new(censored, json_string("median_a"));
	if (b.below)
		json_array_append_new(censored, json_string("median_b"));
	if (a.value > 0 && !a.below && !b.below)
		ratio = json_real(b.value / a.value);
	if (x->n >= MIN_FOR_P && y->n >= MIN_FOR_P)
		p = json_real(lu_censored_permutation_p(x, y, ROUNDS, SEED));
	return json_pack("{s:f, s:f, s:o, s:o, s:o}", "median_a", a.value, "median_b", b.value,
			 "censored", censored, "ratio", ratio, "p", p);
}

json_t *lu_group_against(const json_t *first, const json_t *other, const char *metric)
{
	struct lu_values *a = samples(first, metric), *b = samples(other, metric);
	struct lu_censored x = lu_values_get(a), y = lu_values_get(b);
	json_t *comparison = NULL;

	if (x.n && y.n) {
		comparison = json_pack("{s:s, s:s, s:s}", "a", lu_cli_get_str(first, "label"), "b",
				       lu_cli_get_str(other, "label"), "metric", metric);
		json_object_update_new(comparison, compare(&x, &y));
	}
	lu_values_free(a);
	lu_values_free(b);
	return comparison;
}

json_t *lu_group_compare(const json_t *groups)
{
	static const char *const metrics[] = {"blackout_ns", "total_ns"};
	json_t *comparisons = json_array();

	for (size_t i = 1; i < json_array_size(groups); i++)
		for (size_t m = 0; m < G_N_ELEMENTS(metrics); m++) {
			json_t *one = lu_group_against(json_array_get(groups, 0),
						       json_array_get(groups, i), metrics[m]);

			if (one)
				json_array_append_new(comparisons, one);
		}
	return comparisons;
}
