/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All interruptions of a run. */
#include "record/interruptions.h"
#include "record/steps.h"

#define GAP(gaps, i)   (&g_array_index((gaps), struct lu_gap, (i)))
#define STEP(steps, i) (&g_array_index((steps), struct lu_step, (i)))

static int64_t length(const struct lu_gap *gap)
{
	return gap->end_ns - gap->begin_ns;
}

/* From the first step that may stop the service to the end of the last SWITCH. */
static bool find_switchover(const GArray *steps, int64_t *begin_ns, int64_t *end_ns)
{
	bool switched = false;

	*begin_ns = G_MAXINT64;
	*end_ns = G_MININT64;
	for (guint i = 0; i < steps->len; i++) {
		const struct lu_step *step = STEP(steps, i);

		if (lu_step_stops_service(step))
			*begin_ns = MIN(*begin_ns, step->begin_ns);
		if (!g_str_equal(step->phase, "SWITCH"))
			continue;
		*end_ns = MAX(*end_ns, step->end_ns);
		switched = true;
	}
	return switched;
}

struct lu_interruptions lu_interruptions_find(const struct lu_timeline *timeline,
					      const GArray *above, int64_t steady_ns)
{
	g_autoptr(GArray) steps = lu_steps_find(timeline);
	struct lu_interruptions all = {.count = above->len, .first_ns = -1, .switchover_ns = -1};
	int64_t begin_ns, end_ns;

	all.switched = find_switchover(steps, &begin_ns, &end_ns);
	for (guint i = 0; i < above->len; i++) {
		const struct lu_gap *gap = GAP(above, i);

		if (i == 0)
			all.first_ns = gap->begin_ns;
		all.sum_ns += length(gap) - steady_ns;
		if (all.switched && gap->begin_ns <= end_ns && gap->end_ns >= begin_ns)
			all.switchover_ns = MAX(all.switchover_ns, length(gap) - steady_ns);
	}
	return all;
}

static bool has(const json_t *piece, const char *key, const char *text)
{
	return g_strcmp0(json_string_value(json_object_get(piece, key)), text) == 0;
}

/* What lies in one step is one entry, however often it is cut. */
static void add_piece(json_t *pieces, const struct lu_step *step, int64_t ns)
{
	json_t *piece;
	size_t i;

	if (ns <= 0)
		return;
	json_array_foreach(pieces, i, piece)
	{
		json_t *so_far = json_object_get(piece, "ns");

		if (!has(piece, "phase", step->phase) || !has(piece, "name", step->name) ||
		    !has(piece, "step", step->part))
			continue;
		json_integer_set(so_far, json_integer_value(so_far) + ns);
		return;
	}
	json_array_append_new(pieces,
			      json_pack("{s:s, s:s*, s:s*, s:I}", "phase", step->phase, "name",
					step->name, "step", step->part, "ns", (json_int_t)ns));
}

/* Steps follow each other; of two that overlap in a damaged record the first keeps its time. */
static json_t *phases_of(const GArray *steps, const struct lu_gap *gap)
{
	static const struct lu_step before = {.phase = "before"}, between = {.phase = "between"},
				    after = {.phase = "after"};
	int64_t done_ns = gap->begin_ns;
	json_t *pieces = json_array();
	bool begun = false;

	for (guint i = 0; i < steps->len; i++) {
		const struct lu_step *step = STEP(steps, i);
		int64_t from_ns = CLAMP(step->begin_ns, done_ns, gap->end_ns);
		int64_t to_ns = CLAMP(step->end_ns, from_ns, gap->end_ns);

		add_piece(pieces, begun ? &between : &before, from_ns - done_ns);
		add_piece(pieces, step, to_ns - from_ns);
		done_ns = to_ns;
		begun = true;
	}
	add_piece(pieces, begun ? &after : &before, gap->end_ns - done_ns);
	return pieces;
}

static gint by_length(gconstpointer a, gconstpointer b)
{
	const struct lu_gap *x = a, *y = b;

	return (length(x) < length(y)) - (length(x) > length(y));
}

/* The least length that is listed, and how many of that very length are. */
static int64_t least_listed(const GArray *above, guint *ties)
{
	g_autoptr(GArray) sorted =
		g_array_sized_new(FALSE, FALSE, sizeof(struct lu_gap), above->len);

	*ties = 0;
	if (above->len <= LU_INTERRUPTIONS_LISTED)
		return -1;
	g_array_append_vals(sorted, above->data, above->len);
	g_array_sort(sorted, by_length);
	int64_t least = length(GAP(sorted, LU_INTERRUPTIONS_LISTED - 1));

	for (guint i = 0; i < LU_INTERRUPTIONS_LISTED; i++)
		*ties += length(GAP(sorted, i)) == least;
	return least;
}

json_t *lu_interruptions_to_json(const struct lu_timeline *timeline, const GArray *above,
				 int64_t steady_ns)
{
	g_autoptr(GArray) steps = lu_steps_find(timeline);
	json_t *list = json_array();
	guint ties;
	int64_t least = least_listed(above, &ties);

	for (guint i = 0; i < above->len; i++) {
		const struct lu_gap *gap = GAP(above, i);

		if (length(gap) < least || (length(gap) == least && !ties))
			continue;
		ties -= length(gap) == least;
		json_array_append_new(list, json_pack("{s:I, s:I, s:I, s:I, s:o}", "begin_ns",
						      (json_int_t)gap->begin_ns, "end_ns",
						      (json_int_t)gap->end_ns, "ns",
						      (json_int_t)(length(gap) - steady_ns),
						      "requests", (json_int_t)gap->requests,
						      "phases", phases_of(steps, gap)));
	}
	return list;
}
