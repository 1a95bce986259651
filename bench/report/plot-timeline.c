/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run as a picture: latency over intended time, phases as bands, the blackout marked. */
#include "bench/report/plot-timeline.h"
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/report/plot-bands.h"
#include "bench/report/plot-gaps.h"
#include "bench/report/plot-script.h"
#include "record/error.h"

#define LEFT  0.10
#define RIGHT 0.975

/* Layout of the plot. x in seconds since the trigger, y in milliseconds. */
struct picture {
	int64_t trigger_ns;
	double x_min, x_max, y_min, y_max;
	size_t correct, wrong, lost;
};

static int64_t intended(const struct lu_event *event)
{
	return json_integer_value(json_object_get(event->value, "intended_ns"));
}

static double x_of(const struct picture *picture, int64_t t_ns)
{
	return (double)(t_ns - picture->trigger_ns) / 1e9;
}

/* Never 0: the axis is logarithmic. */
static double latency_ms(const struct lu_event *event)
{
	return fmax((double)(event->t_ns - intended(event)) / 1e6, 1e-3);
}

static void cover(struct picture *picture, const struct lu_event *event)
{
	double x = x_of(picture, intended(event)), y = latency_ms(event);

	picture->x_min = fmin(picture->x_min, x);
	picture->x_max = fmax(picture->x_max, x);
	picture->y_min = fmin(picture->y_min, y);
	picture->y_max = fmax(picture->y_max, y);
}

static void survey(struct picture *picture, const struct lu_timeline *timeline)
{
	const struct lu_event *trigger = lu_timeline_find(timeline, "engine", "trigger", 0);

	*picture = (struct picture){.x_min = INFINITY, .x_max = -INFINITY, .y_min = INFINITY};
	picture->trigger_ns = trigger ? trigger->t_ns : lu_timeline_at(timeline, 0)->t_ns;
	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		if (lu_event_is(event, "client", "reply") || lu_event_is(event, "client", "lost"))
			cover(picture, event);
	}
	/* Whole decades, with room above for the blackout's arrow and the lost requests. */
	picture->y_min = pow(10, floor(log10(picture->y_min)));
	picture->y_max = pow(10, ceil(log10(picture->y_max * 1.2))) * 8;
}

static double lost_y(const struct picture *picture)
{
	return picture->y_max / 1.4;
}

static size_t append_points(GString *script, const struct picture *picture,
			    const struct lu_timeline *timeline, const char *block, const char *kind,
			    bool ok)
{
	size_t n = 0;

	g_string_append_printf(script, "$%s << EOD\n", block);
	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		if (!lu_event_is(event, "client", kind) ||
		    (strcmp(kind, "reply") == 0 &&
		     json_is_true(json_object_get(event->value, "ok")) != ok))
			continue;
		g_string_append_printf(script, "%.6f %.4f\n", x_of(picture, intended(event)),
				       strcmp(kind, "lost") == 0 ? lost_y(picture)
								 : latency_ms(event));
		n++;
	}
	g_string_append(script, "EOD\n");
	return n;
}

static void append_data(GString *script, struct picture *picture,
			const struct lu_timeline *timeline)
{
	picture->correct = append_points(script, picture, timeline, "right", "reply", true);
	picture->wrong = append_points(script, picture, timeline, "wrong", "reply", false);
	picture->lost = append_points(script, picture, timeline, "lost", "lost", false);
}

static void append_gaps(GString *script, const struct picture *picture, const json_t *result)
{
	const struct lu_plot_gaps plot = {
		.result = result,
		.trigger_ns = picture->trigger_ns,
		.x_min = picture->x_min,
		.x_max = picture->x_max,
		.left = LEFT,
		.right = RIGHT,
		.y = picture->y_max / 4.5,
	};

	lu_plot_gaps(script, &plot);
}

static void append_title(GString *script, const json_t *result)
{
	const char *outcome = lu_cli_get_str(result, "outcome");
	g_autofree char *title = g_strdup_printf(
		"%s: %s on %s (%s guest) — %s", lu_cli_get_str(result, "plan.strategy"),
		lu_cli_get_str(result, "plan.workload"), lu_cli_get_str(result, "plan.machine"),
		lu_cli_get_str(result, "plan.guest"), outcome);

	g_string_append(script, "set label ");
	lu_plot_quote(script, title);
	g_string_append(script, " at screen 0.5,screen 0.965 center font ',15'\n");
}

/* Decades with their units, so that readers need not count zeros. */
static void append_y_tics(GString *script, const struct picture *picture)
{
	static const char *const units[] = {"ns", "µs", "ms", "s"};
	int first = (int)lround(log10(picture->y_min)), last = (int)floor(log10(picture->y_max));

	g_string_append(script, "set ytics (");
	for (int exponent = first; exponent <= last; exponent++) {
		/* Powers of 1000 ns; seconds are the largest unit. */
		int nano = exponent + 6, unit = CLAMP(nano / 3, 0, 3);

		g_string_append_printf(script, "%s'%g %s' %g", exponent > first ? ", " : "",
				       pow(10, nano - 3 * unit), units[unit], pow(10, exponent));
	}
	g_string_append(script, ")\n");
}

static void append_axes(GString *script, const struct picture *picture)
{
	g_string_append_printf(script,
			       "set lmargin at screen %g\nset rmargin at screen %g\n"
			       "set tmargin at screen 0.80\nset bmargin at screen 0.185\n"
			       "set logscale y 10\nset xrange [%g:%g]\nset yrange [%g:%g]\n"
			       "set xlabel 'intended send time, s after the trigger'\n"
			       "set ylabel 'latency from the intended send time'\n"
			       "set key at screen 0.54,screen 0.035 center horizontal Left reverse "
			       "samplen 1 width 3\n",
			       LEFT, RIGHT, picture->x_min, picture->x_max, picture->y_min,
			       picture->y_max);
	append_y_tics(script, picture);
}

/* Points are small in the plot and large in the legend. */
static void append_series(GString *script, const char *separator, const char *block,
			  const char *style, double size, const char *title, size_t n)
{
	g_string_append_printf(script,
			       "%s$%s using 1:2 with points %s ps %g notitle, keyentry with points "
			       "%s ps %g title '%s (%zu)'",
			       separator, block, style, size, style, fmax(size, 0.8), title, n);
}

static void append_plot(GString *script, const struct picture *picture, const json_t *result)
{
	append_series(script, "plot ", "right", "pt 7 lc rgb '" LU_PLOT_BLUE "'", 0.28,
		      "correct reply", picture->correct);
	if (picture->wrong)
		append_series(script, ", ", "wrong", "pt 2 lw 1.5 lc rgb '" LU_PLOT_RED "'", 0.8,
			      "wrong reply", picture->wrong);
	if (picture->lost)
		append_series(script, ", ", "lost", "pt 11 lc rgb '" LU_PLOT_RED "'", 0.6,
			      "lost request", picture->lost);
	lu_plot_gaps_key(script, result);
	g_string_append_c(script, '\n');
}

bool lu_plot_timeline(GString *script, const json_t *result, const struct lu_timeline *timeline,
		      GError **error)
{
	struct picture picture;

	if (!lu_timeline_find(timeline, "client", "reply", 0) &&
	    !lu_timeline_find(timeline, "client", "lost", 0)) {
		g_set_error(
			error, LU_ERROR, LU_ERROR_USAGE,
			"%s: the run ended (%s) before its first request; there is nothing to draw",
			lu_cli_get_str(result, "run.id"), lu_cli_get_str(result, "outcome"));
		return false;
	}
	survey(&picture, timeline);
	append_data(script, &picture, timeline);
	append_title(script, result);
	append_axes(script, &picture);
	lu_plot_bands(script, timeline, picture.trigger_ns, picture.x_min, picture.x_max);
	append_gaps(script, &picture, result);
	append_plot(script, &picture, result);
	return true;
}
