/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/work.h"
#include <glib.h>
#include <math.h>
#include <stdbool.h>

#define NS_PER_S 1e9
/* Enough for two halves. */
#define LEAST 4

struct point {
	int64_t t_ns, conn, units;
};

/* Correct replies that tell of work, by arrival. */
static GArray *points_of(const struct lu_timeline *timeline)
{
	GArray *points = g_array_new(FALSE, FALSE, sizeof(struct point));
	const char *client = g_intern_string("client"), *reply = g_intern_string("reply");

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);
		const json_t *units = json_object_get(event->value, "units");

		if (event->source != client || event->kind != reply || !json_is_integer(units) ||
		    !json_is_true(json_object_get(event->value, "ok")))
			continue;
		const struct point point = {
			event->t_ns,
			json_integer_value(json_object_get(event->value, "conn")),
			CLAMP(json_integer_value(units), 0, LU_TIMELINE_MOST),
		};

		g_array_append_val(points, point);
	}
	return points;
}

static const struct point *at(const GArray *points, guint i)
{
	return &g_array_index(points, struct point, i);
}

/* Units a second from point a to point b. */
static double rate(const GArray *points, guint a, guint b)
{
	double passed = (double)(at(points, b)->t_ns - at(points, a)->t_ns) / NS_PER_S;

	return passed > 0 ? (double)(at(points, b)->units - at(points, a)->units) / passed : 0;
}

static int64_t lost(const GArray *points)
{
	g_autoptr(GHashTable) last = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, NULL);
	g_autoptr(GHashTable) sums =
		g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	int64_t most = 0;

	for (guint i = 0; i < points->len; i++) {
		const struct point *now = at(points, i);
		const struct point *before = g_hash_table_lookup(last, &now->conn);
		int64_t *sum = g_hash_table_lookup(sums, &now->conn);

		if (!sum) {
			sum = g_new0(int64_t, 1);
			g_hash_table_insert(sums, (gpointer)&now->conn, sum);
		}
		if (before && before->units > now->units)
			*sum = MIN(*sum + before->units - now->units, LU_TIMELINE_MOST);
		most = MAX(most, *sum);
		g_hash_table_replace(last, (gpointer)&now->conn, (gpointer)now);
	}
	return most;
}

static int64_t time_of(const struct lu_timeline *timeline, const char *kind)
{
	const struct lu_event *event = lu_timeline_find(timeline, "engine", kind, 0);

	return event ? event->t_ns : -1;
}

static int64_t whole(double ns)
{
	return (int64_t)CLAMP(llround(ns), -LU_TIMELINE_MOST, LU_TIMELINE_MOST);
}

/* first … last: the baseline's points. */
static json_t *figures(const GArray *points, guint first, guint last)
{
	guint half = (first + last) / 2, end = points->len - 1;
	double hz = rate(points, first, last);
	double apart = fabs(rate(points, first, half) - rate(points, half, last));
	double passed_ns = (double)(at(points, end)->t_ns - at(points, last)->t_ns);
	int64_t done = at(points, end)->units - at(points, last)->units, gone = lost(points);
	int64_t stolen_ns, floor_ns;

	if (hz <= 0)
		return NULL;
	stolen_ns = whole(passed_ns - (double)done / hz * NS_PER_S);
	floor_ns = whole(passed_ns * apart / hz);
	return json_pack("{s:f, s:I, s:I, s:I, s:I, s:I}", "rate_hz", hz, "done", (json_int_t)done,
			 "stolen_ns", (json_int_t)(stolen_ns > floor_ns ? stolen_ns : 0),
			 "stolen_floor_ns", (json_int_t)floor_ns, "lost", (json_int_t)gone,
			 "lost_ns", (json_int_t)whole((double)gone / hz * NS_PER_S));
}

json_t *lu_work_to_json(const struct lu_timeline *timeline)
{
	g_autoptr(GArray) points = points_of(timeline);
	int64_t begin_ns = time_of(timeline, "baseline-begin");
	int64_t trigger_ns = time_of(timeline, "trigger");
	guint first = 0, after = 0;

	if (begin_ns < 0 || trigger_ns < 0)
		return NULL;
	while (first < points->len && at(points, first)->t_ns < begin_ns)
		first++;
	for (after = first; after < points->len && at(points, after)->t_ns < trigger_ns;)
		after++;
	return after - first < LEAST ? NULL : figures(points, first, after - 1);
}
