/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lubench compare runs when it is given no runs: all strategies against all workloads. */
#include "bench/compare-matrix.h"
#include "bench/cli.h"
#include "model/strategy.h"
#include "model/sweep.h"
#include "model/workload.h"

/* Peers of a service that was away for seconds reconnect late; a shorter run would show no
 * recovery. */
#define SETTLE_MS 8000

static json_t *names_or(const char *given, json_t *all)
{
	if (!given)
		return all;
	g_auto(GStrv) names = g_strsplit(given, ",", -1);

	json_array_clear(all);
	for (char **name = names; *name; name++)
		json_array_append_new(all, json_string(*name));
	return all;
}

static json_t *all_strategies(void)
{
	json_t *all = json_array();

	for (size_t i = 0; lu_strategy_at(i); i++)
		json_array_append_new(all, json_string(lu_strategy_at(i)->name));
	return all;
}

static json_t *all_workloads(void)
{
	json_t *all = json_array();

	for (size_t i = 0; lu_workloads[i]; i++)
		json_array_append_new(all, json_string(lu_workloads[i]->name));
	return all;
}

json_t *lu_matrix_define(const struct lu_matrix_choice *choice, GError **error)
{
	json_t *definition = json_pack("{s:o, s:o, s:{s:i}, s:{s:i}}", "strategy",
				       names_or(choice->strategies, all_strategies()), "workload",
				       names_or(choice->workloads, all_workloads()), "client",
				       "settle_ms", SETTLE_MS, "sweep", "repeat", choice->repeat);
	bool ok = !choice->guest || lu_scenario_set(definition, "guest", choice->guest, error);

	for (char **set = choice->sets; ok && set && *set; set++)
		ok = lu_cli_apply_set(definition, *set, lu_sweep_set, error);
	if (ok)
		return definition;
	json_decref(definition);
	return NULL;
}
