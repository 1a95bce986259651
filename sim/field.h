/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The disk "field" as a kernel sees it. */
#pragma once
#include "sim/state.h"

/* The disk as listed; expected: by a memory image that has cached it as shipped. New reference. */
json_t *sim_field_list(const struct sim *sim, bool expected);
