/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging a resource by the runs that held it. */
#include "bench/report/survive-cell.h"
#include <string.h>
#include "bench/cli.h"
#include "model/strategy.h"

static const struct {
	const char *name, *key;
} fates[LU_FATES] = {
	[LU_FATE_NOT_TRIED] = {"not tried", "not-tried"},
	[LU_FATE_NONE] = {"n.a.", "not-applicable"},
	[LU_FATE_SURVIVED] = {"survived", "survived"},
	[LU_FATE_REFUSED] = {"refused", "refused"},
	[LU_FATE_LOST_TOLD] = {"lost, told", "lost-told"},
	[LU_FATE_HARMED] = {"harmed", "harmed"},
	[LU_FATE_LOST_SILENTLY] = {"LOST SILENTLY", "lost-silently"},
};

const char *lu_fate_name(enum lu_fate fate)
{
	return fates[fate].name;
}

const char *lu_fate_key(enum lu_fate fate)
{
	return fates[fate].key;
}

void lu_survive_cell_clear(struct lu_survive_cell *cell)
{
	g_free(cell->why);
	g_free(cell->phase);
	g_free(cell->run);
	*cell = (struct lu_survive_cell){0};
}

static bool says(const json_t *state, const char *key, const char *word)
{
	return !g_strcmp0(json_string_value(json_object_get(state, key)), word);
}

static bool outcome_is(const json_t *result, enum lu_outcome outcome)
{
	return g_str_equal(lu_cli_get_str(result, "outcome"), lu_outcome_name(outcome));
}

/* The point of no return was passed. */
static bool switched(const json_t *result)
{
	const char *phase = lu_cli_get_str(result, "phase");

	for (int kind = LU_SWITCH; kind < LU_PHASE_KINDS; kind++)
		if (g_str_equal(phase, lu_phase_kind_name((enum lu_phase_kind)kind)))
			return true;
	return false;
}

/* An oracle that another failed: "replies: 3 lost". Caller frees; NULL: none has failed. */
static char *other_failure(const json_t *result)
{
	const char *name;
	json_t *oracle;

	json_object_foreach(lu_cli_get(result, "oracles"), name, oracle)
	{
		if (g_str_equal(lu_cli_get_str(oracle, "verdict"), lu_verdict_name(LU_FAIL)) &&
		    !g_str_equal(name, "probe"))
			return g_strdup_printf("oracle %s: %s", name,
					       lu_cli_get_str(oracle, "evidence"));
	}
	return NULL;
}

/* All phases are done: was it said beforehand that something would be lost? */
static enum lu_fate judge_loss(const json_t *result, const json_t *state, char **why)
{
	const char *how = json_string_value(json_object_get(state, "why"))
				  ?: "its probe was not heard of again";
	const char *told =
		json_string_value(lu_cli_get(result, "metrics.notes.preflight"))
			?: json_string_value(lu_cli_get(result, "metrics.notes.preflight_late"));

	*why = told ? g_strdup_printf("%s; told before: %s", how, told) : g_strdup(how);
	return told ? LU_FATE_LOST_TOLD : LU_FATE_LOST_SILENTLY;
}

/* What else the upgrade broke in that run is as silent as the resource's loss. */
static enum lu_fate judge_done(const json_t *result, const json_t *state, char **why)
{
	if (!says(state, "is", "same"))
		return judge_loss(result, state, why);
	*why = other_failure(result);
	return *why ? LU_FATE_LOST_SILENTLY : LU_FATE_SURVIVED;
}

static enum lu_fate judge_end(const json_t *result, const json_t *state, char **why)
{
	bool begun =
		lu_cli_get(result, "environment.guest") && state && !says(state, "was", "unknown");

	*why = g_strdup(lu_cli_get_str(result, "reason"));
	/* what broke before the resource was there says nothing about it */
	if (!begun)
		return outcome_is(result, LU_UNSUPPORTED) || outcome_is(result, LU_REFUSED)
			       ? LU_FATE_NONE
			       : LU_FATE_NOT_TRIED;
	if (json_is_true(lu_cli_get(result, "rolled_back")))
		return LU_FATE_REFUSED;
	return switched(result) ? LU_FATE_LOST_TOLD : LU_FATE_HARMED;
}

static enum lu_fate judge(const json_t *result, const json_t *state, char **why)
{
	if (says(state, "was", "missing")) {
		*why = g_strdup(json_string_value(json_object_get(state, "why")));
		return LU_FATE_NONE;
	}
	/* the run ends well, or without the service's answer in the end */
	if (outcome_is(result, LU_OK))
		return judge_done(result, state, why);
	return judge_end(result, state, why);
}

/* Nobody can say which of several resources is what the run failed for. */
static bool is_shared(const json_t *result, const json_t *state)
{
	return json_array_size(lu_cli_get(result, "environment.workload.probes")) > 1 &&
	       !outcome_is(result, LU_OK) && !says(state, "was", "missing");
}

void lu_survive_cell_add(struct lu_survive_cell *cell, const json_t *result, const json_t *state)
{
	char *why = NULL;
	enum lu_fate fate =
		is_shared(result, state) ? LU_FATE_NOT_TRIED : judge(result, state, &why);

	if (fate < cell->fate || (fate == cell->fate && (cell->why || !why))) {
		g_free(why);
		return;
	}
	lu_survive_cell_clear(cell);
	cell->fate = fate;
	cell->why = why;
	cell->phase = g_strdup(json_string_value(lu_cli_get(result, "phase")));
	cell->run = g_strdup(json_string_value(lu_cli_get(result, "id")));
}
