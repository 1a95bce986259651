/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of a plan on the simulated guest, for tests. */
#pragma once
#include <stdbool.h>
#include "model/plan.h"
#include "model/result.h"
#include "record/timeline.h"
#include "model/guest.h"

struct simrun {
	struct lu_plan *plan;
	struct lu_guest *guest;
	struct lu_timeline *timeline;
	struct lu_outcome_report report;
};

/* A plan for the simulated guest with a short baseline and a small dataset; params: strategy_params
 * as on the command line, "a=b c=d", may be NULL. Fails the test when the plan is not valid. */
struct lu_plan *simrun_plan(const char *strategy, const char *params, const char *workload,
			    const char *machine);
/* The same with a load that is just enough for oracles to judge, for who makes many runs. */
struct lu_plan *simrun_plan_light(const char *strategy, const char *workload, const char *machine);
/* The same with the workload's default dataset. */
struct lu_plan *simrun_plan_as_given(const char *strategy, const char *workload,
				     const char *machine);
/* The same with the scenario's "network" as JSON. */
struct lu_plan *simrun_plan_network(const char *strategy, const char *workload, const char *machine,
				    const char *network);
/* A workload that the strategy can carry on that machine: tick, or else the first that is. */
const char *simrun_workload(const char *strategy, const char *machine);
/* With a fault (phase kind in capitals), on x86-q35 with tick, and parameters "name=value …" or NULL.
 * NULL: that fault breaks nothing that the strategy has in that phase. */
struct lu_plan *simrun_plan_broken(const char *strategy, const char *params, const char *phase,
				   const char *kind);
/* The same with a fault (phase kind in capitals), of tick or what the strategy can carry. */
struct lu_plan *simrun_plan_fault(const char *strategy, const char *machine, const char *phase,
				  const char *kind);
/* Whether a simulated guest can carry it at all: scripts of the user's are not modelled. */
bool simrun_simulated(const char *strategy, const char *machine);
/* Takes the plan; the guest is there, nothing has run. */
struct simrun *simrun_new(struct lu_plan *plan);
void simrun_run(struct simrun *simrun);
void simrun_free(struct simrun *simrun);
/* A run of the plan in which that verb breaks: it has to fail with the verb's reason, and when that
 * was before SWITCH, to be rolled back with nothing left over. */
void simrun_break(struct lu_plan *plan, const char *verb, bool before_switch);
/* Verdict of an oracle, "" when there is none of that name. */
const char *simrun_verdict(const struct simrun *simrun, const char *oracle);
bool simrun_all_pass(const struct simrun *simrun);
/* Sorted names of all machines but optional ones; g_strfreev. */
char **simrun_machines(void);
