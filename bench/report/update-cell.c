/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging an update of the catalogue by the results of its runs. */
#include "bench/report/update-cell.h"
#include <string.h>
#include "bench/cli.h"
#include "model/component.h"

static const struct {
	const char *name, *strategy;
	const char *lines; /* in environment.workload: code that only it needs; NULL: none */
	const char *claim; /* claim that has its duration; NULL: none */
	bool back;
} mechanisms[LU_MECHANISMS] = {
	[LU_BY_HOTSWAP] = {"hotswap", "hotswap", "hotswap_lines", "swap.closed_ns", true},
	[LU_BY_LIVEPATCH] = {"livepatch", "livepatch", "livepatch_lines", "livepatch.transition_ns",
			     true},
	[LU_BY_RELOAD] = {"reload", "reload"},
	[LU_BY_KEXEC] = {"kexec", "fast-reboot"},
};

const char *lu_mechanism_name(enum lu_mechanism mechanism)
{
	return mechanisms[mechanism].name;
}

const char *lu_mechanism_strategy(enum lu_mechanism mechanism)
{
	return mechanisms[mechanism].strategy;
}

bool lu_mechanism_goes_back(enum lu_mechanism mechanism)
{
	return mechanisms[mechanism].back;
}

const char *lu_carried_name(enum lu_carried carried)
{
	static const char *const names[] = {"not tried", "carried", "carried, state lost",
					    "refused", "broke"};

	return names[carried];
}

void lu_update_cell_clear(struct lu_update_cell *cell)
{
	g_free(cell->why);
	*cell = (struct lu_update_cell){};
}

/* A reboot that brings the same version of the component is no update of it. */
static bool updates_component(const json_t *result)
{
	const char *to = lu_cli_get_str(result, "plan.strategy_params.to");

	return g_str_equal(to, LU_COMPONENT_NEXT) || g_str_equal(to, LU_COMPONENT_PATCH);
}

bool lu_update_cell_find(const json_t *result, enum lu_mechanism *mechanism, bool *back)
{
	const char *strategy = lu_cli_get_str(result, "plan.strategy");
	bool fault = lu_cli_get(result, "plan.fault") != NULL;
	int m = 0;

	while (m < LU_MECHANISMS && !g_str_equal(strategy, mechanisms[m].strategy))
		m++;
	*mechanism = (enum lu_mechanism)m;
	*back = fault && g_str_equal(lu_cli_get_str(result, "plan.fault.phase"), "PRESERVE") &&
		g_str_equal(lu_cli_get_str(result, "plan.fault.kind"), "error");
	return m < LU_MECHANISMS && fault == *back && updates_component(result) &&
	       g_str_equal(lu_cli_get_str(result, "plan.workload"), "catalog");
}

static bool failed(const json_t *result, const char *oracle)
{
	g_autofree char *key = g_strdup_printf("oracles.%s.verdict", oracle);

	return g_str_equal(lu_cli_get_str(result, key), lu_verdict_name(LU_FAIL));
}

static const char *evidence(const json_t *result, const char *oracle)
{
	g_autofree char *key = g_strdup_printf("oracles.%s.evidence", oracle);

	return lu_cli_get_str(result, key);
}

/* An update that never began, or was undone, has left the kernel unharmed. */
static bool left_unharmed(const json_t *result)
{
	return json_is_true(lu_cli_get(result, "rolled_back")) ||
	       !lu_cli_get(result, "environment.guest");
}

static enum lu_carried judge_end(const json_t *result, const char **why)
{
	*why = lu_cli_get_str(result, "reason");
	return left_unharmed(result) ? LU_NOT_CARRIED : LU_BROKE;
}

/* All phases are done: is the new behaviour there, and the old state? */
static enum lu_carried judge_done(const json_t *result, const char **why)
{
	static const char *const breaking[] = {"kernel", "before", "audit"};
	static const char *const effect[] = {"answers", "component"};

	for (size_t i = 0; i < G_N_ELEMENTS(breaking); i++)
		if (failed(result, breaking[i])) {
			*why = evidence(result, breaking[i]);
			return LU_BROKE;
		}
	for (size_t i = 0; i < G_N_ELEMENTS(effect); i++)
		if (failed(result, effect[i])) {
			*why = evidence(result, effect[i]);
			return LU_NOT_CARRIED;
		}
	return lu_cli_get_int(result, "environment.workload.items_kept", 0) ==
			       lu_cli_get_int(result, "environment.workload.items", -1)
		       ? LU_CARRIED
		       : LU_CARRIED_LOST;
}

/* Unloading the old version and loading the new one. */
static int64_t away_ns(const json_t *result)
{
	static const char *const phases[] = {"unload the old version", "load the new version",
					     NULL};
	json_t *phase;
	int64_t sum = 0;
	size_t i;

	json_array_foreach(lu_cli_get(result, "metrics.phase_load"), i, phase)
	{
		if (g_strv_contains(phases, lu_cli_get_str(phase, "name")))
			sum += lu_cli_get_int(phase, "ns", 0);
	}
	return sum;
}

static int64_t took_ns(enum lu_mechanism mechanism, const json_t *result)
{
	const char *claim = mechanisms[mechanism].claim;
	const json_t *claims = lu_cli_get(result, "metrics.claims");
	const json_t *ns = claim ? json_object_get(claims, claim) : NULL;

	if (mechanism == LU_BY_RELOAD)
		return away_ns(result);
	return json_is_integer(ns) ? json_integer_value(ns) : -1;
}

static unsigned lines_of(enum lu_mechanism mechanism, const json_t *result)
{
	const json_t *workload = lu_cli_get(result, "environment.workload");
	const char *key = mechanisms[mechanism].lines;

	return key ? (unsigned)lu_cli_get_int(workload, key, 0) : 0;
}

static void add_trial(struct lu_update_cell *cell, enum lu_mechanism mechanism,
		      const json_t *result)
{
	const char *why = NULL;
	bool ok = g_str_equal(lu_cli_get_str(result, "outcome"), lu_outcome_name(LU_OK));
	enum lu_carried carried = ok ? judge_done(result, &why) : judge_end(result, &why);

	if (carried <= cell->carried)
		return;
	cell->carried = carried;
	cell->lines = lines_of(mechanism, result);
	cell->took_ns = ok ? took_ns(mechanism, result) : -1;
	g_free(cell->why);
	cell->why = g_strdup(why);
}

void lu_update_cell_add(struct lu_update_cell *cell, enum lu_mechanism mechanism, bool back,
			const json_t *result)
{
	enum lu_undone undone = left_unharmed(result) ? LU_UNDONE_YES : LU_UNDONE_NO;

	if (!back)
		add_trial(cell, mechanism, result);
	else if (cell->undone != LU_UNDONE_NO)
		cell->undone = undone;
}
