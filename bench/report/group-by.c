/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparing runs of different plans: groups of alike ones, statistics of differences. */
#include <glib.h>
#include "bench/cli.h"
#include "bench/report/alike.h"
#include "bench/report/counted.h"
#include "bench/report/group.h"
#include "bench/report/label.h"
#include "bench/report/metric.h"
#include "bench/report/values.h"
#include "record/shift.h"

#define MIN_FOR_P  3
#define CONFIDENCE 0.95

/* Results on their way into groups. */
struct sorting {
	json_t *descriptions;	/* of each result */
	GHashTable *with_guest; /* key without guest → key of the first run that had one */
	GHashTable *known;	/* key → index of its group */
	json_t *groups;
};

/* What runs of a plan have in common is known before their order is gone through, because a refusal
 * may come before the first run that had a guest. */
static void sorting_init(struct sorting *sorting, const json_t *results)
{
	json_t *result;
	size_t i;

	*sorting = (struct sorting){
		.descriptions = json_array(),
		.with_guest = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
		.known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
		.groups = json_array(),
	};
	json_array_foreach(results, i, result)
	{
		json_t *description = lu_alike_describe(result);
		g_autofree char *early = lu_alike_key_before_guest(description);

		json_array_append_new(sorting->descriptions, description);
		if (lu_alike_has_guest(description) &&
		    !g_hash_table_contains(sorting->with_guest, early))
			g_hash_table_insert(sorting->with_guest, g_steal_pointer(&early),
					    lu_alike_key(description));
	}
}

static void sorting_clear(struct sorting *sorting)
{
	json_decref(sorting->descriptions);
	g_hash_table_unref(sorting->with_guest);
	g_hash_table_unref(sorting->known);
}

/* One that ended before it had a guest joins the first group that it may belong to. Caller frees. */
static char *key_of(const struct sorting *sorting, const json_t *description)
{
	if (lu_alike_has_guest(description))
		return lu_alike_key(description);
	g_autofree char *early = lu_alike_key_before_guest(description);
	const char *joined = g_hash_table_lookup(sorting->with_guest, early);

	return g_strdup(joined ? joined : early);
}

static json_t *find_or_add(struct sorting *sorting, json_t *description)
{
	g_autofree char *key = key_of(sorting, description);
	gpointer index;

	if (g_hash_table_lookup_extended(sorting->known, key, NULL, &index))
		return json_array_get(sorting->groups, GPOINTER_TO_SIZE(index));
	json_t *group = json_pack("{s:O, s:[]}", "alike", description, "results");

	g_hash_table_insert(sorting->known, g_steal_pointer(&key),
			    GSIZE_TO_POINTER(json_array_size(sorting->groups)));
	json_array_append_new(sorting->groups, group);
	return group;
}

static void sort_in(struct sorting *sorting, json_t *result, json_t *description)
{
	json_t *group = find_or_add(sorting, description);

	json_array_append(json_object_get(group, "results"), result);
	if (lu_alike_has_guest(description) && !lu_alike_has_guest(json_object_get(group, "alike")))
		json_object_set(group, "alike", description);
}

json_t *lu_group_descriptions(const json_t *groups)
{
	json_t *all = json_array(), *group;
	size_t i;

	json_array_foreach(groups, i, group)
		json_array_append(all, json_object_get(group, "alike"));
	return all;
}

/* Two that differ in nothing that a label says are numbered. Caller frees. */
static char *unique(GHashTable *taken, const char *label)
{
	g_autofree char *name = g_strdup(label);

	for (unsigned n = 2; !g_hash_table_add(taken, g_strdup(name)); n++) {
		g_free(name);
		name = g_strdup_printf("%s #%u", label, n);
	}
	return g_steal_pointer(&name);
}

static void name_groups(json_t *groups, bool with_suspect)
{
	g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	json_t *descriptions = lu_group_descriptions(groups), *group;
	struct lu_labels *labels = lu_labels_new(descriptions);
	size_t i;

	json_array_foreach(groups, i, group)
	{
		g_autofree char *label =
			lu_label(labels, json_object_get(group, "alike"), LU_LABEL_ALL);
		g_autofree char *name = unique(taken, label);
		json_t *results = json_object_get(group, "results");
		json_t *summary = lu_group_summary(results, with_suspect);

		json_object_set_new(group, "label", json_string(name));
		json_object_set_new(summary, "label", json_string(name));
		json_object_set_new(group, "summary", summary);
		json_object_set_new(group, "counted", lu_counted(results, with_suspect, NULL));
	}
	lu_labels_free(labels);
	json_decref(descriptions);
}

json_t *lu_group_alike(const json_t *results, bool with_suspect)
{
	struct sorting sorting;
	json_t *result;
	size_t i;

	sorting_init(&sorting, results);
	json_array_foreach(results, i, result)
		sort_in(&sorting, result, json_array_get(sorting.descriptions, i));
	sorting_clear(&sorting);
	name_groups(sorting.groups, with_suspect);
	return sorting.groups;
}

json_t *lu_group_stats(const json_t *group, const char *metric)
{
	return json_object_get(lu_cli_get(group, "summary.metrics"), metric);
}

struct lu_values *lu_group_values(const json_t *group, const char *metric)
{
	struct lu_values *values = lu_values_new();
	json_t *result;
	size_t i;

	json_array_foreach(json_object_get(group, "counted"), i, result)
	{
		const json_t *metrics = json_object_get(result, "metrics");

		lu_values_add(values, metrics, metric, lu_metric_get(metrics, metric));
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
		p = json_real(lu_shift_of_samples(x, y, CONFIDENCE).p);
	return json_pack("{s:f, s:f, s:o, s:o, s:o, s:f}", "median_a", a.value, "median_b", b.value,
			 "censored", censored, "ratio", ratio, "p", p, "p_least",
			 lu_shift_least_p(x->n, y->n));
}

json_t *lu_group_against(const json_t *first, const json_t *other, const char *metric)
{
	struct lu_values *a = lu_group_values(first, metric), *b = lu_group_values(other, metric);
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
