/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tick service as the simulated guest runs it. */
#pragma once
#include "model/workload.h"

/* Damage: "lose-write" (what the last request rewrote has its initial value), "corrupt" (a bit of
 * memory flips), "reset-counter" (it counts from one again). */
extern const char *const lu_tick_versions[];
extern const struct lu_service_model lu_tick_service_model;
