/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mappings of a process (proc(5): smaps). */
#pragma once
#include "agent/preflight/rules.h"

/* Calls each() for every mapping, in the order of addresses; it is valid during the call. */
void maps_each(const struct preflight_process *process,
	       void (*each)(void *data, const struct preflight_mapping *mapping), void *data);
