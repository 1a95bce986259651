/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a blackout's time went; private to the metrics. */
#pragma once
#include <jansson.h>
#include <stdint.h>
#include "record/timeline.h"

/*
 * Cuts [begin, end] at the edges of all phases and of undos, and at points inside the guest
 * (guest/mark, guest/hello and, when the hello says its uptime, "kernel-start"). Each piece says in
 * "phase" which of the phases FREEZE … RESUME it lies in, or "undo", "before" (the first of them),
 * "between" or "after" (the last; the peer's back-off, FINISH); in "name" the step, for "before"
 * and "after" that of PREPARE or FINISH, if any, and in "step" what that did then, if it said so; in "since" the point in the guest after which it
 * lies within the phase. A claim is put into the piece in which it was reported, beside its time,
 * and is not added to it. An empty interval has no pieces. Returns a new reference.
 */
json_t *lu_breakdown(const struct lu_timeline *timeline, int64_t begin_ns, int64_t end_ns);
