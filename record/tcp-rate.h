/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The throughput of one TCP connection towards the harness's clients. */
#pragma once
#include <stdint.h>

/* Bytes per second: the smaller of what the window and what loss allow (docs/design/fabric.md).
 * Infinite without delay. loss: share of the frames. */
double lu_tcp_rate(int64_t round_trip_ns, double loss);
