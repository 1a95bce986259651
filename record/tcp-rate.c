/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The window is libslirp's, which does not scale it. Loss: of Mathis, Semke, Mahdavi and Ott, "The
 * macroscopic behavior of the TCP congestion avoidance algorithm" (1997), with each segment
 * acknowledged: segments of MSS, of which one of 1/p is lost, halve the window each time.
 */
#include "record/tcp-rate.h"
#include <math.h>

#define WINDOW 65535.0
#define MSS    1460.0

double lu_tcp_rate(int64_t round_trip_ns, double loss)
{
	double seconds = (double)round_trip_ns / 1e9;

	if (round_trip_ns <= 0)
		return INFINITY;
	if (loss <= 0)
		return WINDOW / seconds;
	return fmin(WINDOW, MSS * sqrt(1.5 / loss)) / seconds;
}
