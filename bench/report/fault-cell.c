/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging a strategy by a run with a fault. */
#include "bench/report/fault-cell.h"
#include "bench/cli.h"
#include "model/fault.h"

static const struct {
	const char *name, *key;
} copings[LU_COPINGS] = {
	[LU_COPING_NONE] = {"-", "none"},
	[LU_COPING_WENT_ON] = {"went on", "went-on"},
	[LU_COPING_ROLLED_BACK] = {"rolled back", "rolled-back"},
	[LU_COPING_TOLD] = {"told", "told"},
	[LU_COPING_HARMED] = {"harmed", "harmed"},
	[LU_COPING_UNNOTICED] = {"UNNOTICED", "unnoticed"},
};

const char *lu_coping_name(enum lu_coping coping)
{
	return copings[coping].name;
}

const char *lu_coping_key(enum lu_coping coping)
{
	return copings[coping].key;
}

void lu_fault_cell_clear(struct lu_fault_cell *cell)
{
	g_free(cell->why);
	g_free(cell->phase);
	g_free(cell->run);
	*cell = (struct lu_fault_cell){0};
}

/* "oracle state: 3 differ"; NULL: none has failed. Caller frees. */
static char *failed_oracle(const json_t *result)
{
	const char *name;
	json_t *oracle;

	json_object_foreach(lu_cli_get(result, "oracles"), name, oracle)
	{
		if (g_str_equal(lu_cli_get_str(oracle, "verdict"), lu_verdict_name(LU_FAIL)))
			return g_strdup_printf("oracle %s: %s", name,
					       lu_cli_get_str(oracle, "evidence"));
	}
	return NULL;
}

static bool before_switch(const json_t *result)
{
	const char *phase = lu_cli_get_str(result, "phase");

	for (int kind = LU_PREPARE; kind < LU_SWITCH; kind++)
		if (g_str_equal(phase, lu_phase_kind_name((enum lu_phase_kind)kind)))
			return true;
	return false;
}

static enum lu_coping judge(const json_t *result, char **why)
{
	const struct lu_fault *fault = lu_fault_find(lu_cli_get_str(result, "plan.fault.kind"));
	json_int_t wrong = json_integer_value(lu_cli_get(result, "metrics.replies_wrong"));

	if (wrong) {
		*why = g_strdup_printf("%" JSON_INTEGER_FORMAT " wrong replies", wrong);
		return LU_COPING_UNNOTICED;
	}
	if (g_str_equal(lu_cli_get_str(result, "outcome"), lu_outcome_name(LU_OK))) {
		*why = failed_oracle(result);
		return *why ? LU_COPING_UNNOTICED : LU_COPING_WENT_ON;
	}
	*why = g_strdup(lu_cli_get_str(result, "reason"));
	if (json_is_true(lu_cli_get(result, "rolled_back")))
		return LU_COPING_ROLLED_BACK;
	return before_switch(result) && !(fault && fault->ends_machine) ? LU_COPING_HARMED
									: LU_COPING_TOLD;
}

/* It came as far as the upgrade, where an oracle has been asked, and there was something to break. */
static bool was_tried(const json_t *result)
{
	return !g_str_has_prefix(lu_cli_get_str(result, "reason"), LU_FAULT_NOT_MADE) &&
	       json_object_size(lu_cli_get(result, "oracles"));
}

void lu_fault_cell_add(struct lu_fault_cell *cell, const json_t *result)
{
	char *why = NULL;
	enum lu_coping coping = was_tried(result) ? judge(result, &why) : LU_COPING_NONE;

	if (coping == LU_COPING_NONE)
		why = g_strdup(lu_cli_get_str(result, "reason"));
	if (coping < cell->coping || (coping == cell->coping && (cell->why || !why))) {
		g_free(why);
		return;
	}
	lu_fault_cell_clear(cell);
	cell->coping = coping;
	cell->why = why;
	cell->phase = g_strdup(json_string_value(lu_cli_get(result, "phase")));
	cell->run = g_strdup(json_string_value(lu_cli_get(result, "id")));
}
