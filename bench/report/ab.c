/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two sets of alike runs beside each other. */
#include "bench/report/ab.h"
#include <math.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/report/alike.h"
#include "bench/report/counted.h"
#include "bench/report/gate.h"
#include "bench/report/group.h"
#include "bench/report/metric.h"
#include "bench/report/values.h"
#include "record/error.h"
#include "record/shift.h"

#define CONFIDENCE 0.95

static bool usage(GError **error, const char *what, const char *details)
{
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s%s", what, details);
	return false;
}

/* Seed → result, borrowed; NULL when a seed is there twice. */
static GHashTable *by_seed(const json_t *results)
{
	GHashTable *seeds = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result)
	{
		int64_t seed = lu_cli_get_int(result, "plan.seed", -1);

		if (!g_hash_table_insert(seeds, g_strdup_printf("%" G_GINT64_FORMAT, seed),
					 result)) {
			g_hash_table_unref(seeds);
			return NULL;
		}
	}
	return seeds;
}

bool lu_ab_pair(json_t *a, json_t *b, GError **error)
{
	static const char *const due = "--paired: pairs share a seed: each side has each seed once";
	g_autoptr(GHashTable) others = by_seed(b), own = by_seed(a);
	json_t *ordered = json_array(), *result;
	size_t i;

	json_array_foreach(a, i, result)
	{
		g_autofree char *seed = g_strdup_printf("%" G_GINT64_FORMAT,
							lu_cli_get_int(result, "plan.seed", -1));

		json_array_append(ordered, others ? g_hash_table_lookup(others, seed) : NULL);
	}
	bool all = own && others && json_array_size(ordered) == json_array_size(a) &&
		   json_array_size(ordered) == json_array_size(b);

	if (all) {
		json_array_clear(b);
		json_array_extend(b, ordered);
	}
	json_decref(ordered);
	return all || usage(error, due, "");
}

/* The one group that a side is; new reference. */
static json_t *group_of(const json_t *results, const char *name, bool with_suspect, GError **error)
{
	json_t *groups = lu_group_alike(results, with_suspect), *first = NULL;

	if (json_array_size(groups) == 0) {
		usage(error, name, ": no run");
	} else if (json_array_size(groups) == 1) {
		first = json_incref(json_array_get(groups, 0));
	} else {
		g_autofree char *difference = lu_alike_difference(
			json_object_get(json_array_get(groups, 0), "alike"),
			json_object_get(json_array_get(groups, 1), "alike"), LU_ALIKE_ALL);

		g_set_error(
			error, LU_ERROR, LU_ERROR_USAGE,
			"%s: its runs are not alike, so they are no one sample: they differ in %s",
			name, difference ? difference : "more than their seed");
	}
	json_decref(groups);
	return first;
}

static bool are_disjoint(const struct lu_ab *ab, GError **error)
{
	g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);
	json_t *result;
	size_t i;

	json_array_foreach(ab->a, i, result)
		g_hash_table_add(ids, (gpointer)lu_cli_get_str(result, "run.id"));
	json_array_foreach(ab->b, i, result)
	{
		const char *id = lu_cli_get_str(result, "run.id");

		if (strcmp(id, "?") != 0 && g_hash_table_contains(ids, id))
			return usage(error, id, ": the same run on both sides");
	}
	return true;
}

/* Both sides' values of a metric. */
struct sides {
	struct lu_values *a, *b;
};

static void add(struct lu_values *to, const json_t *result, const char *metric)
{
	const json_t *metrics = json_object_get(result, "metrics");

	lu_values_add(to, metrics, metric, lu_metric_get(metrics, metric));
}

static bool has(const json_t *result, const char *metric)
{
	struct lu_values *one = lu_values_new();

	add(one, result, metric);
	bool there = lu_values_get(one).n == 1;

	lu_values_free(one);
	return there;
}

/* Pairs of which both count. */
static void add_pairs(struct sides *sides, const struct lu_ab *ab, const char *metric)
{
	json_t *a;
	size_t i;

	json_array_foreach(ab->a, i, a)
	{
		json_auto_t *x = lu_counted_result(a, ab->with_suspect);
		json_auto_t *y = lu_counted_result(json_array_get(ab->b, i), ab->with_suspect);

		if (!x || !y || !has(x, metric) || !has(y, metric))
			continue;
		add(sides->a, x, metric);
		add(sides->b, y, metric);
	}
}

static void add_counted(struct lu_values *to, const json_t *results, const struct lu_ab *ab,
			const char *metric)
{
	json_t *counted = lu_counted(results, ab->with_suspect, NULL), *result;
	size_t i;

	json_array_foreach(counted, i, result) add(to, result, metric);
	json_decref(counted);
}

/* By which factor the effect that is asked for lies beyond what is allowed; without a gate 1 is. */
static double beyond(const struct lu_ab *ab, const char *metric, double effect)
{
	double least = INFINITY;

	for (guint i = 0; i < ab->gates->len; i++) {
		const struct lu_gate *gate = g_ptr_array_index(ab->gates, i);

		if (strcmp(gate->metric, metric) == 0)
			least = fmin(least, lu_gate_beyond(gate, effect));
	}
	return isfinite(least) ? least : effect;
}

static void put_design(json_t *comparison, const struct lu_ab *ab, const char *metric,
		       const struct lu_shift *shift)
{
	const struct lu_shift_design design = {shift->spread, CONFIDENCE, ab->power, ab->paired};
	double factor = beyond(ab, metric, ab->effect);
	bool known = isfinite(shift->spread);
	size_t runs = known && factor > 1 ? lu_shift_runs(&design, factor) : 0;

	/* An effect that just lies so far beyond what is allowed. */
	json_object_set_new(
		comparison, "detectable",
		lu_values_json(known ? lu_shift_detectable(&design, shift->n) * ab->effect / factor
				     : INFINITY));
	json_object_set_new(comparison, "runs_for_effect",
			    runs ? json_integer((json_int_t)runs) : json_null());
}

static json_t *compare_metric(const struct lu_ab *ab, const char *metric)
{
	struct sides sides = {lu_values_new(), lu_values_new()};
	json_t *comparison = json_pack("{s:s, s:[]}", "metric", metric, "censored");

	if (ab->paired) {
		add_pairs(&sides, ab, metric);
	} else {
		add_counted(sides.a, ab->a, ab, metric);
		add_counted(sides.b, ab->b, ab, metric);
	}
	struct lu_censored a = lu_values_get(sides.a), b = lu_values_get(sides.b);
	struct lu_shift shift = ab->paired ? lu_shift_of_pairs(&a, &b, CONFIDENCE)
					   : lu_shift_of_samples(&a, &b, CONFIDENCE);

	json_object_set_new(comparison, "n_a", json_integer((json_int_t)a.n));
	json_object_set_new(comparison, "n_b", json_integer((json_int_t)b.n));
	lu_values_put_median(comparison, "median_a", &a);
	lu_values_put_median(comparison, "median_b", &b);
	json_object_set_new(comparison, "ratio", lu_values_json(shift.ratio));
	json_object_set_new(comparison, "low",
			    shift.interval ? lu_values_json(shift.low) : json_null());
	json_object_set_new(comparison, "high",
			    shift.interval ? lu_values_json(shift.high) : json_null());
	json_object_set_new(comparison, "interval", json_boolean(shift.interval));
	json_object_set_new(comparison, "p", lu_values_json(shift.p));
	json_object_set_new(comparison, "spread", lu_values_json(shift.spread));
	put_design(comparison, ab, metric, &shift);
	lu_values_free(sides.a);
	lu_values_free(sides.b);
	return comparison;
}

static const json_t *comparison_of(const json_t *comparisons, const char *metric)
{
	json_t *each;
	size_t i;

	json_array_foreach(comparisons, i, each)
	{
		if (strcmp(lu_cli_get_str(each, "metric"), metric) == 0)
			return each;
	}
	return NULL;
}

/* *verdict: the worst of all. */
static json_t *judge_all(const struct lu_ab *ab, const json_t *comparisons,
			 enum lu_gate_verdict *verdict)
{
	json_t *gates = json_array();

	for (guint i = 0; i < ab->gates->len; i++) {
		const struct lu_gate *gate = g_ptr_array_index(ab->gates, i);
		enum lu_gate_verdict one =
			lu_gate_judge(gate, comparison_of(comparisons, gate->metric));

		if (one == LU_GATE_FAILS || *verdict == LU_GATE_PASSES)
			*verdict = one;
		json_array_append_new(gates, json_pack("{s:s, s:s, s:s}", "gate", gate->text,
						       "metric", gate->metric, "verdict",
						       lu_gate_verdict_name(one)));
	}
	return gates;
}

static json_t *describe_side(const char *name, const json_t *group)
{
	return json_pack("{s:s, s:O, s:O, s:i}", "label", name, "runs",
			 lu_cli_get(group, "summary.runs"), "good",
			 lu_cli_get(group, "summary.good"), "counted",
			 (int)json_array_size(json_object_get(group, "counted")));
}

static bool all_good(const json_t *side)
{
	return lu_cli_get_int(side, "runs", 0) == lu_cli_get_int(side, "good", 0);
}

/* A run that failed is worse than any factor; on different hosts a factor says nothing of a and b. */
static enum lu_gate_verdict overall(const struct lu_ab *ab, const json_t *doc,
				    enum lu_gate_verdict of_gates)
{
	if (!all_good(json_object_get(doc, "a")) || !all_good(json_object_get(doc, "b")))
		return LU_GATE_FAILS;
	if (json_is_string(json_object_get(doc, "hosts_differ")) && !ab->mixed && ab->gates->len)
		return LU_GATE_OPEN;
	return of_gates;
}

static json_t *make_document(const struct lu_ab *ab, const json_t *group_a, const json_t *group_b)
{
	const json_t *x = json_object_get(group_a, "alike"), *y = json_object_get(group_b, "alike");
	g_autofree char *differ = lu_alike_difference(x, y, LU_ALIKE_ALL);
	g_autofree char *hosts = lu_alike_difference(x, y, LU_ALIKE_HOST);
	enum lu_gate_verdict verdict = LU_GATE_PASSES;
	json_t *comparisons = json_array();

	for (guint i = 0; i < ab->metrics->len; i++)
		json_array_append_new(comparisons,
				      compare_metric(ab, g_ptr_array_index(ab->metrics, i)));
	json_t *gates = judge_all(ab, comparisons, &verdict);
	json_t *doc = json_pack(
		"{s:i, s:s, s:f, s:f, s:f, s:o, s:o, s:s?, s:s?, s:o, s:o}", "schema_version",
		LU_SCHEMA_VERSION, "design", ab->paired ? "paired" : "independent", "confidence",
		CONFIDENCE, "effect", ab->effect, "power", ab->power, "a",
		describe_side(ab->name_a, group_a), "b", describe_side(ab->name_b, group_b),
		"differ", differ, "hosts_differ", hosts, "metrics", comparisons, "gates", gates);

	json_object_set_new(doc, "verdict",
			    json_string(lu_gate_verdict_name(overall(ab, doc, verdict))));
	return doc;
}

json_t *lu_ab_compare(const struct lu_ab *ab, GError **error)
{
	json_t *a = group_of(ab->a, ab->name_a, ab->with_suspect, error), *doc = NULL;
	json_t *b = a ? group_of(ab->b, ab->name_b, ab->with_suspect, error) : NULL;

	if (a && b && are_disjoint(ab, error))
		doc = make_document(ab, a, b);
	json_decref(a);
	json_decref(b);
	return doc;
}
