/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of an upgrade, as the engine stamped them; private to the metrics. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "record/timeline.h"

struct lu_step {
	int64_t begin_ns, end_ns; /* one that was never ended lasts to G_MAXINT64 */
	const char *phase;	  /* the kind of its phase, or "undo"; borrowed from the timeline */
	const char *name;	  /* borrowed; NULL: it has none */
	/* What the phase did then (guest/step); borrowed; NULL: it did not say. */
	const char *part;
};

/* Every phase and undo of a sorted timeline, by its beginning: struct lu_step. One that does not stop
 * the service is one for each part of it. */
GArray *lu_steps_find(const struct lu_timeline *timeline);
/* One of the phases FREEZE … RESUME or an undo, during which no reply is promised. */
bool lu_step_stops_service(const struct lu_step *step);
