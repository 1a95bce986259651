/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workloads/kit/packets/guest/histogram.h"

/* Values below 16 have a bucket each; above that, each power of two has 16. */
static unsigned bucket_of(uint64_t value)
{
	unsigned power = value < 16 ? 3 : 63 - __builtin_clzll(value);

	return value < 16 ? value : (power - 3UL) * 16 + (value >> (power - 4) & 15);
}

static uint64_t upper_bound(unsigned bucket)
{
	if (bucket < 16)
		return bucket;
	return (((uint64_t)bucket % 16 + 17) << (bucket / 16 - 1)) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
	histogram->buckets[bucket_of(value)]++;
	histogram->count++;
	if (value > histogram->max)
		histogram->max = value;
}

uint64_t histogram_quantile(const struct histogram *histogram, double part)
{
	uint64_t wanted = (uint64_t)(part * (double)histogram->count), seen = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS && histogram->count; i++) {
		seen += histogram->buckets[i];
		if (seen > wanted || seen == histogram->count)
			return upper_bound(i) < histogram->max ? upper_bound(i) : histogram->max;
	}
	return 0;
}
