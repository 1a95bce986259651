/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs of plans on the simulated guest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "record/error.h"
#include "engine/engine.h"
#include "model/strategy.h"
#include "model/workload.h"
#include "sim/sim.h"
#include "tests/strategies/simrun.h"

#define MACHINES_DIR LU_SOURCE_DIR "/machines"

/* A dataset that is soon made, and yet so large that a write which was lost is not soon made up for
 * by another one to the same place. */
#define SMALL_MB 4

static json_t *small(const char *workload)
{
	const struct lu_workload *found = lu_workload_find(workload, NULL);
	json_t *params = json_object();

	for (const struct lu_param *p = found->params; p && p->name; p++)
		if (g_str_has_suffix(p->name, "_mb"))
			json_object_set_new(params, p->name, json_integer(MAX(p->min, SMALL_MB)));
	return params;
}

static json_t *scenario(const char *strategy, const char *workload, const char *machine)
{
	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:{s:i, s:i, s:i}, s:{s:i}}", "strategy",
			 strategy, "workload", workload, "workload_params", small(workload),
			 "machine", machine, "guest", "sim", "client", "baseline_ms", 1000,
			 "settle_ms", 500, "timeout_ms", 20000, "timeouts", "phase_ms", 20000);
}

static struct lu_plan *plan_of(json_t *doc)
{
	g_autoptr(GError) error = NULL;
	struct lu_plan *plan = lu_plan_new(doc, "test", MACHINES_DIR, 0, &error);

	if (!plan)
		fail_msg("%s", error->message);
	json_decref(doc);
	return plan;
}

struct lu_plan *simrun_plan_as_given(const char *strategy, const char *workload,
				     const char *machine)
{
	json_t *doc = scenario(strategy, workload, machine);

	json_object_del(doc, "workload_params");
	return plan_of(doc);
}

static void set_params(json_t *doc, const char *params)
{
	g_auto(GStrv) words = g_strsplit(params ? params : "", " ", -1);
	g_autoptr(GError) error = NULL;

	for (size_t i = 0; words[i] && *words[i]; i++)
		if (!lu_scenario_set_param(doc, words[i], &error))
			fail_msg("%s", error->message);
}

struct lu_plan *simrun_plan(const char *strategy, const char *params, const char *workload,
			    const char *machine)
{
	json_t *doc = scenario(strategy, workload, machine);

	set_params(doc, params);
	return plan_of(doc);
}

struct lu_plan *simrun_plan_light(const char *strategy, const char *workload, const char *machine)
{
	json_t *doc = scenario(strategy, workload, machine);

	json_object_set_new(json_object_get(doc, "client"), "rate_hz", json_real(60));
	return plan_of(doc);
}

struct lu_plan *simrun_plan_network(const char *strategy, const char *workload, const char *machine,
				    const char *network)
{
	json_t *doc = scenario(strategy, workload, machine);

	/* Who is not nudged may have to wait for the fifth retransmission, after 31 s. */
	json_object_set_new(json_object_get(doc, "client"), "timeout_ms", json_integer(60000));
	json_object_set_new(doc, "network", json_loads(network, 0, NULL));
	return plan_of(doc);
}

const char *simrun_workload(const char *strategy, const char *machine)
{
	const char *name = "tick";
	bool fits = false;

	for (size_t i = 0; !fits && (!i || lu_workloads[i - 1]); i++) {
		struct lu_plan *plan;

		name = i ? lu_workloads[i - 1]->name : name;
		plan = simrun_plan(strategy, NULL, name, machine);
		fits = lu_plan_feasible(plan, NULL);
		lu_plan_free(plan);
	}
	return name;
}

struct lu_plan *simrun_plan_fault(const char *strategy, const char *machine, const char *phase,
				  const char *kind)
{
	json_t *doc = scenario(strategy, simrun_workload(strategy, machine), machine);

	/* hangs take minutes of virtual time: a lighter load walks through them faster */
	json_object_set_new(json_object_get(doc, "client"), "rate_hz", json_real(40));
	json_object_set_new(doc, "fault", json_pack("{s:s, s:s}", "phase", phase, "kind", kind));
	return plan_of(doc);
}

struct lu_plan *simrun_plan_broken(const char *strategy, const char *params, const char *phase,
				   const char *kind)
{
	json_auto_t *doc = scenario(strategy, "tick", "x86-q35");

	json_object_set_new(doc, "fault", json_pack("{s:s, s:s}", "phase", phase, "kind", kind));
	set_params(doc, params);
	return lu_plan_new(doc, "test", MACHINES_DIR, 0, NULL);
}

bool simrun_simulated(const char *strategy, const char *machine)
{
	struct lu_plan *plan =
		simrun_plan(strategy, NULL, simrun_workload(strategy, machine), machine);
	bool not_modelled =
		plan->refusal && strstr(plan->refusal->message, "the simulator does not model");

	lu_plan_free(plan);
	return !not_modelled;
}

struct simrun *simrun_new(struct lu_plan *plan)
{
	struct simrun *simrun = g_new0(struct simrun, 1);
	g_autoptr(GError) error = NULL;

	simrun->plan = plan;
	simrun->timeline = lu_timeline_new();
	simrun->guest = lu_sim_new(plan, simrun->timeline, &error);
	if (!simrun->guest)
		fail_msg("%s", error->message);
	return simrun;
}

void simrun_run(struct simrun *simrun)
{
	g_autoptr(GError) error = NULL;

	if (!lu_engine_run(simrun->plan, simrun->guest, simrun->timeline, NULL, &simrun->report,
			   &error))
		fail_msg("%s", error->message);
}

void simrun_free(struct simrun *simrun)
{
	lu_guest_free(simrun->guest);
	lu_timeline_free(simrun->timeline);
	lu_outcome_report_clear(&simrun->report);
	lu_plan_free(simrun->plan);
	g_free(simrun);
}

const char *simrun_verdict(const struct simrun *simrun, const char *oracle)
{
	const char *verdict = json_string_value(
		json_object_get(json_object_get(simrun->report.oracles, oracle), "verdict"));

	return verdict ? verdict : "";
}

bool simrun_all_pass(const struct simrun *simrun)
{
	const char *name;
	json_t *oracle;

	if (!json_object_size(simrun->report.oracles))
		return false;
	json_object_foreach(
		simrun->report.oracles, name,
		oracle) if (!g_strcmp0(json_string_value(json_object_get(oracle, "verdict")),
				       "fail")) return false;
	return true;
}

char **simrun_machines(void)
{
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) names = lu_machine_list(MACHINES_DIR, &error);
	g_autoptr(GStrvBuilder) usual = g_strv_builder_new();

	for (char **name = names; name && *name; name++) {
		struct lu_machine *machine = lu_machine_load(MACHINES_DIR, *name, &error);

		if (machine && !machine->optional)
			g_strv_builder_add(usual, *name);
		lu_machine_free(machine);
	}
	if (error)
		fail_msg("%s", error->message);
	return g_strv_builder_end(usual);
}

void simrun_break(struct lu_plan *plan, const char *verb, bool before_switch)
{
	const char *strategy = plan->strategy->name;
	struct simrun *simrun = simrun_new(plan);

	lu_sim_fail_verb(simrun->guest, verb, LU_ERROR_FAILED, "it broke");
	simrun_run(simrun);
	if (simrun->report.outcome != LU_FAILED || g_strcmp0(simrun->report.reason, "it broke"))
		fail_msg("%s: %s broke, but: %s (%s)", strategy, verb,
			 lu_outcome_name(simrun->report.outcome), simrun->report.reason);
	if (simrun->report.rolled_back != before_switch)
		fail_msg("%s: %s broke: rolled back is %d", strategy, verb,
			 simrun->report.rolled_back);
	if (before_switch && lu_sim_left_over(simrun->guest))
		fail_msg("%s: %s broke: left over: %s", strategy, verb,
			 lu_sim_left_over(simrun->guest));
	simrun_free(simrun);
}
