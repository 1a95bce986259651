/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Location of a memory zone, from /proc/zoneinfo. In the zone "Movable" (the kernel parameters
 * kernelcore= and movablecore= create it) Linux keeps pages of processes and files, and no data of
 * its own. Text in, numbers out: it is compiled on the host for tests as well as into the agent.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct zone {
	uint64_t first, frames; /* in pages */
};

/* The first zone of that name that has pages; false: there is none. */
bool zone_find(const char *zoneinfo, const char *name, struct zone *zone);
