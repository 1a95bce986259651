/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interruptions in a timeline. */
#include "bench/report/plot-gaps.h"
#include <math.h>
#include <stdbool.h>
#include "bench/cli.h"
#include "bench/report/plot-script.h"

/* Of a character of a label, as a part of the canvas. */
#define CHARACTER 0.0088

struct mark {
	int64_t ns;
	double from, to; /* s since the trigger */
	bool blackout;
};

/* Labels that stand, each from left to right on the canvas. */
struct room {
	double left, right;
};

/* Within what is drawn. */
static double x_of(const struct lu_plot_gaps *plot, int64_t t_ns)
{
	double x = ((double)t_ns - (double)plot->trigger_ns) / 1e9;

	return fmin(fmax(x, plot->x_min), plot->x_max);
}

static struct mark mark_of(const struct lu_plot_gaps *plot, const json_t *gap)
{
	int64_t begin_ns = lu_cli_get_int(gap, "begin_ns", 0);

	return (struct mark){
		lu_cli_get_int(gap, "ns", 0),
		x_of(plot, begin_ns),
		x_of(plot, lu_cli_get_int(gap, "end_ns", 0)),
		begin_ns == lu_cli_get_int(plot->result, "metrics.blackout_begin_ns", -1),
	};
}

/* The blackout, of a result that lists no interruptions: one of an earlier version. */
static void add_blackout(const struct lu_plot_gaps *plot, GArray *marks)
{
	json_t *metrics = json_object_get(plot->result, "metrics");
	json_auto_t *gap = json_pack("{s:O*, s:O*, s:O*}", "begin_ns",
				     json_object_get(metrics, "blackout_begin_ns"), "end_ns",
				     json_object_get(metrics, "blackout_end_ns"), "ns",
				     json_object_get(metrics, "blackout_ns"));
	struct mark mark = mark_of(plot, gap);

	if (mark.ns > 0 && mark.to > mark.from)
		g_array_append_val(marks, mark);
}

static gint by_length(gconstpointer a, gconstpointer b)
{
	const struct mark *x = a, *y = b;

	if (x->blackout != y->blackout)
		return x->blackout ? -1 : 1;
	return (x->ns < y->ns) - (x->ns > y->ns);
}

/* The blackout first, then by length. */
static GArray *find_marks(const struct lu_plot_gaps *plot)
{
	GArray *marks = g_array_new(FALSE, FALSE, sizeof(struct mark));
	const json_t *list = lu_cli_get(plot->result, "metrics.interruptions");
	json_t *gap;
	size_t i;

	json_array_foreach(list, i, gap)
	{
		struct mark mark = mark_of(plot, gap);

		if (mark.to > mark.from)
			g_array_append_val(marks, mark);
	}
	if (!list)
		add_blackout(plot, marks);
	g_array_sort(marks, by_length);
	return marks;
}

static bool has_room(const GArray *rooms, const struct room *room)
{
	for (guint i = 0; i < rooms->len; i++) {
		const struct room *other = &g_array_index(rooms, struct room, i);

		if (room->left < other->right && other->left < room->right)
			return false;
	}
	return true;
}

static double screen_x(const struct lu_plot_gaps *plot, double x)
{
	double part = (x - plot->x_min) / (plot->x_max - plot->x_min);

	return plot->left + (plot->right - plot->left) * part;
}

static void append_label(GString *script, const struct lu_plot_gaps *plot, const struct mark *mark,
			 GArray *rooms)
{
	g_autofree char *length = lu_cli_time(mark->ns);
	g_autofree char *text = g_strconcat(mark->blackout ? "blackout " : "", length, NULL);
	double centre = (mark->from + mark->to) / 2, x = screen_x(plot, centre);
	double half = CHARACTER * (double)(g_utf8_strlen(text, -1) + 1) / 2;
	struct room room = {x - half, x + half};

	if (!has_room(rooms, &room))
		return;
	g_array_append_val(rooms, room);
	g_string_append(script, "set label ");
	lu_plot_quote(script, text);
	g_string_append_printf(script,
			       " at %g,%g center offset 0,0.7 front font ',%d' textcolor rgb "
			       "'" LU_PLOT_INK "'\n",
			       centre, plot->y, mark->blackout ? 13 : 10);
}

static void append_edges(GString *script, const struct lu_plot_gaps *plot, const struct mark *mark)
{
	for (int i = 0; i < 2; i++)
		g_string_append_printf(
			script,
			"set arrow from first %g,graph 0 to first %g,first %g nohead "
			"lc rgb '" LU_PLOT_INK "' dt 3 lw 1.2 front\n",
			i ? mark->to : mark->from, i ? mark->to : mark->from, plot->y);
}

/* Bars at both ends keep one visible that is narrower than a line. */
static void append_mark(GString *script, const struct lu_plot_gaps *plot, const struct mark *mark)
{
	g_string_append_printf(
		script,
		"set arrow from %g,%g to %g,%g heads %s lc rgb '" LU_PLOT_INK "' lw %g front\n",
		mark->from, plot->y, mark->to, plot->y,
		mark->blackout ? "filled size screen 0.008,18" : "size screen 0.005,90 fixed",
		mark->blackout ? 1.6 : 1.3);
	if (mark->blackout)
		append_edges(script, plot, mark);
}

void lu_plot_gaps(GString *script, const struct lu_plot_gaps *plot)
{
	g_autoptr(GArray) marks = find_marks(plot);
	g_autoptr(GArray) rooms = g_array_new(FALSE, FALSE, sizeof(struct room));

	for (guint i = 0; i < marks->len; i++) {
		const struct mark *mark = &g_array_index(marks, struct mark, i);

		append_mark(script, plot, mark);
		append_label(script, plot, mark, rooms);
	}
}

void lu_plot_gaps_key(GString *script, const json_t *result)
{
	size_t drawn = json_array_size(lu_cli_get(result, "metrics.interruptions"));
	int64_t all = lu_cli_get_int(result, "metrics.interruptions_count", 0);
	int64_t sum_ns = lu_cli_get_int(result, "metrics.interruptions_sum_ns", 0);
	g_autofree char *sum = lu_cli_time(sum_ns);
	g_autoptr(GString) title = g_string_new(NULL);

	if (drawn < 2)
		return;
	g_string_printf(title, "interruption (%" G_GINT64_FORMAT ", together %s", MAX(all, 0), sum);
	if (all > (int64_t)drawn)
		g_string_append_printf(title, "; %zu drawn", drawn);
	g_string_append_c(title, ')');
	g_string_append(script, ", keyentry with lines lw 2 lc rgb '" LU_PLOT_INK "' title ");
	lu_plot_quote(script, title->str);
}
