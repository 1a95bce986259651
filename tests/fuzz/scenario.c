/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target: whatever bytes a scenario file holds, there is a plan or one line of error, and a
 * plan read as a scenario is the same plan.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "model/plan.h"

#define MACHINES LU_SOURCE_DIR "/machines"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition, const char *what)
{
	if (condition)
		return;
	g_printerr("scenario: %s\n", what);
	abort();
}

static void check_plan(const struct lu_plan *plan)
{
	struct lu_plan *again = lu_plan_new(plan->doc, "again", MACHINES, 4096, NULL);

	must(again != NULL, "a plan is not a scenario");
	must(strcmp(plan->hash, again->hash) == 0, "a plan does not hash to itself");
	lu_plan_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GError) error = NULL;
	json_t *scenario = lu_scenario_parse((const char *)data, size, "fuzz", &error);
	struct lu_plan *plan =
		scenario ? lu_plan_new(scenario, "fuzz", MACHINES, 4096, &error) : NULL;

	must(!plan == (error != NULL), "neither plan nor error, or both");
	must(!error || !strpbrk(error->message, "\n\r"), "an error of more than one line");
	if (plan)
		check_plan(plan);
	lu_plan_free(plan);
	json_decref(scenario);
	return 0;
}
