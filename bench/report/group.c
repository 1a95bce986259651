/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several runs as one: statistics over alike runs. Grouping unlike ones is in group-by.c. */
#include "bench/report/group.h"
#include <glib.h>
#include "bench/cli.h"
#include "record/stats.h"

#define CONFIDENCE	 0.95
#define MIN_FOR_INTERVAL 3
#define SEED		 1

static void count(json_t *counts, const char *name)
{
	json_int_t so_far = json_integer_value(json_object_get(counts, name));

	json_object_set_new(counts, name, json_integer(so_far + 1));
}

static void count_oracles(json_t *failures, const json_t *result)
{
	const char *name;
	json_t *oracle;

	json_object_foreach(json_object_get(result, "oracles"), name,
			    oracle) if (g_str_equal(lu_cli_get_str(oracle, "verdict"),
						    lu_verdict_name(LU_FAIL)))
		count(failures, name);
}

/* Append every number below node to the array of its dotted name; -1 means "never" or "unknown" and
 * does not count. */
static void collect(const json_t *node, const char *prefix, GHashTable *samples)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)node, key, value)
	{
		g_autofree char *name =
			prefix ? g_strconcat(prefix, ".", key, NULL) : g_strdup(key);

		/* Bounds are not samples, and of the waits those of the upgrade stand above. */
		if (g_str_equal(key, "censored") || g_str_equal(key, "latency"))
			continue;
		if (json_is_object(value)) {
			collect(value, name, samples);
		} else if (json_is_number(value) && json_number_value(value) >= 0) {
			double x = json_number_value(value);
			GArray *array = g_hash_table_lookup(samples, name);

			if (!array) {
				array = g_array_new(FALSE, FALSE, sizeof(double));
				g_hash_table_insert(samples, g_strdup(name), array);
			}
			g_array_append_val(array, x);
		}
	}
}

/* Tukey's fences: beyond the quartiles by more than 1.5 of their distance. */
static json_t *outliers(const double *x, size_t n)
{
	double low = lu_stats_quantile(x, n, 0.25), high = lu_stats_quantile(x, n, 0.75);
	double reach = 1.5 * (high - low);
	json_t *list = json_array();

	for (size_t i = 0; n > MIN_FOR_INTERVAL && i < n; i++)
		if (x[i] < low - reach || x[i] > high + reach)
			json_array_append_new(list, json_integer((json_int_t)i));
	return list;
}

static json_t *describe(const double *x, size_t n)
{
	double low, high;
	json_t *stats = json_pack("{s:i, s:f, s:n, s:n, s:f, s:f, s:f, s:o}", "n", (int)n, "median",
				  lu_stats_median(x, n), "ci_low", "ci_high", "confidence",
				  CONFIDENCE, "min", lu_stats_quantile(x, n, 0), "max",
				  lu_stats_quantile(x, n, 1), "outliers", outliers(x, n));

	if (n >= MIN_FOR_INTERVAL) {
		lu_stats_median_ci(x, n, CONFIDENCE, SEED, &low, &high);
		json_object_set_new(stats, "ci_low", json_real(low));
		json_object_set_new(stats, "ci_high", json_real(high));
	}
	return stats;
}

static int by_name(const void *a, const void *b)
{
	return g_strcmp0(*(const char *const *)a, *(const char *const *)b);
}

static json_t *describe_all(GHashTable *samples)
{
	json_t *metrics = json_object();
	guint n;
	g_autofree char **names = (char **)g_hash_table_get_keys_as_array(samples, &n);

	/* Sorted: the same runs give the same document. */
	qsort(names, n, sizeof(*names), by_name);
	for (guint i = 0; i < n; i++) {
		const GArray *x = g_hash_table_lookup(samples, names[i]);

		json_object_set_new(metrics, names[i],
				    describe((const double *)(const void *)x->data, x->len));
	}
	return metrics;
}

json_t *lu_group_summary(const json_t *results)
{
	g_autoptr(GHashTable) samples = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
							      (GDestroyNotify)g_array_unref);
	json_t *outcomes = json_object(), *failures = json_object(), *result;
	int good = 0;
	size_t i;

	json_array_foreach(results, i, result)
	{
		count(outcomes, lu_cli_get_str(result, "outcome"));
		count_oracles(failures, result);
		if (!lu_result_good(result))
			continue;
		good++;
		collect(json_object_get(result, "metrics"), NULL, samples);
	}
	return json_pack("{s:s, s:i, s:i, s:o, s:o, s:o}", "label",
			 lu_cli_get_str(json_array_get(results, 0), "plan.strategy"), "runs",
			 (int)json_array_size(results), "good", good, "outcomes", outcomes,
			 "oracle_failures", failures, "metrics", describe_all(samples));
}

static void print_counts(FILE *out, const char *title, const json_t *counts)
{
	const char *name, *separator = "";
	json_t *n;

	if (json_object_size(counts) == 0)
		return;
	fprintf(out, "%-11s ", title);
	json_object_foreach((json_t *)counts, name, n)
	{
		fprintf(out, "%s%lld %s", separator, (long long)json_integer_value(n), name);
		separator = ", ";
	}
	fputc('\n', out);
}

static void print_time(FILE *out, const json_t *summary, const char *metric, const char *title)
{
	const json_t *stats = json_object_get(json_object_get(summary, "metrics"), metric);

	if (!stats)
		return;
	g_autofree char *median = lu_cli_time(lu_cli_get_int(stats, "median", 0));
	g_autofree char *min = lu_cli_time(lu_cli_get_int(stats, "min", 0));
	g_autofree char *max = lu_cli_time(lu_cli_get_int(stats, "max", 0));

	fprintf(out, "%-11s median %s", title, median);
	if (json_is_number(json_object_get(stats, "ci_low"))) {
		g_autofree char *low = lu_cli_time(lu_cli_get_int(stats, "ci_low", 0));
		g_autofree char *high = lu_cli_time(lu_cli_get_int(stats, "ci_high", 0));

		fprintf(out, "  95%% [%s, %s]", low, high);
	}
	fprintf(out, "  min %s  max %s", min, max);
	size_t odd = json_array_size(json_object_get(stats, "outliers"));

	if (odd)
		fprintf(out, "  (%zu outlier%s)", odd, odd > 1 ? "s" : "");
	fputc('\n', out);
}

void lu_group_print(FILE *out, const json_t *summary)
{
	fprintf(out, "%-11s %lld of %lld runs good\n", lu_cli_get_str(summary, "label"),
		(long long)lu_cli_get_int(summary, "good", 0),
		(long long)lu_cli_get_int(summary, "runs", 0));
	print_counts(out, "outcomes", json_object_get(summary, "outcomes"));
	print_counts(out, "oracles ✗", json_object_get(summary, "oracle_failures"));
	print_time(out, summary, "blackout_ns", "blackout");
	print_time(out, summary, "total_ns", "total");
	print_time(out, summary, "ttr90_ns", "ttr90");
}
