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
			       text(event, "name"), NULL};
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

/* The step of PREPARE or FINISH that is open at that time and began last; NULL: none. */
static struct lu_step *running(GArray *steps, int64_t t_ns)
{
	struct lu_step *found = NULL;

	for (guint i = 0; i < steps->len; i++) {
		struct lu_step *step = &g_array_index(steps, struct lu_step, i);

		if (!lu_step_stops_service(step) && step->begin_ns <= t_ns && t_ns < step->end_ns)
			found = step;
	}
	return found;
}

/* Ends the part that is running, and begins the one that is named. */
static void divide(GArray *steps, const struct lu_event *event)
{
	struct lu_step *step = running(steps, event->t_ns);

	if (!step)
		return;
	struct lu_step rest = *step;

	rest.begin_ns = event->t_ns;
	rest.part = text(event, "name");
	step->end_ns = event->t_ns;
	if (rest.begin_ns == step->begin_ns)
		*step = rest;
	else
		g_array_append_val(steps, rest);
}

static gint by_begin(gconstpointer a, gconstpointer b)
{
	const struct lu_step *x = a, *y = b;

	return (x->begin_ns > y->begin_ns) - (x->begin_ns < y->begin_ns);
}

/* A damaged record names steps without end: these many are told apart. */
#define MOST_PARTS 1000

static void find_parts(GArray *steps, const struct lu_timeline *timeline)
{
	const char *guest = g_intern_string("guest");
	unsigned n = 0;

	for (size_t i = 0; i < lu_timeline_count(timeline) && n < MOST_PARTS; i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		if (event->source != guest || !g_str_equal(event->kind, "step"))
			continue;
		divide(steps, event);
		n++;
	}
	g_array_sort(steps, by_begin);
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
	find_parts(steps, timeline);
	return steps;
}

bool lu_step_stops_service(const struct lu_step *step)
{
	return !g_str_equal(step->phase, "PREPARE") && !g_str_equal(step->phase, "FINISH");
}
