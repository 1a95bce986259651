/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench plot: one run as a timeline, several as bars. */
#include <stdio.h>
#include "bench/cli.h"
#include "bench/group.h"
#include "bench/plot-bars.h"
#include "bench/plot-script.h"
#include "bench/plot-timeline.h"
#include "bench/store.h"
#include "bench/verb.h"

static bool draw_timeline(GString *script, const struct lu_saved *saved, const char *path,
			  GError **error)
{
	struct lu_timeline *timeline = lu_result_load_timeline(saved->path, error);

	if (!timeline)
		return false;
	bool done = lu_plot_begin(script, path, LU_PLOT_TIMELINE_WIDTH, LU_PLOT_TIMELINE_HEIGHT,
				  error) &&
		    lu_plot_timeline(script, saved->result, timeline, error);

	lu_timeline_free(timeline);
	return done;
}

static bool draw_bars(GString *script, const GPtrArray *saved, const char *path, GError **error)
{
	json_t *results = lu_store_results(saved);
	json_t *groups = lu_group_by_plan(results);
	bool done = lu_plot_begin(script, path, lu_plot_bars_width(groups), LU_PLOT_BARS_HEIGHT,
				  error) &&
		    lu_plot_bars(script, groups, error);

	json_decref(groups);
	json_decref(results);
	return done;
}

static bool draw(const GPtrArray *saved, const char *path, bool script_only, GError **error)
{
	g_autoptr(GString) script = g_string_new(NULL);
	bool drawn = saved->len == 1
			     ? draw_timeline(script, g_ptr_array_index(saved, 0), path, error)
			     : draw_bars(script, saved, path, error);

	if (!drawn)
		return false;
	if (script_only) {
		fputs(script->str, stdout);
		return true;
	}
	if (!lu_plot_render(script, path, error))
		return false;
	printf("%s\n", path);
	return true;
}

static int plot_main(int argc, char **argv)
{
	gboolean script_only = FALSE;
	g_autofree char *output = NULL;
	const GOptionEntry entries[] = {
		{"output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
		 "picture to write: .svg, .png or .pdf (default lubench.svg)", "FILE"},
		{"script", 0, 0, G_OPTION_ARG_NONE, &script_only,
		 "print the gnuplot script, data included, instead", NULL},
		{NULL},
	};
	char *last[] = {NULL, "last", NULL};
	g_autoptr(GError) error = NULL;
	int status;

	if (!lu_cli_parse(&argc, &argv, entries, "[RUN…]",
			  "Draw one run (default: last) as a timeline, or several as bars.",
			  "RUN is \"last\", a result file, a folder of results, or the beginning "
			  "of a saved run's ID.\n"
			  "A timeline shows each request's latency over its intended send time, "
			  "the phases as bands, the\n"
			  "blackout, and wrong and lost requests. Bars show the blackout of each "
			  "group of alike runs by\n"
			  "where its time went.\n",
			  &status))
		return status;
	g_autoptr(GPtrArray) saved = lu_store_load((argc > 1 ? argv : last) + 1, &error);

	if (saved && draw(saved, output ? output : "lubench.svg", script_only, &error))
		return LU_EXIT_OK;
	return lu_cli_fail(error);
}

const struct lu_verb lu_verb_plot = {
	.name = "plot",
	.summary = "draw one run as a timeline, or several as bars",
	.main = plot_main,
};
