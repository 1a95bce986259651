/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Histograms of waits, pooled. */
#include "bench/report/waits.h"
#include "bench/cli.h"
#include "record/latency.h"

/* Of all waits that a result can hold. */
#define BUCKETS (lu_latency_bucket(G_MAXINT64) + 1)

static void add_histogram(uint64_t *counts, const json_t *window)
{
	const json_t *buckets = json_object_get(window, "buckets");
	const json_t *numbers = json_object_get(window, "counts");

	for (size_t i = 0; i < json_array_size(buckets); i++) {
		json_int_t bucket = json_integer_value(json_array_get(buckets, i));
		json_int_t n = json_integer_value(json_array_get(numbers, i));

		if (bucket >= 0 && bucket < BUCKETS && n > 0)
			counts[bucket] += (uint64_t)n;
	}
}

static void add_window(struct lu_waits *waits, uint64_t *counts, const json_t *window)
{
	int64_t unanswered = lu_cli_get_int(window, "unanswered", 0);

	add_histogram(counts, window);
	waits->unanswered += (uint64_t)MAX(unanswered, 0);
	waits->runs += lu_cli_get_int(window, "requests", 0) > 0;
}

static void fill(struct lu_waits *waits, const uint64_t *counts)
{
	for (unsigned b = 0; b < BUCKETS; b++) {
		struct lu_waits_bucket bucket = {
			lu_latency_bucket_ns(b),
			b + 1 < BUCKETS ? lu_latency_bucket_ns(b + 1) : G_MAXINT64, counts[b]};

		if (!counts[b])
			continue;
		g_array_append_val(waits->buckets, bucket);
		waits->requests += counts[b];
	}
}

struct lu_waits *lu_waits_new(const json_t *results, const char *window, const char *class)
{
	g_autofree uint64_t *counts = g_new0(uint64_t, BUCKETS);
	struct lu_waits *waits = g_new0(struct lu_waits, 1);
	json_t *result;
	size_t i;

	waits->buckets = g_array_new(FALSE, FALSE, sizeof(struct lu_waits_bucket));
	json_array_foreach(results, i, result)
	{
		const json_t *latency = lu_cli_get(result, "metrics.latency"), *of = latency;

		if (class)
			of = json_object_get(json_object_get(latency, "by_class"), class);
		/* Another division would put the counts elsewhere. */
		if (lu_cli_get_int(latency, "sub_buckets", 0) == LU_LATENCY_SUB_BUCKETS)
			add_window(waits, counts, json_object_get(of, window));
	}
	fill(waits, counts);
	return waits;
}

void lu_waits_free(struct lu_waits *waits)
{
	g_array_unref(waits->buckets);
	g_free(waits);
}
