/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Order statistics of times in whole nanoseconds. */
#include <math.h>
#include "record/quantile.h"

static gint by_value(gconstpointer a, gconstpointer b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

void lu_sort_ns(GArray *values)
{
	g_array_sort(values, by_value);
}

int64_t lu_quantile_ns(const GArray *sorted, double q)
{
	if (!sorted->len)
		return 0;
	guint rank = CLAMP(ceil(q * sorted->len), 1, sorted->len);

	return g_array_index(sorted, int64_t, rank - 1);
}

guint lu_first_above_ns(const GArray *sorted, int64_t t)
{
	guint low = 0, high = sorted->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (g_array_index(sorted, int64_t, middle) > t)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}
