/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs of plans with several services on the simulated guest, for tests: "critical" (tick), redis, and
 * batch, by falling priority. */
#pragma once
#include "record/metrics.h"
#include "tests/strategies/simrun.h"

/* Of a scenario as it stands in a file; fails the test when it is not valid. */
struct lu_plan *several_plan_of_text(const char *text);
/* Of these three, with strategy_params as JSON; more: what else the scenario says, ", \"KEY\": …". */
struct lu_plan *several_plan(const char *strategy, const char *params, const char *machine,
			     const char *more);
/* Takes the plan; simrun_free. */
struct simrun *several_run(struct lu_plan *plan);
/* New reference. */
json_t *several_result(const struct simrun *simrun);
/* Of that one of them. */
struct lu_metrics several_metrics(const struct simrun *simrun, const char *service);
