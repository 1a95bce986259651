/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the redis workload's client uses of Redis, in memory: the service as the simulated guest
 * runs it. */
#pragma once
#include "model/workload.h"

/* SET, GET, DBSIZE. Damage: "lose-write" (the last SET is undone), "corrupt" (a bit of the value
 * last set flips), "reset-counter" (it starts over, empty). */
extern const struct lu_service_model lu_redis_service_model;
