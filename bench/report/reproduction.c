/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether runs of a result's plan say the same as the result. */
#include "bench/report/reproduction.h"
#include <math.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/report/alike.h"
#include "bench/report/counted.h"
#include "bench/report/metric.h"
#include "bench/report/values.h"
#include "model/result.h"
#include "record/prediction.h"
#include "record/stats.h"

#define PROBABILITY 0.95
#define AGREES	    "agrees"
#define DIFFERS	    "differs"
#define OPEN	    "cannot tell"

char *lu_reproduction_differs(const json_t *original, const json_t *run)
{
	json_auto_t *a = lu_alike_describe(original), *b = lu_alike_describe(run);

	return lu_alike_difference(a, b, LU_ALIKE_CONDITIONS);
}

static bool simulated(const json_t *result)
{
	return strcmp(lu_cli_get_str(result, "plan.guest"), "sim") == 0;
}

static void add_outcome(json_t *outcomes, const char *what, const char *original,
			const char *repeat)
{
	if (strcmp(original, repeat) != 0)
		json_array_append_new(outcomes, json_pack("{s:s, s:s, s:s}", "what", what,
							  "original", original, "repeat", repeat));
}

static void compare_outcomes(json_t *outcomes, const json_t *original, const json_t *repeat)
{
	const json_t *oracles = json_object_get(repeat, "oracles");
	const char *name;
	json_t *oracle;

	add_outcome(outcomes, "outcome", lu_cli_get_str(original, "outcome"),
		    lu_cli_get_str(repeat, "outcome"));
	json_object_foreach(json_object_get(original, "oracles"), name, oracle)
		add_outcome(outcomes, name, lu_cli_get_str(oracle, "verdict"),
			    lu_cli_get_str(json_object_get(oracles, name), "verdict"));
}

static void add_value(struct lu_values *values, const json_t *result, const char *metric)
{
	const json_t *metrics = json_object_get(result, "metrics");

	lu_values_add(values, metrics, metric, lu_metric_get(metrics, metric));
}

/* One metric of the original and of the repeats. */
struct sample {
	struct lu_values *original, *repeats;
	struct lu_censored x, y;
};

static void sample_init(struct sample *sample, const json_t *original, const json_t *counted,
			const char *metric)
{
	json_t *repeat;
	size_t i;

	sample->original = lu_values_new();
	sample->repeats = lu_values_new();
	add_value(sample->original, original, metric);
	json_array_foreach(counted, i, repeat) add_value(sample->repeats, repeat, metric);
	sample->x = lu_values_get(sample->original);
	sample->y = lu_values_get(sample->repeats);
}

static void sample_clear(struct sample *sample)
{
	lu_values_free(sample->original);
	lu_values_free(sample->repeats);
}

static size_t count_measured(const struct lu_censored *x)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n; i++)
		n += x->low[i] == x->high[i];
	return n;
}

static bool all_the_same(const struct sample *sample)
{
	for (size_t i = 0; i < sample->y.n; i++)
		if (sample->y.low[i] != sample->x.low[0] || sample->y.high[i] != sample->x.high[0])
			return false;
	return true;
}

/* Values below their bounds agree with each other; they have no place beside measured ones. */
static const char *judge_metric(const struct sample *sample, bool exact, double probability,
				double *low, double *high)
{
	size_t measured = count_measured(&sample->y);

	if (sample->x.n == 0 || sample->y.n == 0)
		return OPEN;
	if (exact || all_the_same(sample))
		return all_the_same(sample) ? AGREES : DIFFERS;
	if (count_measured(&sample->x) == 0)
		return measured == 0 ? AGREES : OPEN;
	if (measured < sample->y.n ||
	    !lu_prediction_interval(sample->y.low, sample->y.n, probability, low, high))
		return OPEN;
	return *low <= sample->x.low[0] && sample->x.low[0] <= *high ? AGREES : DIFFERS;
}

/* NULL: neither side has it. */
static json_t *compare_metric(const struct lu_reproduction *reproduction, const json_t *counted,
			      const char *metric, double probability)
{
	bool exact = simulated(reproduction->original);
	double low = NAN, high = NAN;
	struct sample sample;
	json_t *doc = NULL;

	json_auto_t *original =
		lu_counted_result(reproduction->original, reproduction->with_suspect);

	sample_init(&sample, original ? original : reproduction->original, counted, metric);
	if (sample.x.n || sample.y.n) {
		const char *verdict = judge_metric(&sample, exact, probability, &low, &high);

		doc = json_pack("{s:s, s:[], s:o, s:o, s:i, s:s}", "metric", metric, "censored",
				"low", lu_values_json(low), "high", lu_values_json(high), "n",
				(int)sample.y.n, "verdict", verdict);
		lu_values_put_median(doc, "original", &sample.x);
		lu_values_put_median(doc, "median", &sample.y);
	}
	sample_clear(&sample);
	return doc;
}

/* All metrics together are to be expected with that probability (Bonferroni). */
static json_t *compare_metrics(const struct lu_reproduction *reproduction, const json_t *counted)
{
	double probability = 1 - (1 - PROBABILITY) / MAX(reproduction->metrics->len, 1);
	json_t *all = json_array();

	for (guint i = 0; i < reproduction->metrics->len; i++) {
		json_t *one =
			compare_metric(reproduction, counted,
				       g_ptr_array_index(reproduction->metrics, i), probability);

		if (one)
			json_array_append_new(all, one);
	}
	return all;
}

static unsigned count_verdicts(const json_t *metrics, const char *verdict)
{
	unsigned n = 0;
	json_t *one;
	size_t i;

	json_array_foreach(metrics, i, one) n +=
		strcmp(lu_cli_get_str(one, "verdict"), verdict) == 0;
	return n;
}

/* Of the runs that are to be counted. New reference. */
static json_t *counted_of(const struct lu_reproduction *reproduction)
{
	json_t *counted = json_array(), *repeat;
	size_t i;

	json_array_foreach(reproduction->repeats, i, repeat)
	{
		json_t *taken = lu_counted_result(repeat, reproduction->with_suspect);

		if (taken)
			json_array_append_new(counted, taken);
	}
	return counted;
}

/* Of good runs under the same conditions. */
static const char *judge_figures(const json_t *metrics, const char **why)
{
	if (count_verdicts(metrics, DIFFERS))
		return DIFFERS;
	if (count_verdicts(metrics, OPEN) == 0 && json_array_size(metrics) > 0)
		return AGREES;
	*why = "too few runs count, or values are below the noise floor";
	return OPEN;
}

/* The figures matter only where runs are comparable and ended alike. */
static const char *judge(const struct lu_reproduction *reproduction, const json_t *doc,
			 const char **why)
{
	const json_t *original = reproduction->original;

	if (json_is_string(json_object_get(doc, "differ")) && !reproduction->mixed) {
		*why = "they ran under other conditions; --mixed judges them all the same";
		return OPEN;
	}
	if (json_array_size(json_object_get(doc, "outcomes"))) {
		*why = "runs ended otherwise";
		return DIFFERS;
	}
	if (!lu_result_good(original)) {
		*why = "every run ended as the result did; it has no figures to agree with";
		return AGREES;
	}
	json_auto_t *taken = lu_counted_result(reproduction->original, reproduction->with_suspect);

	if (!taken) {
		*why = "the result itself is suspect (lubench show); --with-suspect counts it";
		return OPEN;
	}
	return judge_figures(json_object_get(doc, "metrics"), why);
}

json_t *lu_reproduction_judge(const struct lu_reproduction *reproduction)
{
	json_auto_t *counted = counted_of(reproduction);
	json_t *outcomes = json_array(), *repeat;
	g_autofree char *differ = NULL;
	const char *why = "";
	size_t i;

	json_array_foreach(reproduction->repeats, i, repeat)
	{
		compare_outcomes(outcomes, reproduction->original, repeat);
		if (!differ)
			differ = lu_reproduction_differs(reproduction->original, repeat);
	}
	json_t *doc = json_pack("{s:i, s:s, s:i, s:i, s:b, s:s?, s:o, s:o}", "schema_version",
				LU_SCHEMA_VERSION, "original",
				lu_cli_get_str(reproduction->original, "run.id"), "runs",
				(int)json_array_size(reproduction->repeats), "counted",
				(int)json_array_size(counted), "simulated",
				simulated(reproduction->original), "differ", differ, "outcomes",
				outcomes, "metrics", compare_metrics(reproduction, counted));
	const char *verdict = judge(reproduction, doc, &why);

	json_object_set_new(doc, "verdict", json_string(verdict));
	json_object_set_new(doc, "why", json_string(why));
	return doc;
}
