/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Phases as coloured bands behind a timeline, labelled above it without overlap. */
#include "bench/report/plot-bands.h"
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/report/plot-script.h"
#include "model/strategy.h"

#define LEFT	    0.10
#define RIGHT	    0.975
#define TOP	    0.80
#define LABEL_Y	    0.875
#define LABEL_WIDTH 0.096 /* as a part of the canvas: the widest label, "PREPARE" over "12.345 s" */

struct band {
	const char *kind;
	const char *colour;
	int64_t begin_ns, end_ns;
	double label_x; /* screen */
};

static const char *colour_of(const char *kind, bool undo)
{
	if (undo)
		return LU_PLOT_GREY;
	for (int i = 0; i < LU_PHASE_KINDS; i++)
		if (strcmp(lu_phase_kind_name((enum lu_phase_kind)i), kind) == 0)
			return lu_plot_colour((unsigned)i);
	return LU_PLOT_GREY;
}

static void begin_band(GArray *bands, const struct lu_event *event, bool undo)
{
	const char *kind = json_string_value(json_object_get(event->value, "kind"));
	struct band *last = bands->len ? &g_array_index(bands, struct band, bands->len - 1) : NULL;
	const char *name = undo ? "undo" : kind ? kind : "?";

	/* Adjacent phases of one kind are one band. */
	if (last && strcmp(last->kind, name) == 0) {
		last->end_ns = -1;
		return;
	}
	struct band band = {name, colour_of(name, undo), event->t_ns, -1, 0};

	g_array_append_val(bands, band);
}

static void end_band(GArray *bands, const struct lu_event *event)
{
	if (bands->len)
		g_array_index(bands, struct band, bands->len - 1).end_ns = event->t_ns;
}

static GArray *find_bands(const struct lu_timeline *timeline)
{
	GArray *bands = g_array_new(FALSE, FALSE, sizeof(struct band));

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		if (strcmp(event->source, "engine") != 0)
			continue;
		if (strcmp(event->kind, "phase-begin") == 0)
			begin_band(bands, event, false);
		else if (strcmp(event->kind, "undo-begin") == 0)
			begin_band(bands, event, true);
		else if (g_str_has_suffix(event->kind, "-end"))
			end_band(bands, event);
	}
	return bands;
}

static double clamp(double x, double low, double high)
{
	return fmin(fmax(x, low), high);
}

static double screen_x(double x, double x_min, double x_max)
{
	return LEFT + (RIGHT - LEFT) * (clamp(x, x_min, x_max) - x_min) / (x_max - x_min);
}

/* Push labels apart: from the left, so that none touches
 * its predecessor, then back from the right edge. */
static void spread(GArray *bands)
{
	double limit = LEFT + LABEL_WIDTH / 2;

	for (guint i = 0; i < bands->len; i++) {
		struct band *band = &g_array_index(bands, struct band, i);

		band->label_x = fmax(band->label_x, limit);
		limit = band->label_x + LABEL_WIDTH;
	}
	limit = RIGHT - LABEL_WIDTH / 2 + 0.02;
	for (guint i = bands->len; i-- > 0;) {
		struct band *band = &g_array_index(bands, struct band, i);

		band->label_x = fmin(band->label_x, limit);
		limit = band->label_x - LABEL_WIDTH;
	}
}

static void append_band(GString *script, const struct band *band, double from, double to)
{
	g_string_append_printf(
		script,
		"set object rectangle from first %.6f,graph 0 to first %.6f,graph 1 back "
		"fc rgb '%s' fs solid 0.30 noborder\n",
		from, to, band->colour);
	/* A hairline keeps a very narrow band visible, and
	 * a cap above the plot shows its full colour. */
	g_string_append_printf(
		script,
		"set arrow from first %.6f,graph 0 to first %.6f,graph 1 nohead back lc rgb "
		"'%s' lw 0.8\n"
		"set object rectangle from first %.6f,graph 1.003 to first %.6f,graph 1.02 "
		"front noclip fc rgb '%s' fs solid 1 noborder\n",
		from, from, band->colour, from, to, band->colour);
}

static void append_label(GString *script, const struct band *band, double centre)
{
	g_autofree char *length = lu_cli_time(band->end_ns - band->begin_ns);

	g_string_append_printf(
		script,
		"set arrow from screen %.4f,screen %.4f to screen %.4f,screen %.4f nohead "
		"front lc rgb '%s' lw 1.2\n",
		band->label_x, LABEL_Y - 0.012, centre, TOP + 0.013, band->colour);
	g_string_append(script, "set label ");
	lu_plot_quote(script, band->kind);
	g_string_append_printf(script, " at screen %.4f,screen %.4f center font ',11'\nset label ",
			       band->label_x, LABEL_Y + 0.034);
	lu_plot_quote(script, length);
	g_string_append_printf(script, " at screen %.4f,screen %.4f center font ',10'\n",
			       band->label_x, LABEL_Y + 0.008);
}

void lu_plot_bands(GString *script, const struct lu_timeline *timeline, int64_t trigger_ns,
		   double x_min, double x_max)
{
	g_autoptr(GArray) bands = find_bands(timeline);

	for (guint i = 0; i < bands->len; i++) {
		struct band *band = &g_array_index(bands, struct band, i);
		double from = (double)(band->begin_ns - trigger_ns) / 1e9;

		if (band->end_ns < 0) /* the run ended inside it */
			band->end_ns = trigger_ns + (int64_t)(x_max * 1e9);
		double to = (double)(band->end_ns - trigger_ns) / 1e9;

		append_band(script, band, clamp(from, x_min, x_max), clamp(to, x_min, x_max));
		band->label_x = screen_x((from + to) / 2, x_min, x_max);
	}
	g_autoptr(GArray) centres = g_array_new(FALSE, FALSE, sizeof(double));

	for (guint i = 0; i < bands->len; i++)
		g_array_append_val(centres, g_array_index(bands, struct band, i).label_x);
	spread(bands);
	for (guint i = 0; i < bands->len; i++)
		append_label(script, &g_array_index(bands, struct band, i),
			     g_array_index(centres, double, i));
}
