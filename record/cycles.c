/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cuts the record of a run with several upgrades into theirs. */
#include <stdbool.h>
#include "record/cycles.h"

GArray *lu_cycles_find(const struct lu_timeline *timeline)
{
	GArray *cycles = g_array_new(FALSE, FALSE, sizeof(struct lu_cycle));
	struct lu_cycle cycle = {INT64_MIN, INT64_MAX};
	bool begun = false;

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		if (!lu_event_is(event, "engine", "baseline-begin"))
			continue;
		if (begun) {
			cycle.end_ns = event->t_ns;
			g_array_append_val(cycles, cycle);
			cycle = (struct lu_cycle){event->t_ns, INT64_MAX};
		}
		begun = true;
	}
	g_array_append_val(cycles, cycle);
	return cycles;
}

static void add(struct lu_timeline *to, const struct lu_event *event)
{
	lu_timeline_add(to, event->t_ns, event->source, event->kind, event->id,
			json_incref(event->value));
}

struct lu_timeline *lu_cycle_timeline(const struct lu_timeline *timeline,
				      const struct lu_cycle *cycle)
{
	struct lu_timeline *own = lu_timeline_new();
	const struct lu_event *hello = NULL;

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		if (event->t_ns < cycle->begin_ns) {
			hello = lu_event_is(event, "guest", "hello") ? event : hello;
			continue;
		}
		if (event->t_ns >= cycle->end_ns)
			break;
		if (hello)
			add(own, hello);
		hello = NULL;
		add(own, event);
	}
	return own;
}
