/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of a run: the service settles, the load is drained, the state that must
 * be there is read back. */
#include "record/error.h"
#include "engine/clocks.h"
#include "engine/course.h"
#include "engine/exchange.h"
#include "engine/oracle.h"
#include "model/strategy.h"

bool engine_read_clocks(struct engine *engine, GError **error)
{
	g_autoptr(GError) why = NULL;

	if (lu_clocks_stamp(engine->guest, engine->clock_readings++, &why) &&
	    (engine->plan->cycles == 1 || lu_census_stamp(engine->guest, engine->cycle, &why)))
		return true;
	if (g_error_matches(why, LU_ERROR, LU_ERROR_INTERRUPTED)) {
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	g_free(engine->clock_error);
	engine->clock_error = g_strdup(why->message);
	return true;
}

bool engine_settle(struct engine *engine, GError **error)
{
	engine_progress(engine, "settle");
	return engine_wait_reply(engine, engine_now(engine), error) &&
	       engine_pass_time(engine, engine->plan->settle_ns, error) &&
	       engine_wait_reply(engine, engine_now(engine), error) &&
	       engine_read_clocks(engine, error);
}

void engine_end_sampling(struct engine *engine)
{
	g_clear_pointer(&engine->sampler, lu_sampler_free);
}

bool engine_end_load(struct engine *engine, int64_t drain_ns, GError **error)
{
	bool ok = !engine->drive || lu_drive_stop(engine->drive, drain_ns, error);

	g_clear_pointer(&engine->drive, lu_drive_free);
	engine_impair(engine, false);
	engine_end_sampling(engine);
	engine_stamp(engine, "end");
	return ok;
}

/* Read back what must be there. Failing to read it is a verdict; only the end of the
 * whole run is an error. */
static bool audit(struct engine *engine, int64_t timeout_ns, GError **error)
{
	const struct lu_workload *workload = engine->plan->workload;
	struct lu_exchange exchange = {0};
	GError *why = NULL;

	engine_progress(engine, "audit");
	if (!workload->audit || !workload->audit(engine->client, &exchange))
		return true;
	exchange.timeout_ns = MIN(exchange.timeout_ns, timeout_ns);
	if (lu_exchange_run(engine->io, engine->guest, &exchange, &why))
		return true;
	if (g_error_matches(why, LU_ERROR, LU_ERROR_INTERRUPTED)) {
		g_propagate_error(error, why);
		return false;
	}
	engine->audit_error = g_strdup(why->message);
	g_error_free(why);
	return true;
}

bool engine_conclude(struct engine *engine, GError **error)
{
	engine->whole = engine_end_load(engine, engine->plan->timeout_ns, error) &&
			audit(engine, INT64_MAX, error);
	return engine->whole;
}

void engine_conclude_silent(struct engine *engine)
{
	engine->whole =
		engine_end_load(engine, 0, NULL) && audit(engine, engine->plan->timeout_ns, NULL);
}

static struct lu_saturation before(const struct lu_timeline *timeline)
{
	struct lu_samples *samples = lu_samples_new(timeline);
	struct lu_saturation saturation = lu_saturation_find(samples);

	lu_samples_free(samples);
	return saturation;
}

/* What was done, if anything, was to keep the service's state. */
static bool carried(const struct lu_plan *plan, bool done)
{
	const struct lu_strategy *strategy = plan->strategy;

	return !done ||
	       (strategy->keeps_state && !(strategy->loses_state && strategy->loses_state(plan)));
}

static bool connected(const struct lu_plan *plan, bool done)
{
	const struct lu_strategy *strategy = plan->strategy;
	bool loses = strategy->loses_connections && strategy->loses_connections(plan);

	return carried(plan, done) && !(done && loses);
}

void engine_judge(struct engine *engine, bool done)
{
	lu_timeline_sort(engine->timeline);
	const struct lu_finished_run finished = {
		.plan = engine->plan,
		.guest = engine->guest,
		.timeline = engine->timeline,
		.client = engine->client,
		.done = done,
		.switched = done && engine->plan->strategy->switches,
		.whole = engine->whole,
		.before = before(engine->timeline),
		.audit_error = engine->audit_error,
		.carried = carried(engine->plan, done),
		.connected = connected(engine->plan, done),
		.clock_error = engine->clock_error,
		.cycle = engine->cycle,
	};

	engine->report->oracles = lu_oracles_judge(&finished);
	if (done && engine->verdicts)
		json_object_update(engine->report->oracles, engine->verdicts);
}
