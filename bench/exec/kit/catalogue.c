/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/exec/kit/catalogue.h"
#include "bench/cli.h"
#include "bench/exec/kit/sweep-record.h"
#include "bench/store.h"
#include "bench/verb.h"
#include "model/param.h"
#include "model/strategy.h"
#include "model/workload.h"
#include "record/error.h"

void lu_catalogue_clear(struct lu_catalogue_options *options)
{
	g_free(options->machine);
	g_free(options->guest);
	g_free(options->output);
	g_free(options->from);
	g_free(options->strategies);
	g_free(options->format);
}

lu_render *lu_catalogue_render(const struct lu_catalogue_options *options, GError **error)
{
	return lu_render_find(options->format ?: "text", error);
}

bool lu_catalogue_is_records(lu_render *render)
{
	return render == lu_render_csv || render == lu_render_json;
}

void lu_catalogue_choose(struct lu_catalogue *catalogue, const struct lu_catalogue_options *options)
{
	catalogue->from = options->from;
	catalogue->dry_run = options->dry_run;
	catalogue->how = (struct lu_sweep_options){
		.output = options->output,
		.resume = options->resume,
		.mixed = options->mixed,
		.quiet = options->quiet,
		.offline = options->offline,
		.silent = true,
	};
}

static const char *const *choices(const struct lu_catalogue_subject *subject)
{
	const struct lu_workload *workload = lu_workload_find(subject->workload, NULL);

	return lu_param_find(workload->params, subject->param)->choices;
}

bool lu_catalogue_known(const char *what, const char *const *all, char **names, GError **error)
{
	for (char **name = names; *name; name++) {
		const char *near = lu_nearest_word(*name, all);

		if (g_strv_contains(all, *name))
			continue;
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "there is no %s %s%s%s%s", what, *name,
			    near ? " (did you mean " : "", near ?: "", near ? "?)" : "");
		return false;
	}
	return true;
}

bool lu_catalogue_check(const struct lu_catalogue_subject *subject, char **names, GError **error)
{
	return lu_catalogue_known(subject->param, choices(subject), names, error);
}

json_t *lu_catalogue_names(const struct lu_catalogue_subject *subject, char **names)
{
	const char *const *each = *names ? (const char *const *)names : choices(subject);
	json_t *list = json_array();

	for (; *each; each++)
		json_array_append_new(list, json_string(*each));
	return list;
}

/* The process itself gets to another kernel, or with its kernel to another hypervisor, whatever the
 * plan. */
static bool carries_process(const struct lu_strategy *strategy)
{
	bool kernel = strategy->switches && g_strv_contains(strategy->updates, "kernel");

	return strategy->keeps_state && !strategy->loses_state &&
	       (kernel || g_str_equal(strategy->updates[0], "vmm"));
}

json_t *lu_catalogue_strategies(const char *list, GError **error)
{
	g_auto(GStrv) given = list ? g_strsplit(list, ",", -1) : NULL;
	json_t *names = json_array();
	const struct lu_strategy *strategy;

	for (char **name = given; name && *name; name++) {
		if (!lu_strategy_find(*name, error)) {
			json_decref(names);
			return NULL;
		}
		json_array_append_new(names, json_string(*name));
	}
	for (size_t i = 0; !given && (strategy = lu_strategy_at(i)); i++)
		if (carries_process(strategy))
			json_array_append_new(names, json_string(strategy->name));
	return names;
}

/* NULL: at least some could be tried. */
static const char *why_nothing(const json_t *results)
{
	const char *why = NULL;
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result)
	{
		if (!g_str_equal(lu_cli_get_str(result, "outcome"),
				 lu_outcome_name(LU_UNSUPPORTED)))
			return NULL;
		why = lu_cli_get_str(result, "reason");
	}
	return why;
}

static bool show_tried(const struct lu_catalogue *catalogue, const char *dir, guint plans,
		       GError **error)
{
	json_auto_t *results = lu_sweep_record_results(dir, error);
	const char *why = results ? why_nothing(results) : NULL;

	if (why)
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED, "%s", why);
	if (!results || why || !catalogue->show(results, catalogue->data, error))
		return false;
	if (json_array_size(results) >= plans)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "only %zu of %u runs were made",
		    json_array_size(results), plans);
	return false;
}

static int run(const struct lu_catalogue *catalogue, const struct lu_sweep *sweep,
	       const json_t *definition)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *dir = NULL;
	int status = lu_sweep_run(sweep, definition, catalogue->name, &catalogue->how, &dir);

	if (!dir || status >= LU_EXIT_SIGNAL)
		return status;
	status = show_tried(catalogue, dir, sweep->cases->len, &error) ? LU_EXIT_OK
								       : lu_cli_fail(error);
	g_printerr("saved       %s\n", dir);
	return status;
}

static int make_all(const struct lu_catalogue *catalogue, const json_t *definition)
{
	g_autofree char *machines = lu_cli_data_dir("machines");
	g_autoptr(GError) error = NULL;
	struct lu_sweep *sweep = lu_sweep_new(definition, catalogue->name, machines,
					      lu_cli_host_memory_mb(), &error);
	int status;

	if (!sweep)
		return lu_cli_fail(error);
	status = catalogue->dry_run ? lu_sweep_print_plans(sweep, false)
				    : run(catalogue, sweep, definition);
	lu_sweep_free(sweep);
	return status;
}

static bool show_saved(const struct lu_catalogue *catalogue, GError **error)
{
	g_autofree char *dir = lu_sweep_record_find(catalogue->from, error);
	char *only[] = {dir, NULL};
	g_autoptr(GPtrArray) saved = dir ? lu_store_load(only, error) : NULL;
	json_auto_t *results = saved ? lu_store_results(saved) : NULL;

	return results && catalogue->show(results, catalogue->data, error);
}

int lu_catalogue_run(const struct lu_catalogue *catalogue, const json_t *definition)
{
	g_autoptr(GError) error = NULL;

	if (!catalogue->from)
		return make_all(catalogue, definition);
	return show_saved(catalogue, &error) ? LU_EXIT_OK : lu_cli_fail(error);
}
