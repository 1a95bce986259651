/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics over runs of one plan. Grouping runs of different plans is in group-by.c. */
#include "bench/report/group.h"
#include <glib.h>
#include "bench/cli.h"
#include "bench/report/display.h"
#include "bench/report/counted.h"
#include "bench/report/metric.h"
#include "bench/report/values.h"
#include "record/stats.h"

#define CONFIDENCE	 0.95
#define MIN_FOR_INTERVAL 3

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

static struct lu_values *values_of(GHashTable *samples, const char *name)
{
	struct lu_values *values = g_hash_table_lookup(samples, name);

	if (!values) {
		values = lu_values_new();
		g_hash_table_insert(samples, g_strdup(name), values);
	}
	return values;
}

/* Of one result. */
struct collection {
	const json_t *metrics;
	GHashTable *samples;
};

/* Add a value to those of its name. */
static void collect(void *data, const struct lu_metric_value *metric)
{
	const struct collection *to = data;

	lu_values_add(values_of(to->samples, metric->name), to->metrics, metric->name,
		      metric->value);
}

/* Tukey's fences: beyond the quartiles by more than 1.5 times their distance. */
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

/* Statistics that are only bounds are named in "censored". */
static void put(json_t *stats, const char *name, struct lu_bounded bounded)
{
	json_object_set_new(stats, name, json_real(bounded.value));
	if (bounded.below)
		json_array_append_new(json_object_get(stats, "censored"), json_string(name));
}

static size_t count_censored(const struct lu_censored *x)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n; i++)
		n += x->low[i] < x->high[i];
	return n;
}

static json_t *describe(const struct lu_censored *x)
{
	struct lu_bounded low, high;
	json_t *stats =
		json_pack("{s:i, s:f, s:n, s:n, s:f, s:f, s:f, s:i, s:[], s:o}", "n", (int)x->n,
			  "median", 0.0, "ci_low", "ci_high", "confidence", CONFIDENCE, "min", 0.0,
			  "max", 0.0, "n_censored", (int)count_censored(x), "censored", "outliers",
			  outliers(x->high, x->n));

	put(stats, "median", lu_censored_quantile(x, 0.5));
	put(stats, "min", lu_censored_quantile(x, 0));
	put(stats, "max", lu_censored_quantile(x, 1));
	if (x->n >= MIN_FOR_INTERVAL) {
		lu_censored_median_ci(x, CONFIDENCE, &low, &high);
		put(stats, "ci_low", low);
		put(stats, "ci_high", high);
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

	/* Sorted, so that the same runs give the same document. */
	qsort(names, n, sizeof(*names), by_name);
	for (guint i = 0; i < n; i++) {
		struct lu_censored x = lu_values_get(g_hash_table_lookup(samples, names[i]));

		if (x.n)
			json_object_set_new(metrics, names[i], describe(&x));
	}
	return metrics;
}

static void collect_all(const json_t *counted, GHashTable *samples)
{
	json_t *result;
	size_t i;

	json_array_foreach(counted, i, result)
	{
		struct collection to = {json_object_get(result, "metrics"), samples};

		lu_metric_each(to.metrics, collect, &to);
	}
}

json_t *lu_group_summary(const json_t *results, bool with_suspect)
{
	g_autoptr(GHashTable) samples = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
							      (GDestroyNotify)lu_values_free);
	json_t *outcomes = json_object(), *failures = json_object(), *result;
	struct lu_left_out without;
	json_t *counted = lu_counted(results, with_suspect, &without);
	int good = (int)(json_array_size(counted) + without.repeated + without.suspect);
	size_t i;

	json_array_foreach(results, i, result)
	{
		count(outcomes, lu_cli_get_str(result, "outcome"));
		count_oracles(failures, result);
	}
	collect_all(counted, samples);
	json_decref(counted);
	return json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:o, s:o, s:o}", "label",
			 lu_cli_get_str(json_array_get(results, 0), "plan.strategy"), "runs",
			 (int)json_array_size(results), "good", good, "repeated_seeds",
			 (int)without.repeated, "suspect_left_out", (int)without.suspect,
			 "suspect_in_part", (int)without.in_part, "outcomes", outcomes,
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

bool lu_group_censored(const json_t *stats, const char *statistic)
{
	json_t *name;
	size_t i;

	json_array_foreach(json_object_get(stats, "censored"), i, name)
	{
		if (g_str_equal(json_string_value(name), statistic))
			return true;
	}
	return false;
}

char *lu_group_value(const char *metric, const json_t *stats, const char *statistic)
{
	double value = json_number_value(json_object_get(stats, statistic));
	g_autofree char *text = lu_metric_format(metric, value);

	return g_strconcat(lu_group_censored(stats, statistic) ? "< " : "", text, NULL);
}

static void print_time(FILE *out, const json_t *summary, const char *metric, const char *title)
{
	const json_t *stats = json_object_get(json_object_get(summary, "metrics"), metric);

	if (!stats)
		return;
	g_autofree char *median = lu_group_value(metric, stats, "median");
	g_autofree char *min = lu_group_value(metric, stats, "min");
	g_autofree char *max = lu_group_value(metric, stats, "max");

	fprintf(out, "%-11s median %s", title, median);
	if (json_is_number(json_object_get(stats, "ci_low"))) {
		g_autofree char *low = lu_group_value(metric, stats, "ci_low");
		g_autofree char *high = lu_group_value(metric, stats, "ci_high");

		fprintf(out, "  95%% [%s, %s]", low, high);
	}
	fprintf(out, "  min %s  max %s", min, max);
	size_t odd = json_array_size(json_object_get(stats, "outliers"));

	if (odd)
		fprintf(out, "  (%zu outlier%s)", odd, odd > 1 ? "s" : "");
	fputc('\n', out);
}

/* Of which good runs the statistics are not. */
static void print_left_out(FILE *out, const json_t *summary, int64_t good)
{
	int64_t repeated = lu_cli_get_int(summary, "repeated_seeds", 0);
	int64_t suspect = lu_cli_get_int(summary, "suspect_left_out", 0);
	int64_t in_part = lu_cli_get_int(summary, "suspect_in_part", 0);

	if (in_part)
		fprintf(out,
			"samples     %lld suspect in part: not counted for the metrics that their "
			"validity names\n",
			(long long)in_part);
	if (!repeated && !suspect)
		return;
	fprintf(out, "samples     n = %lld of %lld:", (long long)(good - repeated - suspect),
		(long long)good);
	if (repeated)
		fprintf(out, " %lld repeat%s a seed, and the simulator its run%s",
			(long long)repeated, repeated == 1 ? "s" : "", suspect ? ";" : "");
	if (suspect)
		fprintf(out, " %lld suspect (counted by --with-suspect)", (long long)suspect);
	fputc('\n', out);
}

void lu_group_print(FILE *terminal, const json_t *summary)
{
	int64_t good = lu_cli_get_int(summary, "good", 0);
	FILE *out;
	struct lu_display *display = lu_display_open(terminal, &out);

	fprintf(out, "%-11s %lld of %lld runs good\n", lu_cli_get_str(summary, "label"),
		(long long)good, (long long)lu_cli_get_int(summary, "runs", 0));
	print_left_out(out, summary, good);
	print_counts(out, "outcomes", json_object_get(summary, "outcomes"));
	print_counts(out, "oracles ✗", json_object_get(summary, "oracle_failures"));
	print_time(out, summary, "blackout_ns", "blackout");
	print_time(out, summary, "total_ns", "total");
	print_time(out, summary, "ttr90_ns", "ttr90");
	print_time(out, summary, "recovery90_ns", "recovery90");
	lu_display_close(display);
}
