/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run, from the first boot to the verdicts. */
#include "record/error.h"
#include "engine/course.h"
#include "engine/oracle.h"
#include "engine/phases.h"
#include "model/verdicts.h"
#include "model/strategy.h"

static void entered(void *data, const struct lu_phase *phase)
{
	engine_progress(data, lu_phase_kind_name(phase->kind));
}

/* The upgrade itself. */
static bool walk(struct engine *engine, struct lu_walk *walk, GError **error)
{
	const struct lu_plan *plan = engine->plan;
	g_autofree void *state = g_malloc0(MAX(plan->strategy->state_size, 1));
	struct lu_run run = {
		.plan = plan,
		.guest = engine->guest,
		.timeline = engine->timeline,
		.params = plan->strategy_params,
		.state = state,
		.cycle = engine->cycle,
		.back = engine->cycle % 2,
	};
	bool ok;

	*walk = (struct lu_walk){
		.phases = plan->strategy->phases,
		.phase_timeout_ns = plan->phase_timeout_ns,
		.fault_phase = plan->fault_phase,
		.fault = plan->fault_kind ? lu_fault_find(plan->fault_kind) : NULL,
		.entered = entered,
		.data = engine,
	};
	engine_stamp(engine, "trigger");
	ok = lu_walk_phases(walk, &run, error);
	if (ok && plan->strategy->judge) {
		json_decref(engine->verdicts);
		plan->strategy->judge(&run, engine->verdicts = json_object());
	}
	if (plan->strategy->clear)
		plan->strategy->clear(state);
	return ok;
}

static void set_outcome(struct engine *engine, enum lu_outcome outcome, const char *phase,
			const char *reason)
{
	struct lu_outcome_report *report = engine->report;

	report->outcome = outcome;
	g_free(report->phase);
	report->phase = g_strdup(phase);
	g_free(report->reason);
	report->reason = engine->plan->cycles > 1
				 ? g_strdup_printf("upgrade %u of %u: %s", engine->cycle + 1,
						   engine->plan->cycles, reason)
				 : g_strdup(reason);
}

/* After an undo: is the service as it was? The verdict "service-unharmed" sums up all others. */
static bool verify_unharmed(struct engine *engine, struct lu_walk *walk, GError **error)
{
	struct lu_outcome_report *report = engine->report;
	g_autoptr(GError) why = NULL;
	bool answers = engine_settle(engine, &why) && engine_conclude(engine, &why);

	if (g_error_matches(why, LU_ERROR, LU_ERROR_INTERRUPTED)) {
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	if (engine_is_loaded(engine))
		engine_end_load(engine, 0, NULL);
	engine_judge(engine, false);
	report->rolled_back = answers && walk->undone && engine_passed(engine);
	if (report->rolled_back)
		lu_verdicts_add(report->oracles, "service-unharmed", LU_PASS,
				"undone in reverse order; the old version answers and every oracle "
				"passes");
	else
		lu_verdicts_add(report->oracles, "service-unharmed", LU_FAIL,
			       why ? why->message
				   : walk->undo_error ?: "an oracle failed after the undo");
	return true;
}

/* The system that the first upgrade left could not be upgraded again, also where that was refused
 * and the service goes on. */
static void judge_repeat(struct engine *engine)
{
	struct lu_outcome_report *report = engine->report;

	if (engine->cycle)
		lu_verdicts_add(report->oracles, "cycles", LU_FAIL, report->reason);
}

/* A strategy may refuse only while the old version can still be restored. */
static enum lu_outcome phase_outcome(const struct lu_phase *phase, const GError *why)
{
	enum lu_outcome outcome = lu_outcome_from_error(why);

	if (phase->kind >= LU_SWITCH && outcome != LU_TIMEOUT)
		return LU_FAILED;
	return outcome;
}

static bool walk_failed(struct engine *engine, struct lu_walk *walk, const GError *why,
			GError **error)
{
	set_outcome(engine, phase_outcome(walk->failed, why),
		    lu_phase_kind_name(walk->failed->kind), why->message);
	if (walk->failed->kind < LU_SWITCH) {
		if (!verify_unharmed(engine, walk, error))
			return false;
	} else {
		engine_end_load(engine, 0, NULL);
		engine_judge(engine, true);
	}
	judge_repeat(engine);
	return true;
}

/* The end of the run, or of this upgrade. */
static bool end_upgrade(struct engine *engine, bool *more, GError **error)
{
	if (!engine_settle(engine, error))
		return false;
	*more = engine->cycle + 1 < engine->plan->cycles;
	return *more ? engine_turn(engine, error) : engine_conclude(engine, error);
}

static void ended_badly(struct engine *engine, const GError *why)
{
	set_outcome(engine, lu_outcome_from_error(why), NULL, why->message);
	if (engine_is_loaded(engine) && g_error_matches(why, LU_ERROR, LU_ERROR_TIMEOUT))
		engine_conclude_silent(engine);
	else if (engine_is_loaded(engine))
		engine_end_load(engine, 0, NULL);
	engine_judge(engine, true);
	judge_repeat(engine);
}

static bool walk_ended(struct engine *engine, bool *more, GError **error)
{
	g_autoptr(GError) why = NULL;

	engine_stamp(engine, "finish");
	if (end_upgrade(engine, more, &why)) {
		if (!*more)
			engine_judge(engine, true);
		return true;
	}
	*more = false;
	if (g_error_matches(why, LU_ERROR, LU_ERROR_INTERRUPTED)) {
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	ended_badly(engine, why);
	return true;
}

/* more: another one is to follow. */
static bool upgrade(struct engine *engine, bool *more, GError **error)
{
	struct lu_walk steps = {0};
	g_autoptr(GError) why = NULL;
	bool ok;

	*more = false;
	if (!engine_read_clocks(engine, error))
		return false;
	if (walk(engine, &steps, &why)) {
		ok = walk_ended(engine, more, error);
	} else if (g_error_matches(why, LU_ERROR, LU_ERROR_INTERRUPTED)) {
		g_propagate_error(error, g_steal_pointer(&why));
		ok = false;
	} else {
		ok = walk_failed(engine, &steps, why, error);
	}
	lu_walk_clear(&steps);
	return ok;
}

static bool upgrades(struct engine *engine, GError **error)
{
	bool more = true, ok = true;

	while (ok && more)
		ok = upgrade(engine, &more, error);
	return ok;
}

static bool run(struct engine *engine, GError **error)
{
	g_autoptr(GError) why = NULL;

	if (lu_plan_feasible(engine->plan, &why) && engine_set_up(engine, &why))
		return upgrades(engine, error);
	if (g_error_matches(why, LU_ERROR, LU_ERROR_INTERRUPTED)) {
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	set_outcome(engine, lu_outcome_from_error(why), NULL, why->message);
	return true;
}

/* A cancelled run must not be recorded as a failure that happened at the same time. */
static bool not_cancelled(struct engine *engine, GError **error)
{
	g_autoptr(GError) why = NULL;

	if (engine->guest->ops->wait(engine->guest, 0, &why) ||
	    !g_error_matches(why, LU_ERROR, LU_ERROR_INTERRUPTED))
		return true;
	g_propagate_error(error, g_steal_pointer(&why));
	return false;
}

static void add_services(struct engine *engine)
{
	for (unsigned i = 0; i < lu_plan_services(engine->plan); i++) {
		const struct lu_plan *plan = lu_plan_service(engine->plan, i);

		engine->services[engine->n_services++] = (struct engine_service){
			.plan = plan,
			.number = i,
			.client = plan->workload->client_new(plan->workload_params, plan->seed,
							     plan->connections),
		};
	}
}

static void clear(struct engine *engine)
{
	for (unsigned i = 0; i < engine->n_services; i++)
		g_clear_pointer(&engine->services[i].drive, lu_drive_free);
	engine_end_sampling(engine);
	for (unsigned i = 0; i < engine->n_services; i++) {
		struct engine_service *service = &engine->services[i];

		lu_load_free(service->load);
		service->plan->workload->client_free(service->client);
		g_free(service->audit_error);
		g_free(service->clock_error);
	}
	json_decref(engine->verdicts);
}

bool lu_engine_run(const struct lu_plan *plan, struct lu_guest *guest, struct lu_timeline *timeline,
		   const struct lu_engine_options *options, struct lu_outcome_report *report,
		   GError **error)
{
	struct engine engine = {
		.plan = plan,
		.guest = guest,
		.timeline = timeline,
		.options = options,
		.io = options && options->io ? options->io : &lu_io_host,
		.report = report,
		.begin_ns = guest->ops->now(guest),
	};
	bool ok;

	add_services(&engine);
	ok = run(&engine, error) && not_cancelled(&engine, error);
	if (ok)
		engine_describe(&engine);
	clear(&engine);
	lu_timeline_sort(timeline);
	if (ok)
		engine_explain_silence(&engine);
	return ok;
}
