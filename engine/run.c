/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run, from the first boot to the verdicts. */
#include <inttypes.h>
#include "core/error.h"
#include "engine/clock.h"
#include "engine/drive.h"
#include "engine/engine.h"
#include "engine/exchange.h"
#include "engine/memory.h"
#include "engine/oracle.h"
#include "engine/phases.h"
#include "iface/bringup.h"
#include "iface/strategy.h"
#include "iface/workload.h"

#define HOST_SAMPLE_NS	(50 * LU_MS)
#define GUEST_SAMPLE_MS 100
#define CALL_NS		(10 * LU_SECOND)
#define PROGRESS_NS	(50 * LU_MS)
#define CONSOLE_LINES	30

struct engine {
	const struct lu_plan *plan;
	struct lu_guest *guest;
	struct lu_timeline *timeline;
	const struct lu_engine_options *options;
	struct lu_outcome_report *report;
	int64_t begin_ns;
	const char *step;
	void *client; /* the workload's */
	struct lu_load *load;
	struct lu_drive *drive;
	struct lu_sampler *sampler;
	char *audit_error;
	bool whole; /* the load was drained and the audit tried */
};

static int64_t now(struct engine *engine)
{
	return engine->guest->ops->now(engine->guest);
}

static void stamp(struct engine *engine, const char *kind)
{
	lu_timeline_add(engine->timeline, now(engine), "engine", kind, 0, NULL);
}

static void progress(struct engine *engine, const char *step)
{
	const struct lu_engine_options *options = engine->options;

	if (step)
		engine->step = step;
	if (options && options->progress)
		options->progress(options->progress_data, engine->step,
				  now(engine) - engine->begin_ns,
				  engine->load ? lu_load_ok_count(engine->load, NULL) : 0);
}

/* Let time pass, telling of progress now and then. */
static bool pass_time(struct engine *engine, int64_t ns, GError **error)
{
	int64_t until = now(engine) + ns, left;

	while ((left = until - now(engine)) > 0) {
		if (!engine->guest->ops->wait(engine->guest, MIN(left, PROGRESS_NS), error))
			return false;
		progress(engine, NULL);
	}
	return true;
}

/* Until a correct reply arrives that came after since_ns. */
static bool wait_reply(struct engine *engine, int64_t since_ns, GError **error)
{
	int64_t deadline = now(engine) + engine->plan->timeout_ns, last = 0;

	while (lu_load_ok_count(engine->load, &last) == 0 || last <= since_ns) {
		if (now(engine) >= deadline) {
			g_set_error(error, LU_ERROR, LU_ERROR_TIMEOUT,
				    "the service gave no correct reply within %" PRId64 " ms",
				    engine->plan->timeout_ns / LU_MS);
			return false;
		}
		if (!pass_time(engine, 10 * LU_MS, error))
			return false;
	}
	return true;
}

static bool populate(struct engine *engine, GError **error)
{
	const struct lu_workload *workload = engine->plan->workload;
	struct lu_exchange exchange = {0};

	progress(engine, "populate");
	if (!workload->populate || !workload->populate(engine->client, &exchange))
		return true;
	if (lu_exchange_run(engine->guest, &exchange, error))
		return true;
	g_prefix_error(error, "populating the service: ");
	return false;
}

/* Sampling begins before the baseline, so that the steady state's memory is known. */
static bool start_sampling(struct engine *engine, GError **error)
{
	struct lu_guest *guest = engine->guest;

	/* On a virtual clock a thread would sample at random times: such a guest stamps its own
	 * figures. */
	if (!guest->ops->load_start)
		engine->sampler = lu_sampler_new(guest, HOST_SAMPLE_NS);
	return guest->ops->call(guest, "sample", json_pack("{s:i}", "interval_ms", GUEST_SAMPLE_MS),
				CALL_NS, NULL, error);
}

static bool start_load(struct engine *engine, GError **error)
{
	const struct lu_plan *plan = engine->plan;
	const struct lu_load_config config = {plan->connections, plan->rate_hz, plan->timeout_ns};

	engine->load = lu_load_new(&config, plan->workload, engine->client, engine->timeline);
	stamp(engine, "baseline-begin");
	engine->drive = lu_drive_start(engine->guest, engine->load, error);
	return engine->drive != NULL;
}

static bool baseline(struct engine *engine, GError **error)
{
	progress(engine, "baseline");
	if (!start_load(engine, error) || !pass_time(engine, engine->plan->baseline_ns, error) ||
	    !wait_reply(engine, 0, error)) {
		g_prefix_error(error, "baseline: ");
		return false;
	}
	return true;
}

/* A service that answers, under load, on the old version. */
static bool set_up(struct engine *engine, GError **error)
{
	const struct lu_plan *plan = engine->plan;
	struct lu_guest *guest = engine->guest;
	int64_t deadline = now(engine) + plan->boot_timeout_ns;

	progress(engine, "boot");
	return guest->ops->boot(guest, LU_RELEASE_OLD, plan->boot_timeout_ns, error) &&
	       lu_bringup(guest, plan, deadline, error) && populate(engine, error) &&
	       start_sampling(engine, error) && baseline(engine, error);
}

static void entered(void *data, const struct lu_phase *phase)
{
	progress(data, lu_phase_kind_name(phase->kind));
}

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
	};

	*walk = (struct lu_walk){
		.phases = plan->strategy->phases,
		.phase_timeout_ns = plan->phase_timeout_ns,
		.fault_phase = plan->fault_phase,
		.fault_kind = plan->fault_kind,
		.entered = entered,
		.data = engine,
	};
	stamp(engine, "trigger");
	return lu_walk_phases(walk, &run, error);
}

/* The service must answer now, and still after the settling time. */
static bool settle(struct engine *engine, GError **error)
{
	progress(engine, "settle");
	return wait_reply(engine, now(engine), error) &&
	       pass_time(engine, engine->plan->settle_ns, error) &&
	       wait_reply(engine, now(engine), error);
}

static void end_sampling(struct engine *engine)
{
	g_clear_pointer(&engine->sampler, lu_sampler_free);
}

static bool end_load(struct engine *engine, int64_t drain_ns, GError **error)
{
	bool ok = !engine->drive || lu_drive_stop(engine->drive, drain_ns, error);

	g_clear_pointer(&engine->drive, lu_drive_free);
	end_sampling(engine);
	stamp(engine, "end");
	return ok;
}

/* Read back what must be there. That it cannot be read is a verdict; only an end of the whole run
 * is an error. */
static bool audit(struct engine *engine, int64_t timeout_ns, GError **error)
{
	const struct lu_workload *workload = engine->plan->workload;
	struct lu_exchange exchange = {0};
	GError *why = NULL;

	progress(engine, "audit");
	if (!workload->audit || !workload->audit(engine->client, &exchange))
		return true;
	exchange.timeout_ns = MIN(exchange.timeout_ns, timeout_ns);
	if (lu_exchange_run(engine->guest, &exchange, &why))
		return true;
	if (g_error_matches(why, LU_ERROR, LU_ERROR_INTERRUPTED)) {
		g_propagate_error(error, why);
		return false;
	}
	engine->audit_error = g_strdup(why->message);
	g_error_free(why);
	return true;
}

static bool conclude(struct engine *engine, GError **error)
{
	engine->whole = end_load(engine, engine->plan->timeout_ns, error) &&
			audit(engine, INT64_MAX, error);
	return engine->whole;
}

/* No correct reply came: perhaps there were wrong ones, so what the service holds is asked for all
 * the same, but not waited for longer than a client would. */
static void conclude_silent(struct engine *engine)
{
	engine->whole = end_load(engine, 0, NULL) && audit(engine, engine->plan->timeout_ns, NULL);
}

static void judge(struct engine *engine, bool switched)
{
	const struct lu_trial trial = {
		.plan = engine->plan,
		.guest = engine->guest,
		.timeline = engine->timeline,
		.client = engine->client,
		.switched = switched,
		.whole = engine->whole,
		.audit_error = engine->audit_error,
	};

	lu_timeline_sort(engine->timeline);
	engine->report->oracles = lu_oracles_judge(&trial);
}

static void set_outcome(struct engine *engine, enum lu_outcome outcome, const char *phase,
			const char *reason)
{
	struct lu_outcome_report *report = engine->report;

	report->outcome = outcome;
	g_free(report->phase);
	report->phase = g_strdup(phase);
	g_free(report->reason);
	report->reason = g_strdup(reason);
}

/* After an undo: is the service what it was? The verdict "service-unharmed" sums up all others. */
static bool verify_unharmed(struct engine *engine, struct lu_walk *walk, GError **error)
{
	struct lu_outcome_report *report = engine->report;
	g_autoptr(GError) why = NULL;
	bool answers = settle(engine, &why) && conclude(engine, &why);

	if (g_error_matches(why, LU_ERROR, LU_ERROR_INTERRUPTED)) {
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	if (engine->drive)
		end_load(engine, 0, NULL);
	judge(engine, false);
	report->rolled_back = answers && walk->undone && lu_oracles_passed(report->oracles);
	if (report->rolled_back)
		lu_oracles_add(report->oracles, "service-unharmed", true,
			       "undone in reverse order; the old version answers and every oracle "
			       "passes");
	else
		lu_oracles_add(report->oracles, "service-unharmed", false,
			       why ? why->message
				   : walk->undo_error ?: "an oracle failed after the undo");
	return true;
}

/* A strategy may refuse only while the old version can still be had back. */
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
	if (walk->failed->kind < LU_SWITCH)
		return verify_unharmed(engine, walk, error);
	end_load(engine, 0, NULL);
	judge(engine, engine->plan->strategy->switches);
	return true;
}

static bool walk_ended(struct engine *engine, GError **error)
{
	g_autoptr(GError) why = NULL;

	stamp(engine, "finish");
	if (!settle(engine, &why) || !conclude(engine, &why)) {
		if (g_error_matches(why, LU_ERROR, LU_ERROR_INTERRUPTED)) {
			g_propagate_error(error, g_steal_pointer(&why));
			return false;
		}
		set_outcome(engine, lu_outcome_from_error(why), NULL, why->message);
		if (engine->drive && g_error_matches(why, LU_ERROR, LU_ERROR_TIMEOUT))
			conclude_silent(engine);
		else if (engine->drive)
			end_load(engine, 0, NULL);
	}
	judge(engine, engine->plan->strategy->switches);
	return true;
}

static bool upgrade(struct engine *engine, GError **error)
{
	struct lu_walk steps;
	g_autoptr(GError) why = NULL;
	bool ok;

	if (walk(engine, &steps, &why)) {
		ok = walk_ended(engine, error);
	} else if (g_error_matches(why, LU_ERROR, LU_ERROR_INTERRUPTED)) {
		g_propagate_error(error, g_steal_pointer(&why));
		ok = false;
	} else {
		ok = walk_failed(engine, &steps, why, error);
	}
	lu_walk_clear(&steps);
	return ok;
}

static bool run(struct engine *engine, GError **error)
{
	const struct lu_strategy *strategy = engine->plan->strategy;
	g_autoptr(GError) why = NULL;

	if ((!strategy->check || strategy->check(engine->plan, &why)) && set_up(engine, &why))
		return upgrade(engine, error);
	if (g_error_matches(why, LU_ERROR, LU_ERROR_INTERRUPTED)) {
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	set_outcome(engine, lu_outcome_from_error(why), NULL, why->message);
	return true;
}

static void describe(struct engine *engine)
{
	struct lu_outcome_report *report = engine->report;

	if (!report->oracles)
		report->oracles = json_object();
	if (!report->environment)
		report->environment = json_object();
	json_object_set_new(report->environment, "guest",
			    engine->guest->ops->describe(engine->guest));
	if (report->outcome != LU_OK)
		report->console_tail =
			engine->guest->ops->console_tail(engine->guest, CONSOLE_LINES);
}

/* A cancellation while something failed all the same must not pass for that failure's result. */
static bool not_cancelled(struct engine *engine, GError **error)
{
	g_autoptr(GError) why = NULL;

	if (engine->guest->ops->wait(engine->guest, 0, &why) ||
	    !g_error_matches(why, LU_ERROR, LU_ERROR_INTERRUPTED))
		return true;
	g_propagate_error(error, g_steal_pointer(&why));
	return false;
}

static void clear(struct engine *engine)
{
	g_clear_pointer(&engine->drive, lu_drive_free);
	end_sampling(engine);
	lu_load_free(engine->load);
	engine->plan->workload->client_free(engine->client);
	g_free(engine->audit_error);
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
		.report = report,
		.begin_ns = guest->ops->now(guest),
	};
	bool ok;

	engine.client =
		plan->workload->client_new(plan->workload_params, plan->seed, plan->connections);
	ok = run(&engine, error) && not_cancelled(&engine, error);
	if (ok)
		describe(&engine);
	clear(&engine);
	lu_timeline_sort(timeline);
	return ok;
}
