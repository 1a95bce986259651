/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gaps of all connections together and of each by itself; private to the metrics. */
#pragma once
#include "record/gaps.h"
#include "record/samples.h"

/* Of all correct replies, whichever connection they came on. above: struct lu_gap, gets those above
 * the floor; NULL is fine. */
struct lu_gaps lu_gaps_of_all(const struct lu_samples *samples, GArray *above);

/* The connection that was dark for longest. */
struct lu_worst_connection {
	int64_t longest_ns; /* its longest gap less its own interval; at least 0 */
	int64_t floor_ns;   /* its noise floor */
};

/*
 * Of each connection the longest gap from the trigger on, less the median interval of its own
 * requests: how much longer than by schedule it was without a reply. The floor is common to all
 * connections: max(that of all together, 1.5 × the longest such excess of any connection in the
 * baseline). docs/reference/method.md says why.
 */
struct lu_worst_connection lu_worst_connection_find(const struct lu_samples *samples,
						    const struct lu_gaps *all);
