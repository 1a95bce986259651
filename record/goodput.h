/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Goodput and latency in windows: brownout and recovery; private to the metrics. */
#pragma once
#include "record/samples.h"

struct lu_goodput {
	int64_t p50_ns, p99_ns,
		max_ns; /* baseline latencies from the intended time, correct replies */
	double baseline_hz;
	int64_t brownout_ns;
	int64_t ttr90_ns; /* -1: never, or no baseline to return to */
	int64_t low_ns;	  /* beginning of the first low window from the trigger on; -1: none */
};

/*
 * dark_* is the blackout (both equal to the trigger when there is none); recovery is looked for
 * from recovered_ns on, or, where that is the trigger because no gap stood out, from the first low
 * window on. Windows are laid end to end from the trigger until the last request's reply is expected,
 * a median latency of the baseline after it was intended, without the blackout; each is 250 ms or as long as 40 replies take in the baseline, the
 * last window of a stretch is up to twice that. A window is low when it has fewer correct arrivals
 * than 90 % of the baseline's, less one (a window's edges may cut off one), and slow when the p99
 * of its latencies is above 10 × the baseline's.
 */
struct lu_goodput lu_goodput_find(const struct lu_samples *samples, int64_t dark_begin_ns,
				  int64_t dark_end_ns, int64_t recovered_ns);
