/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench plot: one run as a timeline, several as bars, what was waited for, or runs beside a model. */
#include <stdio.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/report/group.h"
#include "bench/report/knee-table.h"
#include "bench/report/knee.h"
#include "bench/report/of-service.h"
#include "bench/report/plot-bars.h"
#include "bench/report/plot-knee.h"
#include "bench/report/plot-savings.h"
#include "bench/report/plot-script.h"
#include "bench/report/plot-timeline.h"
#include "bench/report/plot-waits.h"
#include "bench/report/render.h"
#include "bench/report/savings-table.h"
#include "bench/report/savings.h"
#include "bench/store.h"
#include "bench/verb.h"
#include "record/error.h"

/* What is drawn. */
struct runs {
	GPtrArray *saved;
	bool with_suspect;
	const char *class;   /* of requests; NULL: all */
	const char *service; /* of several; NULL: the first */
};

/* As that service has them. NULL: LU_ERROR_USAGE, not all have it. New reference. */
static json_t *results_of(const struct runs *runs, GError **error)
{
	json_t *all = lu_store_results(runs->saved), *its = json_array(), *result;
	bool ok = true;
	size_t i;

	json_array_foreach(all, i, result)
	{
		struct lu_timeline *none = NULL;
		json_t *one = json_incref(result);

		ok = ok && (!runs->service || lu_of_service(&one, &none, runs->service, error));
		json_array_append_new(its, one);
	}
	json_decref(all);
	if (!ok)
		json_decref(g_steal_pointer(&its));
	return its;
}

static bool draw_timeline(GString *script, const struct runs *runs, const char *path,
			  GError **error)
{
	const struct lu_saved *saved = g_ptr_array_index(runs->saved, 0);
	struct lu_timeline *timeline = lu_result_load_timeline(saved->path, error);
	json_t *result = json_incref(saved->result);
	bool done = timeline && lu_of_service(&result, &timeline, runs->service, error) &&
		    lu_plot_begin(script, path, LU_PLOT_TIMELINE_WIDTH, LU_PLOT_TIMELINE_HEIGHT,
				  error) &&
		    lu_plot_timeline(script, result, timeline, error);

	json_decref(result);
	lu_timeline_free(timeline);
	return done;
}

static bool draw_bars(GString *script, const struct runs *runs, const char *path, GError **error)
{
	json_t *results = results_of(runs, error);
	json_t *groups = lu_group_alike(results, runs->with_suspect);
	bool done = results &&
		    lu_plot_begin(script, path, lu_plot_bars_width(groups), LU_PLOT_BARS_HEIGHT,
				  error) &&
		    lu_plot_bars(script, groups, error);

	json_decref(groups);
	json_decref(results);
	return done;
}

static bool draw_runs(GString *script, const struct runs *runs, const char *path, GError **error)
{
	return runs->saved->len == 1 ? draw_timeline(script, runs, path, error)
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

static struct lu_savings *savings_of(const struct runs *runs, GError **error)
{
	json_t *results = lu_store_results(runs->saved);
	struct lu_savings *savings = lu_savings_new(results, runs->with_suspect, error);

	json_decref(results);
	return savings;
}

static bool draw_savings(GString *script, const struct runs *runs, const char *path, GError **error)
{
	struct lu_savings *savings = savings_of(runs, error);
	bool done = savings && lu_plot_begin(script, path, LU_PLOT_SAVINGS_WIDTH,
					     lu_plot_savings_height(savings), error);

	if (done)
		lu_plot_savings(script, savings);
	lu_savings_free(savings);
	return done;
}

static bool print_savings(const struct runs *runs, GError **error)
{
	struct lu_savings *savings = savings_of(runs, error);

	if (!savings)
		return false;
	struct lu_document *document = lu_savings_document(savings);

	lu_render_markdown(stdout, document);
	lu_document_free(document);
	lu_savings_free(savings);
	return true;
}

static bool draw_waits(GString *script, const struct runs *runs, bool complement, const char *path,
		       GError **error)
{
	json_t *results = results_of(runs, error);
	json_t *groups = lu_group_alike(results, runs->with_suspect);
	const struct lu_plot_waits plot = {groups, runs->class, complement};
	bool done = results &&
		    lu_plot_begin(script, path, LU_PLOT_WAITS_WIDTH, lu_plot_waits_height(&plot),
				  error) &&
		    lu_plot_waits(script, &plot, error);

	json_decref(groups);
	json_decref(results);
	return done;
}

static bool draw_cdf(GString *script, const struct runs *runs, const char *path, GError **error)
{
	return draw_waits(script, runs, false, path, error);
}

static bool draw_ccdf(GString *script, const struct runs *runs, const char *path, GError **error)
{
	return draw_waits(script, runs, true, path, error);
}

static bool draw_one(GString *script, const struct runs *runs, const char *path, GError **error)
{
	if (runs->saved->len == 1)
		return draw_timeline(script, runs, path, error);
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "--kind=timeline: draws one run; %u are named",
		    runs->saved->len);
	return false;
}

/* What a picture is of. */
struct kind {
	const char *name;
	bool (*draw)(GString *script, const struct runs *runs, const char *path, GError **error);
	bool (*print)(const struct runs *runs, GError **error); /* a table; may be NULL */
	bool by_class; /* can be of the requests of one class */
};

static const struct kind kinds[] = {
	{"auto", draw_runs},
	{"timeline", draw_one},
	{"bars", draw_bars},
	{"cdf", draw_cdf, .by_class = true},
	{"ccdf", draw_ccdf, .by_class = true},
};

/* Models that runs are compared with. */
static const struct kind models[] = {
	{"none", draw_runs},
	{"precopy", draw_knee, print_knee},
	{"savings", draw_savings, print_savings},
};

static const struct kind *find(const struct kind *all, size_t n, const char *option,
			       const char *name, GError **error)
{
	g_autoptr(GString) names = g_string_new(NULL);

	for (size_t i = 0; i < n; i++) {
		if (!name || strcmp(all[i].name, name) == 0)
			return &all[i];
		g_string_append_printf(names, "%s%s", i ? ", " : "", all[i].name);
	}
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: \"%s\" is wrong; allowed: %s", option,
		    name, names->str);
	return NULL;
}

struct options {
	char *output, *kind, *model, *class, *service;
	gboolean script_only, with_suspect;
};

static void options_clear(struct options *options)
{
	g_free(options->output);
	g_free(options->kind);
	g_free(options->model);
	g_free(options->class);
	g_free(options->service);
}

static const struct kind *choose(const struct options *options, GError **error)
{
	const struct kind *model =
		find(models, G_N_ELEMENTS(models), "--model", options->model, error);
	const struct kind *kind =
		model ? find(kinds, G_N_ELEMENTS(kinds), "--kind", options->kind, error) : NULL;

	if (!kind)
		return NULL;
	if (kind != kinds && model != models) {
		lu_cli_usage(error, "--kind and --model: allowed is one of them");
		return NULL;
	}
	if (options->class && !kind->by_class) {
		lu_cli_usage(error, "--class: goes with --kind=cdf and --kind=ccdf");
		return NULL;
	}
	if (options->service && model != models) {
		lu_cli_usage(error, "--service: does not go with --model");
		return NULL;
	}
	return model != models ? model : kind;
}

static bool draw(const struct kind *kind, const struct runs *runs, const char *path,
		 bool script_only, GError **error)
{
	g_autoptr(GString) script = g_string_new(NULL);

	if (!kind->draw(script, runs, path, error))
		return false;
	if (script_only) {
		fputs(script->str, stdout);
		return true;
	}
	if (!lu_plot_render(script, path, error) || (kind->print && !kind->print(runs, error)))
		return false;
	printf("%s%s\n", kind->print ? "\n" : "", path);
	return true;
}

static const char description[] =
	"RUN is \"last\", a result file, a folder of results, the beginning of a saved run's ID, "
	"or\n"
	"of a sweep's name. A timeline shows each request's latency over its intended send time, "
	"the\n"
	"phases as bands, every interruption above the noise floor with the blackout as the "
	"longest, "
	"and\n"
	"wrong and lost requests. Bars show what the blackout\n"
	"of each group of runs of one plan consists of, in the order in which the runs are "
	"given,\n"
	"those of a sweep in the order of its definition.\n"
	"\n"
	"--kind=ccdf shows what requests waited for, from their intended time: the share that "
	"waited so\n"
	"long over the wait, both logarithmic, a curve for each group of runs of one plan from "
	"the\n"
	"trigger on and, dashed, before it; --kind=cdf the share that waited less. --class=NAME "
	"takes\n"
	"those of one class (read, write, …). Requests that were given up count to their end.\n"
	"\n"
	"--model=precopy plots runs of migrate over the rate at which the service dirties its "
	"memory,\n"
	"together with the model of pre-copy, and prints both as a table with the error of each\n"
	"point. The model takes one figure from the runs, those with the lowest rate: the amount "
	"of\n"
	"memory to migrate.\n"
	"\n"
	"--model=savings takes runs of a strategy that differ in parameters of two values each "
	"(a sweep\n"
	"with \"design\": \"screening\"): what each of them saves of the blackout, on average over "
	"the\n"
	"others and alone, as a waterfall and a table, and which pairs do not add up.\n"
	"\n"
	"Examples:\n"
	"  lubench plot last -o run.svg\n"
	"  lubench plot --kind=ccdf kexec script -o waits.svg\n"
	"  lubench sweep migrate-knee && lubench plot --model=precopy migrate-knee -o knee.svg\n"
	"  lubench sweep warm-boot && lubench plot --model=savings warm-boot -o waterfall.svg\n";

static bool parse(struct options *options, int *argc, char ***argv, int *status)
{
	const GOptionEntry entries[] = {
		{"output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output,
		 "picture to write: .svg, .png or .pdf (default lubench.svg)", "FILE"},
		{"kind", 0, 0, G_OPTION_ARG_STRING, &options->kind,
		 "what to draw (default auto: a timeline of one run, bars of several)",
		 "auto|timeline|bars|cdf|ccdf"},
		{"class", 0, 0, G_OPTION_ARG_STRING, &options->class,
		 "cdf, ccdf: of requests of that class", "NAME"},
		{"service", 0, 0, G_OPTION_ARG_STRING, &options->service,
		 "of runs with several services: what to draw is that one's (default: that of the "
		 "highest priority)",
		 "NAME"},
		{"model", 0, 0, G_OPTION_ARG_STRING, &options->model,
		 "compare the runs with this model (default none)", "none|precopy|savings"},
		{"script", 0, 0, G_OPTION_ARG_NONE, &options->script_only,
		 "print the gnuplot script, data included, instead", NULL},
		LU_CLI_WITH_SUSPECT(&options->with_suspect),
		{NULL},
	};

	return lu_cli_parse(argc, argv, entries, "[RUN…]",
			    "Draw one run (default: last) as a timeline, several as bars, or what "
			    "their requests waited for.",
			    description, status);
}

static int plot(const struct options *options, char **names)
{
	g_autoptr(GError) error = NULL;
	const struct kind *kind = choose(options, &error);
	g_autoptr(GPtrArray) saved = kind ? lu_store_load(names, &error) : NULL;
	const struct runs runs = {saved, options->with_suspect, options->class, options->service};

	if (saved &&
	    draw(kind, &runs, options->output ?: "lubench.svg", options->script_only, &error))
		return LU_EXIT_OK;
	return lu_cli_fail(error);
}

static int plot_main(int argc, char **argv)
{
	char *last[] = {NULL, "last", NULL};
	struct options options = {0};
	int status;

	if (parse(&options, &argc, &argv, &status))
		status = plot(&options, (argc > 1 ? argv : last) + 1);
	options_clear(&options);
	return status;
}

const struct lu_verb lu_verb_plot = {
	.name = "plot",
	.summary = "draw one run as a timeline, several as bars, or what was waited for",
	.place = 60,
	.main = plot_main,
};
