/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of an upgrade. */
#include "record/steps.h"

struct open_step {
	int64_t id;
	bool undo;
};

static const char *text(const struct lu_event *event, const char *key)
{
	return json_string_value(json_object_get(event->value, key));
}

static void begin(GArray *steps, GArray *open, const struct lu_event *event, bool undo)
{
	struct lu_step step = {event->t_ns, G_MAXINT64, undo ? "undo" : text(event, "kind"),
			       text(event, "name")};
	struct open_step key = {event->id, undo};

	if (!step.phase)
		return;
	g_array_append_val(steps, step);
	g_array_append_val(open, key);
}

/* Ends the step of that kind and index that is open. */
static void end(GArray *steps, const GArray *open, const struct lu_event *event, bool undo)
{
	for (guint i = 0; i < steps->len; i++) {
		const struct open_step *key = &g_array_index(open, struct open_step, i);
		struct lu_step *step = &g_array_index(steps, struct lu_step, i);

		if (step->end_ns != G_MAXINT64 || key->id != event->id || key->undo != undo)
			continue;
		step->end_ns = event->t_ns;
		return;
	}
}

GArray *lu_steps_find(const struct lu_timeline *timeline)
{
	GArray *steps = g_array_new(FALSE, FALSE, sizeof(struct lu_step));
	g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(struct open_step));
	const char *engine = g_intern_string("engine");

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		if (event->source != engine)
			continue;
		if (g_str_equal(event->kind, "phase-begin"))
			begin(steps, open, event, false);
		else if (g_str_equal(event->kind, "undo-begin"))
			begin(steps, open, event, true);
		else if (g_str_equal(event->kind, "phase-end"))
			end(steps, open, event, false);
		else if (g_str_equal(event->kind, "undo-end"))
			end(steps, open, event, true);
	}
	return steps;
}

bool lu_step_stops_service(const struct lu_step *step)
{
	return !g_str_equal(step->phase, "PREPARE") && !g_str_equal(step->phase, "FINISH");
}
