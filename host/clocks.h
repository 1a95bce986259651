/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's clocks read together, to see one jump against another. */
#pragma once
#include <stdint.h>

struct lu_clocks {
	int64_t monotonic_ns;
	int64_t realtime_ns, boottime_ns; /* offsets from it */
	int64_t within_ns;		  /* all three were read within so long */
};

/* Reads them several times and keeps the closest set, since the reader may be interrupted. */
struct lu_clocks lu_clocks_read(void);
/* By how much an offset has changed from one reading to the other; 0 when it is no more than what
 * reading them one after another explains. */
int64_t lu_clocks_step(int64_t before_ns, int64_t now_ns, const struct lu_clocks *before,
		       const struct lu_clocks *now);
