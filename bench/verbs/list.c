/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench list: strategies, workloads, machines, scenarios and sweeps, with their parameters; the
 * shipped services and strategies of scripts. */
#include <stdio.h>
#include <string.h>
#include "bench/brought.h"
#include "bench/cli.h"
#include "bench/verb.h"
#include "record/error.h"
#include "model/fault.h"
#include "model/machine.h"
#include "model/plan.h"
#include "model/plugin.h"
#include "model/strategy.h"
#include "model/workload.h"

static json_t *params_json(const struct lu_param *params)
{
	json_t *list = json_array();

	for (const struct lu_param *param = params; param && param->name; param++) {
		g_autofree char *allowed = lu_param_allowed(param);

		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "name", param->name,
						      "default", param->def, "allowed", allowed,
						      "help", param->help));
	}
	return list;
}

static json_t *strings_json(const char *const *strings)
{
	json_t *list = json_array();

	for (; strings && *strings; strings++)
		json_array_append_new(list, json_string(*strings));
	return list;
}

static json_t *phases_json(const struct lu_phase *phases)
{
	json_t *list = json_array();

	for (; phases && phases->name; phases++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "kind",
						      lu_phase_kind_name(phases->kind), "name",
						      phases->name, "undo", phases->undo != NULL));
	return list;
}

static json_t *strategy_json(const struct lu_strategy *strategy)
{
	const struct lu_loaded_plugin *plugin = lu_plugin_of(strategy);
	json_t *doc = json_pack(
		"{s:s, s:s, s:s, s:o, s:o, s:o, s:b}", "name", strategy->name, "summary",
		strategy->summary, "workload", lu_strategy_workload(strategy), "params",
		params_json(strategy->params), "updates", strings_json(strategy->updates), "phases",
		phases_json(strategy->phases), "repeats", (int)strategy->repeats);

	if (strategy->several)
		json_object_set_new(doc, "several", params_json(strategy->several));
	if (strategy->once)
		json_object_set_new(doc, "once", json_string(strategy->once));
	if (plugin)
		json_object_set_new(doc, "plugin", json_string(plugin->path));
	return doc;
}

static json_t *list_strategies(GError **error)
{
	GPtrArray *refused = lu_plugins_refused();
	json_t *list = json_array();

	for (size_t i = 0; lu_strategy_at(i); i++)
		json_array_append_new(list, strategy_json(lu_strategy_at(i)));
	for (guint i = 0; i < refused->len; i++)
		fprintf(stderr, "lubench list: plugin refused: %s\n", (char *)refused->pdata[i]);
	return list;
}

static json_t *oracles_json(const struct lu_oracle *oracles)
{
	json_t *list = json_array();

	for (; oracles && oracles->name; oracles++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "name", oracles->name, "help",
						      oracles->help));
	return list;
}

static json_t *list_workloads(GError **error)
{
	json_t *list = json_array();

	for (size_t i = 0; lu_workloads[i]; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:o, s:o}", "name", lu_workloads[i]->name,
					"summary", lu_workloads[i]->summary, "params",
					params_json(lu_workloads[i]->params), "oracles",
					oracles_json(lu_workloads[i]->oracles)));
	return list;
}

static json_t *machine_json(const char *dir, const char *name, GError **error)
{
	struct lu_machine *machine = lu_machine_load(dir, name, error);

	if (!machine)
		return NULL;
	g_autofree char *boots =
		machine->payload.file
			? g_strdup_printf("boots %s", machine->payload.file)
			: g_strdup_printf("Debian %s kernels", machine->kernel_flavour);
	g_autofree char *summary = g_strdup_printf("%s, %s, %u MB, %s", machine->arch,
						   machine->qemu, machine->memory_mb, boots);
	json_t *doc = json_pack("{s:s, s:s, s:s, s:s, s:i, s:o, s:o}", "name", name, "summary",
				summary, "arch", machine->arch, "qemu", machine->qemu, "memory_mb",
				(int)machine->memory_mb, "stores",
				strings_json((const char *const *)machine->stores), "images",
				strings_json((const char *const *)machine->images));

	lu_machine_free(machine);
	return doc;
}

static json_t *list_machines(GError **error)
{
	g_autofree char *dir = lu_cli_data_dir("machines");
	g_auto(GStrv) names = lu_machine_list(dir, error);
	json_t *list = json_array();

	for (char **name = names; name && *name; name++) {
		json_t *machine = machine_json(dir, *name, error);

		if (!machine) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, machine);
	}
	if (names)
		return list;
	json_decref(list);
	return NULL;
}

static int by_text(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(const char *const *)a, *(const char *const *)b);
}

static char *scenario_summary(const json_t *scenario)
{
	return g_strdup_printf("%s, workload %s", lu_cli_get_str(scenario, "strategy"),
			       lu_scenario_workload(scenario));
}

static char *sweep_summary(const json_t *sweep)
{
	const char *title = json_string_value(lu_cli_get(sweep, "sweep.title"));

	return g_strdup(title ? title : "");
}

static json_t *scenario_json(const char *dir, const char *file,
			     char *(*summarise)(const json_t *scenario), GError **error)
{
	g_autofree char *path = g_build_filename(dir, file, NULL);
	g_autofree char *name = g_strndup(file, strlen(file) - strlen(".json"));
	json_t *scenario = lu_scenario_load(path, error);

	if (!scenario)
		return NULL;
	g_autofree char *summary = summarise(scenario);

	return json_pack("{s:s, s:s, s:s, s:o}", "name", name, "summary", summary, "path", path,
			 "scenario", scenario);
}

static GPtrArray *scenario_files(const char *path)
{
	GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (g_str_has_suffix(name, ".json"))
			g_ptr_array_add(files, g_strdup(name));
	g_ptr_array_sort(files, by_text);
	return files;
}

static json_t *list_files(const char *which, char *(*summarise)(const json_t *scenario),
			  GError **error)
{
	g_autofree char *dir = lu_cli_data_dir(which);
	g_autoptr(GPtrArray) files = scenario_files(dir);
	json_t *list = json_array();

	for (guint i = 0; i < files->len; i++) {
		json_t *scenario =
			scenario_json(dir, g_ptr_array_index(files, i), summarise, error);

		if (!scenario) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, scenario);
	}
	return list;
}

static json_t *list_scenarios(GError **error)
{
	return list_files("scenarios", scenario_summary, error);
}

static json_t *list_sweeps(GError **error)
{
	return list_files("sweeps", sweep_summary, error);
}

static json_t *list_faults(GError **error)
{
	json_t *list = json_array();

	for (size_t i = 0; lu_faults[i]; i++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "name", lu_faults[i]->name,
						      "summary", lu_faults[i]->summary));
	return list;
}

static json_t *list_scripts(GError **error)
{
	return lu_brought_scripts();
}

static const struct topic {
	const char *name;
	json_t *(*list)(GError **error);
} topics[] = {
	{"strategies", list_strategies}, {"workloads", list_workloads},
	{"machines", list_machines},	 {"scenarios", list_scenarios},
	{"sweeps", list_sweeps},	 {"services", lu_brought_services},
	{"scripts", list_scripts},	 {"faults", list_faults},
};

static void print_params(const json_t *params)
{
	json_t *param;
	size_t i;

	json_array_foreach(params, i, param)
		printf("      --param %s=%s (%s) %s\n", lu_cli_get_str(param, "name"),
		       lu_cli_get_str(param, "default"), lu_cli_get_str(param, "allowed"),
		       lu_cli_get_str(param, "help"));
}

/* What a strategy does without being told. */
static void print_defaults(const json_t *strategy)
{
	const char *workload = lu_cli_get_str(strategy, "workload");
	const json_t *update = json_array_get(json_object_get(strategy, "updates"), 0);

	if (!json_object_get(strategy, "workload"))
		return;
	printf("      --update %s --workload %s\n", json_string_value(update), workload);
	if (!json_is_true(json_object_get(strategy, "repeats")))
		printf("      --cycles 1%s%s\n", json_object_get(strategy, "once") ? ": " : "",
		       lu_cli_get_str(strategy, "once"));
}

/* Of a strategy that carries several services. */
static void print_several(const json_t *strategy)
{
	if (!json_object_get(strategy, "several"))
		return;
	printf("      several services%s\n",
	       json_array_size(json_object_get(strategy, "several")) ? ", and for them:" : "");
	print_params(json_object_get(strategy, "several"));
}

static void print_topic(const char *title, const json_t *list)
{
	json_t *entry;
	size_t i;

	printf("%s\n", title);
	json_array_foreach(list, i, entry)
	{
		printf("  %-16s %s\n", lu_cli_get_str(entry, "name"),
		       lu_cli_get_str(entry, "summary"));
		print_defaults(entry);
		print_params(json_object_get(entry, "params"));
		print_several(entry);
	}
}

static bool gather(json_t *doc, const char *only, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(topics); i++) {
		if (only && strcmp(only, topics[i].name) != 0)
			continue;
		json_t *list = topics[i].list(error);

		if (!list)
			return false;
		json_object_set_new(doc, topics[i].name, list);
	}
	if (json_object_size(doc))
		return true;
	g_set_error(
		error, LU_ERROR, LU_ERROR_USAGE,
		"\"%s\": allowed is strategies, workloads, machines, scenarios, sweeps, services, "
		"scripts or faults",
		only);
	return false;
}

static int print_all(const json_t *doc, bool json)
{
	const char *title;
	json_t *list;

	if (json)
		return lu_cli_print_json(doc) ? LU_EXIT_OK : LU_EXIT_FAILED;
	json_object_foreach((json_t *)doc, title, list) print_topic(title, list);
	return LU_EXIT_OK;
}

static int list_main(int argc, char **argv)
{
	gboolean json = FALSE;
	const GOptionEntry entries[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &json,
		 "print {\"strategies\": […], \"workloads\": […], …}", NULL},
		{NULL},
	};
	g_autoptr(GError) error = NULL;
	int status;

	if (!lu_cli_parse(
		    &argc, &argv, entries,
		    "[strategies|workloads|machines|scenarios|sweeps|services|scripts|faults]",
		    "List strategies, workloads, machines, scenarios, sweeps, the shipped services "
		    "(--workload=service\n--param spec=NAME), strategies of scripts "
		    "(--strategy=custom --param dir=NAME) and faults (--fault\nPHASE:NAME), with "
		    "parameters, defaults and allowed values.",
		    NULL, &status))
		return status;
	if (!lu_cli_at_most(argc, argv, 1))
		return LU_EXIT_USAGE;
	json_t *doc = json_object();

	status = gather(doc, argc > 1 ? argv[1] : NULL, &error) ? print_all(doc, json)
								: lu_cli_fail(error);
	json_decref(doc);
	return status;
}

const struct lu_verb lu_verb_list = {
	.name = "list",
	.summary = "list strategies, workloads, machines, scenarios, sweeps and what is shipped of "
		   "services",
	.place = 40,
	.main = list_main,
};
