/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When pre-copy stops. */
#include "record/precopy-stop.h"

const char *lu_precopy_verdict_name(enum lu_precopy_verdict verdict)
{
	static const char *const names[] = {"go on", "small", "level", "bound"};

	return names[verdict];
}

enum lu_precopy_verdict lu_precopy_verdict(const struct lu_precopy_rule *rule,
					   const int64_t *sent_bytes, unsigned rounds)
{
	if (!rounds)
		return LU_PRECOPY_GO_ON;
	if (sent_bytes[rounds - 1] <= rule->small_bytes)
		return LU_PRECOPY_SMALL;
	if (rounds > 1 &&
	    (double)sent_bytes[rounds - 1] > rule->shrink * (double)sent_bytes[rounds - 2])
		return LU_PRECOPY_LEVEL;
	return rounds >= rule->max_rounds ? LU_PRECOPY_BOUND : LU_PRECOPY_GO_ON;
}
