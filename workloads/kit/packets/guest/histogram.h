/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A histogram of times: buckets are at most a sixteenth of their lower bound wide. */
#pragma once
#include <stdint.h>

enum { HISTOGRAM_BUCKETS = 16 * 61 };

struct histogram {
	uint64_t count, max;
	uint32_t buckets[HISTOGRAM_BUCKETS];
};

/* Add a value. */
void histogram_add(struct histogram *histogram, uint64_t value);
/* The upper bound of the bucket that holds that quantile (0 to 1); 0: no values. */
uint64_t histogram_quantile(const struct histogram *histogram, double part);
