/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workloads/batch/job.h"

#define MULTIPLIER UINT64_C(6364136223846793005)
#define INCREMENT  UINT64_C(1442695040888963407)

/* Two steps are one with a² and (a + 1)·c; so the bits of the number say which to take. */
uint64_t lu_batch_value(uint64_t steps)
{
	uint64_t a = MULTIPLIER, c = INCREMENT, value = 0;

	for (; steps; steps >>= 1) {
		if (steps & 1)
			value = value * a + c;
		c *= a + 1;
		a *= a;
	}
	return value;
}
