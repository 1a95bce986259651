/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times in buckets whose width is a sixteenth of their lower bound at most. */
#pragma once
#include <stdint.h>

enum { HISTOGRAM_BUCKETS = 16 * 61 };

struct histogram {
	uint64_t count, max;
	uint32_t buckets[HISTOGRAM_BUCKETS];
};

/* One value more. */
void histogram_add(struct histogram *histogram, uint64_t value);
/* The upper bound of the bucket in which that part (0 to 1) of the values ends; 0: no values. */
uint64_t histogram_quantile(const struct histogram *histogram, double part);
