/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What requests waited for, from the histograms of results, those of alike runs as one. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdint.h>

/* Requests that waited for [low_ns, high_ns). */
struct lu_waits_bucket {
	int64_t low_ns, high_ns;
	uint64_t count;
};

struct lu_waits {
	GArray *buckets; /* struct lu_waits_bucket, sorted, none of them empty */
	uint64_t requests, unanswered;
	unsigned runs; /* that have requests in that window */
};

/*
 * Of these results in a window ("baseline", "upgrade", "run"), of a class of requests or (NULL) of
 * all. What is no histogram as record/latency.h makes it is passed over.
 */
struct lu_waits *lu_waits_new(const json_t *results, const char *window, const char *class);
void lu_waits_free(struct lu_waits *waits);
