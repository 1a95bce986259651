/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When to stop copying memory ahead. Each round sends what was dirtied during the one before; what
 * the last one leaves is sent while the service stands still, so rounds are worth their time as
 * long as each leaves clearly less than the one before. Pure.
 */
#pragma once
#include <stdint.h>

struct lu_precopy_rule {
	int64_t small_bytes; /* so little costs less than starting the last step does */
	/* a round is worth another one when it sent at most this share of the one before, 0 to 1 */
	double shrink;
	unsigned max_rounds; /* at least 1 */
};

enum lu_precopy_verdict {
	LU_PRECOPY_GO_ON,
	LU_PRECOPY_SMALL, /* what was sent last is small enough */
	LU_PRECOPY_LEVEL, /* the dirty set does not shrink any more: its level is the service's */
	LU_PRECOPY_BOUND, /* enough rounds */
};

/* "go on", "small", "level", "bound". */
const char *lu_precopy_verdict_name(enum lu_precopy_verdict verdict);
/* After `rounds` rounds, of which round i has sent sent_bytes[i]. None yet: go on. */
enum lu_precopy_verdict lu_precopy_verdict(const struct lu_precopy_rule *rule,
					   const int64_t *sent_bytes, unsigned rounds);
