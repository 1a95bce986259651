/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest that is a thread: the service on loopback (loopback.h), everything else made up, time
 * too (tests/kit/virtual-io.h). */
#pragma once
#include "model/plan.h"
#include "model/guest.h"
#include "tests/engine/loopback.h"

/* A power cycle: for half of it requests are taken and lost, then nobody listens. */
#define LOOPBACK_CYCLE_NS (100 * LU_NS_PER_MS)

/* By how much CLOCK_BOOTTIME is ahead of CLOCK_MONOTONIC there. */
#define LOOPBACK_SLEPT_NS (3600 * LU_NS_PER_S)

/* What an agent's verb was asked, in order: "verb " each. Owned by the guest. */
struct lu_guest *loopback_guest_new(const struct lu_plan *plan, struct lu_timeline *timeline);
/* The engine has to run with it; its time is the guest's. */
const struct lu_io *loopback_guest_io(struct lu_guest *guest);
const char *loopback_guest_verbs(struct lu_guest *guest);
struct loopback *loopback_guest_service(struct lu_guest *guest);
/* The next jump damages the service's memory / leaves the old kernel running. */
void loopback_guest_damage_at_jump(struct lu_guest *guest, const char *kind);
void loopback_guest_jump_nowhere(struct lu_guest *guest);
/* The n-th wait() from now on fails as a cancelled run does. */
void loopback_guest_interrupt(struct lu_guest *guest, unsigned n);
