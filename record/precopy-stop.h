/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When to stop pre-copying memory. Each round sends what was dirtied during the one before; what
 * the last round leaves is sent while the service is paused, so another round is worth its time as
 * long as each leaves clearly less than the one before. Pure.
 */
#pragma once
#include <stdint.h>

struct lu_precopy_rule {
	/* sending this little costs less than the fixed cost of the last step */
	int64_t small_bytes;
	/* go on while a round sends at most this share of the one before, 0 to 1 */
	double shrink;
	unsigned max_rounds; /* at least 1 */
};

enum lu_precopy_verdict {
	LU_PRECOPY_GO_ON,
	LU_PRECOPY_SMALL, /* the last round was small enough */
	LU_PRECOPY_LEVEL, /* the dirty set no longer shrinks: this is the service's working set */
	LU_PRECOPY_BOUND, /* max_rounds reached */
};

/* "go on", "small", "level", "bound". */
const char *lu_precopy_verdict_name(enum lu_precopy_verdict verdict);
/* The verdict after `rounds` rounds, round i of which sent sent_bytes[i]. Before
 * the first round: go on. */
enum lu_precopy_verdict lu_precopy_verdict(const struct lu_precopy_rule *rule,
					   const int64_t *sent_bytes, unsigned rounds);
