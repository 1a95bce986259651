/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dirty service as the simulated guest runs it. */
#pragma once
#include "model/workload.h"

/* Damage: "lose-write" (the block written last is as it was before), "corrupt" (a bit of a block
 * flips), "reset-counter" (it starts over). */
extern const struct lu_service_model lu_dirty_service_model;
