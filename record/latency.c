/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long users waited. */
#include "record/latency.h"
#include "record/classes.h"
#include "record/quantile.h"

#define SUB_BITS 6

static const struct {
	const char *name;
	double q;
} quantiles[LU_LATENCY_QUANTILES] = {
	[LU_P50] = {"p50_ns", 0.5},	[LU_P90] = {"p90_ns", 0.9}, [LU_P99] = {"p99_ns", 0.99},
	[LU_P999] = {"p999_ns", 0.999}, [LU_PMAX] = {"max_ns", 1},
};

/* Requests that ended in [begin, end), of one of the classes. */
struct window {
	int64_t begin_ns, end_ns;
	const GPtrArray *classes;
	const char *class; /* NULL: of all */
};

static bool is_in(const struct window *window, const struct lu_asked *asked)
{
	return asked->end_ns >= window->begin_ns && asked->end_ns < window->end_ns &&
	       (!window->class || lu_class_has(window->classes, window->class, asked));
}

/* Waits of the window, sorted; *answered: those that ended in a correct reply alone. */
static GArray *waits(const struct lu_samples *samples, const struct window *window,
		     GArray **answered)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(int64_t));

	*answered = g_array_new(FALSE, FALSE, sizeof(int64_t));
	for (guint i = 0; i < samples->asked->len; i++) {
		const struct lu_asked *asked = &g_array_index(samples->asked, struct lu_asked, i);
		int64_t ns = MAX(asked->end_ns - asked->intended_ns, 0);

		if (!is_in(window, asked))
			continue;
		g_array_append_val(all, ns);
		if (asked->answered)
			g_array_append_val(*answered, ns);
	}
	lu_sort_ns(all);
	lu_sort_ns(*answered);
	return all;
}

/* Whether the quantile would be another if those that were not answered had waited on for ever: too
 * few correct replies took no longer than it. */
static bool may_be_longer(const GArray *all, const GArray *answered, double q)
{
	return lu_first_above_ns(answered, lu_quantile_ns(all, q)) < q * all->len;
}

static struct lu_latency describe(const GArray *all, const GArray *answered)
{
	struct lu_latency latency = {.requests = all->len, .unanswered = all->len - answered->len};

	for (int i = 0; i < LU_LATENCY_QUANTILES; i++) {
		latency.ns[i] = lu_quantile_ns(all, quantiles[i].q);
		latency.lower_bound[i] = may_be_longer(all, answered, quantiles[i].q);
	}
	return latency;
}

struct lu_latency lu_latency_find(const struct lu_samples *samples, int64_t begin_ns,
				  int64_t end_ns)
{
	const struct window window = {begin_ns, end_ns, NULL, NULL};
	g_autoptr(GArray) answered = NULL;
	g_autoptr(GArray) all = waits(samples, &window, &answered);

	return describe(all, answered);
}

unsigned lu_latency_bucket(int64_t ns)
{
	uint64_t value = ns > 0 ? (uint64_t)ns : 0;

	if (value < LU_LATENCY_SUB_BUCKETS)
		return (unsigned)value;
	unsigned e = 63 - (unsigned)__builtin_clzll(value) - SUB_BITS;

	return LU_LATENCY_SUB_BUCKETS * (e + 1) + (unsigned)(value >> e) - LU_LATENCY_SUB_BUCKETS;
}

int64_t lu_latency_bucket_ns(unsigned bucket)
{
	if (bucket < LU_LATENCY_SUB_BUCKETS)
		return bucket;
	unsigned e = bucket / LU_LATENCY_SUB_BUCKETS - 1;

	return (int64_t)(LU_LATENCY_SUB_BUCKETS + bucket % LU_LATENCY_SUB_BUCKETS) << e;
}

static void put_histogram(json_t *window, const GArray *all)
{
	json_t *buckets = json_array(), *counts = json_array();

	for (guint i = 0; i < all->len;) {
		unsigned bucket = lu_latency_bucket(g_array_index(all, int64_t, i));
		guint from = i;

		while (i < all->len && lu_latency_bucket(g_array_index(all, int64_t, i)) == bucket)
			i++;
		json_array_append_new(buckets, json_integer(bucket));
		json_array_append_new(counts, json_integer(i - from));
	}
	json_object_set_new(window, "buckets", buckets);
	json_object_set_new(window, "counts", counts);
}

static json_t *describe_window(const struct lu_samples *samples, struct window window)
{
	g_autoptr(GArray) answered = NULL;
	g_autoptr(GArray) all = waits(samples, &window, &answered);
	struct lu_latency latency = describe(all, answered);
	json_t *lower = json_array();
	json_t *doc = json_pack("{s:I, s:I}", "requests", (json_int_t)latency.requests,
				"unanswered", (json_int_t)latency.unanswered);

	for (int i = 0; i < LU_LATENCY_QUANTILES; i++) {
		json_object_set_new(doc, quantiles[i].name, json_integer(latency.ns[i]));
		if (latency.lower_bound[i])
			json_array_append_new(lower, json_string(quantiles[i].name));
	}
	json_object_set_new(doc, "lower_bounds", lower);
	put_histogram(doc, all);
	return doc;
}

/* class NULL: of all. */
static json_t *describe_windows(const struct lu_samples *samples, const GPtrArray *classes,
				const char *class)
{
	const struct window baseline = {samples->baseline_ns, samples->trigger_ns, classes, class};
	const struct window upgrade = {samples->trigger_ns, G_MAXINT64, classes, class};
	const struct window run = {G_MININT64, G_MAXINT64, classes, class};

	return json_pack("{s:o, s:o, s:o}", "baseline", describe_window(samples, baseline),
			 "upgrade", describe_window(samples, upgrade), "run",
			 describe_window(samples, run));
}

json_t *lu_latency_to_json(const struct lu_samples *samples)
{
	g_autoptr(GPtrArray) classes = lu_classes_of(samples);
	json_t *names = json_array(), *by_class = json_object();
	json_t *doc = json_pack("{s:i}", "sub_buckets", LU_LATENCY_SUB_BUCKETS);

	json_object_update_new(doc, describe_windows(samples, classes, NULL));
	for (guint i = 0; i < classes->len; i++) {
		const char *class = g_ptr_array_index(classes, i);

		json_array_append_new(names, json_string(class));
		if (classes->len > 1)
			json_object_set_new(by_class, class,
					    describe_windows(samples, classes, class));
	}
	json_object_set_new(doc, "classes", names);
	json_object_set_new(doc, "by_class", by_class);
	return doc;
}
