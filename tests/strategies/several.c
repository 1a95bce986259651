/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/strategies/several.h"
#include <string.h>
#include "record/of-service.h"
#include "tests/kit/cmocka-all.h"

#define MACHINES LU_SOURCE_DIR "/machines"

/* Listed out of their order, so that the plan has to sort them. */
static const char scenario[] =
	"{\"strategy\": \"%s\", \"strategy_params\": %s, \"guest\": \"sim\", \"machine\": \"%s\","
	" \"client\": {\"baseline_ms\": 1000, \"settle_ms\": 500, \"timeout_ms\": 30000,"
	" \"rate_hz\": 60},"
	" \"services\": ["
	"{\"workload\": \"batch\", \"client\": {\"connections\": 1, \"rate_hz\": 10}},"
	"{\"workload\": \"tick\", \"name\": \"critical\", \"priority\": 2},"
	"{\"workload\": \"redis\", \"priority\": 1, \"workload_params\": {\"dataset_mb\": 8}}]%s}";

struct lu_plan *several_plan_of_text(const char *text)
{
	g_autoptr(GError) error = NULL;
	json_t *doc = lu_scenario_parse(text, strlen(text), "test", &error);
	struct lu_plan *plan = doc ? lu_plan_new(doc, "test", MACHINES, 0, &error) : NULL;

	if (!plan)
		fail_msg("%s: %s", text, error->message);
	json_decref(doc);
	return plan;
}

struct lu_plan *several_plan(const char *strategy, const char *params, const char *machine,
			     const char *more)
{
	g_autofree char *text = g_strdup_printf(scenario, strategy, params, machine, more);

	return several_plan_of_text(text);
}

struct simrun *several_run(struct lu_plan *plan)
{
	struct simrun *simrun = simrun_new(plan);

	simrun_run(simrun);
	return simrun;
}

json_t *several_result(const struct simrun *simrun)
{
	return lu_result_new(simrun->plan, &simrun->report, simrun->timeline);
}

struct lu_metrics several_metrics(const struct simrun *simrun, const char *service)
{
	struct lu_timeline *own = lu_timeline_of_service(simrun->timeline, service);
	struct lu_metrics metrics = lu_metrics_compute(own);

	lu_timeline_free(own);
	return metrics;
}
