/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench faults: what each strategy makes of each fault. */
#include <stdio.h>
#include "bench/cli.h"
#include "bench/exec/kit/catalogue.h"
#include "bench/report/faults.h"
#include "bench/verb.h"
#include "model/fault.h"
#include "model/param.h"
#include "record/error.h"

static const char description[] =
	"Every cell of the table is a run under load in which one thing breaks after the first "
	"phase of\n"
	"that kind (docs/guide/faults.md). The runs are a sweep called \"faults\" (lubench sweep "
	"--help:\n"
	"order, record, --resume), so lubench show, plot and compare read them, too.\n"
	"\n"
	"  went on      the upgrade is ok and every oracle passed all the same\n"
	"  rolled back  failed or refused, with a reason, and the service goes on unharmed\n"
	"  told         failed, with a reason; the service is lost with its machine or past "
	"SWITCH\n"
	"  harmed       failed before SWITCH, and the service was not as before\n"
	"  UNNOTICED    a client was given a wrong reply, or an oracle failed in an upgrade that "
	"says ok\n"
	"  -            there is nothing for it to break there, or it was not tried\n"
	"\n"
	"FAULT is one of lubench list faults; none: all. Without --strategies: those that carry a "
	"running\n"
	"process to another kernel or hypervisor. csv and json have a row for each cell.\n"
	"\n"
	"Exit status: 0 when each run has been made, whatever its outcome; 2 usage; 4 when none\n"
	"can be made on this host; 128 + N when signal N ended it.\n"
	"\n"
	"Examples:\n"
	"  lubench faults --guest=sim\n"
	"  lubench faults --strategies=kexec,script store-flip library-replaced\n"
	"  lubench faults --strategies=kexec --param manifest=off store-flip\n";

struct options {
	struct lu_catalogue_options common;
	char **params, **names; /* of faults; empty: all of them */
	lu_render *render;
};

static void options_clear(struct options *options)
{
	lu_catalogue_clear(&options->common);
	g_strfreev(options->params);
}

static bool parse(struct options *options, int *argc, char ***argv, int *status)
{
	struct lu_catalogue_options *common = &options->common;
	const GOptionEntry entries[] = {
		{"param", 'p', 0, G_OPTION_ARG_STRING_ARRAY, &options->params,
		 "a parameter of those strategies that declare it; repeatable", "KEY=VALUE"},
		{"guest", 0, 0, G_OPTION_ARG_STRING, &common->guest,
		 "real guests or the simulator (default qemu)", "qemu|sim"},
		LU_CATALOGUE_TABLE_ENTRIES(common),
		LU_CATALOGUE_ENTRIES(common),
		{NULL},
	};

	return lu_cli_parse(
		argc, argv, entries, "[FAULT…]",
		"Break one thing after another in an upgrade, and see what each strategy "
		"makes of it.",
		description, status);
}

/* Parameters that the strategy does not have are others'. */
static bool set_params(json_t *scenario, const struct lu_strategy *strategy, char **params,
		       GError **error)
{
	for (char **param = params; param && *param; param++) {
		g_auto(GStrv) parts = g_strsplit(*param, "=", 2);

		if (lu_param_find(strategy->params, parts[0] ?: "") &&
		    !lu_scenario_set_param(scenario, *param, error))
			return false;
	}
	return true;
}

/* A light load, and no long wait for what does not come. */
static json_t *scenario_of(const struct options *options, const char *strategy)
{
	return json_pack("{s:s, s:s*, s:s*, s:{s:i, s:f, s:i, s:i}, s:{s:i}}", "strategy", strategy,
			 "machine", options->common.machine, "guest", options->common.guest,
			 "client", "connections", 2, "rate_hz", 50.0, "baseline_ms", 500,
			 "settle_ms", 1000, "timeouts", "phase_ms", 60000);
}

/* Whether there is anything to break: the plan says so. */
static bool applies(const json_t *scenario)
{
	g_autofree char *machines = lu_cli_data_dir("machines");
	struct lu_plan *plan =
		lu_plan_new(scenario, "faults", machines, lu_cli_host_memory_mb(), NULL);
	bool ok = plan && lu_plan_feasible(plan, NULL);

	if (plan)
		lu_plan_free(plan);
	return ok;
}

static void add_cases(json_t *cases, const json_t *scenario, const struct lu_fault *fault)
{
	for (const char *const *edge = fault->edges; edge && *edge; edge++) {
		json_auto_t *one = json_deep_copy(scenario);

		json_object_set_new(one, "fault",
				    json_pack("{s:s, s:s}", "phase", *edge, "kind", fault->name));
		if (applies(one))
			json_array_append(cases, one);
	}
}

static bool add_strategy(json_t *cases, const struct options *options, const char *name,
			 GError **error)
{
	const struct lu_strategy *strategy = lu_strategy_find(name, error);
	json_auto_t *scenario = strategy ? scenario_of(options, name) : NULL;
	char **names = options->names;

	if (!strategy || !set_params(scenario, strategy, options->params, error))
		return false;
	for (size_t i = 0; lu_faults[i]; i++)
		if (!*names || g_strv_contains((const char *const *)names, lu_faults[i]->name))
			add_cases(cases, scenario, lu_faults[i]);
	return true;
}

/* NULL with error. */
static json_t *define(const struct options *options, GError **error)
{
	json_auto_t *strategies = lu_catalogue_strategies(options->common.strategies, error);
	json_auto_t *cases = json_array();
	json_t *name;
	size_t i;

	json_array_foreach(strategies, i, name)
	{
		if (!add_strategy(cases, options, json_string_value(name), error))
			return NULL;
	}
	if (strategies && json_array_size(cases))
		return json_pack("{s:O}", "cases", cases);
	if (strategies)
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "none of these faults breaks anything that these strategies have");
	return NULL;
}

static bool show(const json_t *results, void *data, GError **error)
{
	const struct options *options = data;
	struct lu_faults *faults = lu_faults_new(results);
	bool records = lu_catalogue_is_records(options->render);
	bool ok = faults->rows->len > 0;
	struct lu_document *document;

	if (ok) {
		document = records ? lu_faults_records(faults) : lu_faults_document(faults);
		options->render(stdout, document);
		lu_document_free(document);
	} else {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: no run with a fault",
			    options->common.from ?: "faults");
	}
	lu_faults_free(faults);
	return ok;
}

static int run(struct options *options)
{
	struct lu_catalogue catalogue = {.name = "faults", .show = show, .data = options};
	g_autoptr(GError) error = NULL;
	json_auto_t *definition = options->common.from ? NULL : define(options, &error);

	if (error)
		return lu_cli_fail(error);
	lu_catalogue_choose(&catalogue, &options->common);
	return lu_catalogue_run(&catalogue, definition);
}

static int faults_main(int argc, char **argv)
{
	struct options options = {0};
	g_autoptr(GError) error = NULL;
	int status;

	if (!parse(&options, &argc, &argv, &status))
		return status;
	options.names = argv + 1;
	options.render = lu_catalogue_render(&options.common, &error);
	status =
		options.render && lu_catalogue_known("fault", lu_fault_kinds, options.names, &error)
			? run(&options)
			: lu_cli_fail(error);
	options_clear(&options);
	return status;
}

const struct lu_verb lu_verb_faults = {
	.name = "faults",
	.summary = "break one thing after another in an upgrade, and see what each strategy makes "
		   "of it",
	.place = 102,
	.main = faults_main,
};
