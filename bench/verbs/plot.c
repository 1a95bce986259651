/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench plot: one run as a timeline, several as bars, or compared with a model. */
#include <stdio.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/report/group.h"
#include "bench/report/knee-table.h"
#include "bench/report/knee.h"
#include "bench/report/plot-bars.h"
#include "bench/report/plot-knee.h"
#include "bench/report/plot-script.h"
#include "bench/report/plot-timeline.h"
#include "bench/report/render.h"
#include "bench/store.h"
#include "bench/verb.h"
#include "record/error.h"

/* What is drawn. */
struct runs {
	GPtrArray *saved;
	bool with_suspect;
};

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

static bool draw_bars(GString *script, const struct runs *runs, const char *path, GError **error)
{
	json_t *results = lu_store_results(runs->saved);
	json_t *groups = lu_group_alike(results, runs->with_suspect);
	bool done = lu_plot_begin(script, path, lu_plot_bars_width(groups), LU_PLOT_BARS_HEIGHT,
				  error) &&
		    lu_plot_bars(script, groups, error);

	json_decref(groups);
	json_decref(results);
	return done;
}

static bool draw_runs(GString *script, const struct runs *runs, const char *path, GError **error)
{
	return runs->saved->len == 1
		       ? draw_timeline(script, g_ptr_array_index(runs->saved, 0), path, error)
		       : draw_bars(script, runs, path, error);
}

static struct lu_knee *knee_of(const struct runs *runs, GError **error)
{
	json_t *results = lu_store_results(runs->saved);
	struct lu_knee *knee = lu_knee_new(results, runs->with_suspect, error);

	json_decref(results);
	return knee;
}

static bool draw_knee(GString *script, const struct runs *runs, const char *path, GError **error)
{
	struct lu_knee *knee = knee_of(runs, error);
	bool done =
		knee && lu_plot_begin(script, path, LU_PLOT_KNEE_WIDTH, LU_PLOT_KNEE_HEIGHT, error);

	if (done)
		lu_plot_knee(script, knee);
	g_clear_pointer(&knee, lu_knee_free);
	return done;
}

static bool print_knee(const struct runs *runs, GError **error)
{
	struct lu_knee *knee = knee_of(runs, error);

	if (!knee)
		return false;
	struct lu_document *document = lu_knee_document(knee);

	lu_render_markdown(stdout, document);
	lu_document_free(document);
	lu_knee_free(knee);
	return true;
}

/* Models that runs are compared with. */
static const struct model {
	const char *name;
	bool (*draw)(GString *script, const struct runs *runs, const char *path, GError **error);
	bool (*print)(const struct runs *runs, GError **error); /* a table; may be NULL */
} models[] = {
	{"none", draw_runs, NULL},
	{"precopy", draw_knee, print_knee},
};

static const struct model *find_model(const char *name, GError **error)
{
	g_autoptr(GString) all = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(models); i++) {
		if (!name || strcmp(models[i].name, name) == 0)
			return &models[i];
		g_string_append_printf(all, "%s%s", i ? ", " : "", models[i].name);
	}
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "--model: \"%s\" is wrong; allowed: %s", name,
		    all->str);
	return NULL;
}

static bool draw(const struct model *model, const struct runs *runs, const char *path,
		 bool script_only, GError **error)
{
	g_autoptr(GString) script = g_string_new(NULL);

	if (!model->draw(script, runs, path, error))
		return false;
	if (script_only) {
		fputs(script->str, stdout);
		return true;
	}
	if (!lu_plot_render(script, path, error) || (model->print && !model->print(runs, error)))
		return false;
	printf("%s%s\n", model->print ? "\n" : "", path);
	return true;
}

static const char description[] =
	"RUN is \"last\", a result file, a folder of results, the beginning of a saved run's ID, "
	"or\n"
	"of a sweep's name. A timeline shows each request's latency over its intended send time, "
	"the\n"
	"phases as bands, the blackout, and wrong and lost requests. Bars show what the blackout\n"
	"of each group of runs of one plan consists of, in the order in which the runs are "
	"given,\n"
	"those of a sweep in the order of its definition.\n"
	"\n"
	"--model=precopy plots runs of migrate over the rate at which the service dirties its "
	"memory,\n"
	"together with the model of pre-copy, and prints both as a table with the error of each\n"
	"point. The model takes one figure from the runs, those with the lowest rate: the amount "
	"of\n"
	"memory to migrate.\n"
	"\n"
	"Examples:\n"
	"  lubench plot last -o run.svg\n"
	"  lubench sweep migrate-knee && lubench plot --model=precopy migrate-knee -o knee.svg\n";

static int plot_main(int argc, char **argv)
{
	gboolean script_only = FALSE, with_suspect = FALSE;
	g_autofree char *output = NULL, *model_name = NULL;
	const GOptionEntry entries[] = {
		{"output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
		 "picture to write: .svg, .png or .pdf (default lubench.svg)", "FILE"},
		{"model", 0, 0, G_OPTION_ARG_STRING, &model_name,
		 "compare the runs with this model (default none)", "none|precopy"},
		{"script", 0, 0, G_OPTION_ARG_NONE, &script_only,
		 "print the gnuplot script, data included, instead", NULL},
		LU_CLI_WITH_SUSPECT(&with_suspect),
		{NULL},
	};
	char *last[] = {NULL, "last", NULL};
	g_autoptr(GError) error = NULL;
	int status;

	if (!lu_cli_parse(&argc, &argv, entries, "[RUN…]",
			  "Draw one run (default: last) as a timeline, or several as bars.",
			  description, &status))
		return status;
	const struct model *model = find_model(model_name, &error);
	g_autoptr(GPtrArray) saved =
		model ? lu_store_load((argc > 1 ? argv : last) + 1, &error) : NULL;

	const struct runs runs = {saved, with_suspect};

	if (saved && draw(model, &runs, output ? output : "lubench.svg", script_only, &error))
		return LU_EXIT_OK;
	return lu_cli_fail(error);
}

const struct lu_verb lu_verb_plot = {
	.name = "plot",
	.summary = "draw one run as a timeline, or several as bars",
	.place = 60,
	.main = plot_main,
};
