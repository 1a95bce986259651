/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The disk "field" as a kernel sees it. */
#pragma once
#include "sim/state.h"

/* Listing of the disk; expected: as a memory image has
 * cached it when it was shipped. New reference. */
json_t *sim_field_list(const struct sim *sim, bool expected);
