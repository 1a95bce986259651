/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long users waited: quantiles and histogram of latencies from the intended time. */
#pragma once
#include <jansson.h>
#include "record/samples.h"

/* Buckets are exact below this, and from there on so many to each power of two: a bucket is at most
 * 1/64 of its bound wide. */
#define LU_LATENCY_SUB_BUCKETS 64

enum lu_latency_quantile { LU_P50, LU_P90, LU_P99, LU_P999, LU_PMAX, LU_LATENCY_QUANTILES };

/* Of the requests that ended in a window, in any way. */
struct lu_latency {
	int64_t requests;
	int64_t unanswered; /* lost or wrongly answered: their waits count to their end */
	/* nearest rank; 0 without requests */
	int64_t ns[LU_LATENCY_QUANTILES];
	/* the wait may have been longer: with the unanswered ones last the rank falls on another */
	bool lower_bound[LU_LATENCY_QUANTILES];
};

/* Of requests that ended in [begin, end). */
struct lu_latency lu_latency_find(const struct lu_samples *samples, int64_t begin_ns,
				  int64_t end_ns);
/* Bucket of a wait: ns itself below 64; else 64 × (e + 1) + (ns >> e) - 64, e being the position of
 * the highest bit less 6. Negative waits are 0. */
unsigned lu_latency_bucket(int64_t ns);
/* The least wait of a bucket; it ends where the next one begins. */
int64_t lu_latency_bucket_ns(unsigned bucket);
/*
 * {"sub_buckets": 64, "baseline": WINDOW, "upgrade": WINDOW, "run": WINDOW, "classes": [name…],
 * "by_class": {name: {"baseline", "upgrade", "run"}}}: until the trigger, from the trigger on, and
 * both together. WINDOW: {"requests", "unanswered", "p50_ns", "p90_ns", "p99_ns", "p999_ns",
 * "max_ns", "lower_bounds": [name…], "buckets": [index…], "counts": [n…]}, without empty buckets.
 * classes, sorted, are those of the record's requests (record/classes.h); of a single one by_class
 * would say the same again, and is empty. New reference.
 */
json_t *lu_latency_to_json(const struct lu_samples *samples);
