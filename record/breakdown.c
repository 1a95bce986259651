/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a blackout's time went: cuts an interval at every edge in it and labels the pieces. */
#include <glib.h>
#include <stdbool.h>
#include "record/breakdown.h"
#include "record/quantile.h"
#include "record/steps.h"

struct point {
	int64_t t_ns;
	const char *label;
};

struct breakdown {
	const struct lu_timeline *timeline;
	int64_t begin_ns, end_ns;
	GArray *steps;	/* struct lu_step */
	GArray *points; /* struct point */
	GArray *cuts;	/* int64_t, sorted */
};

static const char *text(const struct lu_event *event, const char *key)
{
	return json_string_value(json_object_get(event->value, key));
}

static bool uptime_of(const struct lu_event *event, int64_t *uptime_ns)
{
	const json_t *value = json_object_get(event->value, "uptime_ns");

	*uptime_ns = json_integer_value(value);
	return json_is_integer(value);
}

/* When that kernel's clock stood at zero, by the latest hello up to event i,
 * or the first after it. */
static bool kernel_start(const struct lu_timeline *timeline, size_t i, int64_t *start_ns)
{
	const struct lu_event *hello = NULL;
	int64_t uptime_ns;

	for (size_t j = 0; j < lu_timeline_count(timeline); j++) {
		const struct lu_event *event = lu_timeline_at(timeline, j);

		if (j > i && hello)
			break;
		if (lu_event_is(event, "guest", "hello") && uptime_of(event, &uptime_ns))
			hello = event;
	}
	if (!hello || !uptime_of(hello, &uptime_ns))
		return false;
	*start_ns = hello->t_ns - uptime_ns;
	return true;
}

/* A mark with an uptime is placed by it: it was reported later than it happened. */
static int64_t mark_time(const struct lu_timeline *timeline, size_t i)
{
	const struct lu_event *mark = lu_timeline_at(timeline, i);
	int64_t start_ns, uptime_ns;

	if (uptime_of(mark, &uptime_ns) && kernel_start(timeline, i, &start_ns))
		return MIN(start_ns + uptime_ns, mark->t_ns);
	return mark->t_ns;
}

static void add_point(struct breakdown *b, int64_t t_ns, const char *label)
{
	struct point point = {t_ns, label};

	if (label)
		g_array_append_val(b->points, point);
}

static void find_points(struct breakdown *b)
{
	for (size_t i = 0; i < lu_timeline_count(b->timeline); i++) {
		const struct lu_event *event = lu_timeline_at(b->timeline, i);
		int64_t uptime_ns;

		if (lu_event_is(event, "guest", "mark"))
			add_point(b, mark_time(b->timeline, i), text(event, "name"));
		if (!lu_event_is(event, "guest", "hello"))
			continue;
		if (uptime_of(event, &uptime_ns))
			add_point(b, event->t_ns - uptime_ns, "kernel-start");
		add_point(b, event->t_ns, "hello");
	}
}

static void cut(struct breakdown *b, int64_t t_ns)
{
	t_ns = CLAMP(t_ns, b->begin_ns, b->end_ns);
	g_array_append_val(b->cuts, t_ns);
}

static void find_cuts(struct breakdown *b)
{
	cut(b, b->begin_ns);
	cut(b, b->end_ns);
	for (guint i = 0; i < b->steps->len; i++) {
		cut(b, g_array_index(b->steps, struct lu_step, i).begin_ns);
		cut(b, g_array_index(b->steps, struct lu_step, i).end_ns);
	}
	for (guint i = 0; i < b->points->len; i++)
		cut(b, g_array_index(b->points, struct point, i).t_ns);
	lu_sort_ns(b->cuts);
}

static const char *remainder_name(const struct breakdown *b, int64_t t_ns)
{
	bool begun = false, more = false;

	for (guint i = 0; i < b->steps->len; i++) {
		const struct lu_step *step = &g_array_index(b->steps, struct lu_step, i);

		if (!lu_step_stops_service(step))
			continue;
		begun |= step->begin_ns <= t_ns;
		more |= step->begin_ns > t_ns;
	}
	return !begun ? "before" : more ? "between" : "after";
}

/* The step that covers t and may stop the service, or a remainder from the last edge before it,
 * which bears the name of the step of PREPARE or FINISH that covers t. */
static struct lu_step step_at(const struct breakdown *b, int64_t t_ns)
{
	struct lu_step found = {.begin_ns = b->begin_ns, .phase = remainder_name(b, t_ns)};

	for (guint i = 0; i < b->steps->len; i++) {
		const struct lu_step *step = &g_array_index(b->steps, struct lu_step, i);
		bool covers = step->begin_ns <= t_ns && t_ns < step->end_ns;

		if (!lu_step_stops_service(step)) {
			found.name = covers ? step->name : found.name;
			found.part = covers ? step->part : found.part;
		} else if (covers)
			return *step;
		else if (step->end_ns <= t_ns)
			found.begin_ns = MAX(found.begin_ns, step->end_ns);
	}
	return found;
}

/* The last point at or before t that lies in the step. */
static const char *since(const struct breakdown *b, const struct lu_step *step, int64_t t_ns)
{
	const struct point *last = NULL;

	for (guint i = 0; i < b->points->len; i++) {
		const struct point *point = &g_array_index(b->points, struct point, i);

		if (point->t_ns < step->begin_ns || point->t_ns > t_ns)
			continue;
		if (!last || point->t_ns >= last->t_ns)
			last = point;
	}
	return last ? last->label : NULL;
}

static void put_claims(json_t *piece, const struct breakdown *b, int64_t begin_ns, int64_t end_ns)
{
	for (size_t i = 0; i < lu_timeline_count(b->timeline); i++) {
		const struct lu_event *event = lu_timeline_at(b->timeline, i);

		if (event->t_ns <= begin_ns || event->t_ns > end_ns ||
		    !lu_event_is(event, "guest", "claim"))
			continue;
		json_t *claims = json_object_get(piece, "claims");

		if (!claims) {
			claims = json_object();
			json_object_set_new(piece, "claims", claims);
		}
		json_object_set(claims, text(event, "name"), json_object_get(event->value, "ns"));
	}
}

static json_t *make_piece(const struct breakdown *b, int64_t begin_ns, int64_t end_ns)
{
	struct lu_step step = step_at(b, begin_ns);
	json_t *piece = json_pack("{s:s, s:s*, s:s*, s:s*, s:I, s:I}", "phase", step.phase, "name",
				  step.name, "step", step.part, "since", since(b, &step, begin_ns),
				  "offset_ns", (json_int_t)(begin_ns - b->begin_ns), "ns",
				  (json_int_t)(end_ns - begin_ns));

	put_claims(piece, b, begin_ns, end_ns);
	return piece;
}

json_t *lu_breakdown(const struct lu_timeline *timeline, int64_t begin_ns, int64_t end_ns)
{
	g_autoptr(GArray) steps = lu_steps_find(timeline);
	g_autoptr(GArray) points = g_array_new(FALSE, FALSE, sizeof(struct point));
	g_autoptr(GArray) cuts = g_array_new(FALSE, FALSE, sizeof(int64_t));
	struct breakdown b = {timeline, begin_ns, end_ns, steps, points, cuts};
	json_t *pieces = json_array();

	find_points(&b);
	find_cuts(&b);
	for (guint i = 1; i < cuts->len; i++) {
		int64_t from = g_array_index(cuts, int64_t, i - 1);
		int64_t to = g_array_index(cuts, int64_t, i);

		if (from < to)
			json_array_append_new(pieces, make_piece(&b, from, to));
	}
	return pieces;
}
