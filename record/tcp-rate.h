/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one TCP connection of the harness' clients carries towards them. */
#pragma once
#include <stdint.h>

/* Bytes a second: the less of what the window allows and what loss allows (docs/design/fabric.md).
 * Infinite without delay. loss: share of the frames. */
double lu_tcp_rate(int64_t round_trip_ns, double loss);
