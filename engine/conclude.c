/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of a run: the service settles, the load is drained, the state that must
 * be there is read back. */
#include "record/error.h"
#include "record/of-service.h"
#include "engine/clocks.h"
#include "engine/course.h"
#include "engine/exchange.h"
#include "engine/oracle.h"
#include "model/strategy.h"
#include "model/verdicts.h"

static bool read_clocks_of(struct engine *engine, struct engine_service *service, GError **error)
{
	const char *name = service->plan->service;
	g_autoptr(GError) why = NULL;

	if (lu_clocks_stamp(engine->guest, name, engine->clock_readings, &why) &&
	    (engine->plan->cycles == 1 ||
	     lu_census_stamp(engine->guest, name, engine->cycle, &why)))
		return true;
	if (g_error_matches(why, LU_ERROR, LU_ERROR_INTERRUPTED)) {
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	g_free(service->clock_error);
	service->clock_error = g_strdup(why->message);
	return true;
}

bool engine_read_clocks(struct engine *engine, GError **error)
{
	for (unsigned i = 0; i < engine->n_services; i++)
		if (!read_clocks_of(engine, &engine->services[i], error))
			return false;
	engine->clock_readings++;
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
	bool ok = true;

	for (unsigned i = 0; i < engine->n_services; i++) {
		struct lu_drive *drive = engine->services[i].drive;

		/* of what goes wrong with several the first is told */
		ok = (!drive || lu_drive_stop(drive, drain_ns, ok ? error : NULL)) && ok;
		g_clear_pointer(&engine->services[i].drive, lu_drive_free);
	}
	engine_impair(engine, false);
	engine_end_sampling(engine);
	engine_stamp(engine, "end");
	return ok;
}

/* Read back what must be there. Failing to read it is a verdict; only the end of the
 * whole run is an error. */
static bool audit_one(struct engine *engine, struct engine_service *service, int64_t timeout_ns,
		      GError **error)
{
	const struct lu_workload *workload = service->plan->workload;
	struct lu_exchange exchange = {0};
	GError *why = NULL;

	if (!workload->audit || !workload->audit(service->client, &exchange))
		return true;
	exchange.timeout_ns = MIN(exchange.timeout_ns, timeout_ns);
	if (lu_exchange_run(engine->io, engine->guest, service->number, &exchange, &why))
		return true;
	if (g_error_matches(why, LU_ERROR, LU_ERROR_INTERRUPTED)) {
		g_propagate_error(error, why);
		return false;
	}
	service->audit_error = g_strdup(why->message);
	g_error_free(why);
	return true;
}

/* patient: for as long as each workload says, else as a client waits. */
static bool audit(struct engine *engine, bool patient, GError **error)
{
	engine_progress(engine, "audit");
	for (unsigned i = 0; i < engine->n_services; i++) {
		struct engine_service *service = &engine->services[i];

		if (!audit_one(engine, service, patient ? INT64_MAX : service->plan->timeout_ns,
			       error))
			return false;
	}
	return true;
}

static int64_t longest_timeout(const struct engine *engine)
{
	int64_t longest = 0;

	for (unsigned i = 0; i < engine->n_services; i++)
		longest = MAX(longest, engine->services[i].plan->timeout_ns);
	return longest;
}

bool engine_conclude(struct engine *engine, GError **error)
{
	engine->whole = engine_end_load(engine, longest_timeout(engine), error) &&
			audit(engine, true, error);
	return engine->whole;
}

void engine_conclude_silent(struct engine *engine)
{
	engine->whole = engine_end_load(engine, 0, NULL) && audit(engine, false, NULL);
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

struct lu_timeline *engine_seen_by(const struct engine *engine,
				   const struct engine_service *service)
{
	const char *name = service->plan->service;

	return name ? lu_timeline_of_service(engine->timeline, name) : engine->timeline;
}

static json_t *judge_one(const struct engine *engine, const struct engine_service *service,
			 bool done)
{
	const struct lu_plan *plan = service->plan;
	struct lu_timeline *timeline = engine_seen_by(engine, service);
	const struct lu_finished_run finished = {
		.plan = plan,
		.guest = engine->guest,
		.timeline = timeline,
		.client = service->client,
		.done = done,
		.switched = done && plan->strategy->switches,
		.whole = engine->whole,
		.before = before(timeline),
		.audit_error = service->audit_error,
		.carried = carried(plan, done),
		.connected = connected(plan, done),
		.clock_error = service->clock_error,
		.cycle = engine->cycle,
	};
	json_t *oracles = lu_oracles_judge(&finished);

	if (timeline != engine->timeline)
		lu_timeline_free(timeline);
	return oracles;
}

void engine_judge(struct engine *engine, bool done)
{
	struct lu_outcome_report *report = engine->report;

	lu_timeline_sort(engine->timeline);
	report->oracles = judge_one(engine, &engine->services[0], done);
	if (done && engine->verdicts)
		json_object_update(report->oracles, engine->verdicts);
	if (engine->n_services == 1)
		return;
	report->services = json_array();
	for (unsigned i = 0; i < engine->n_services; i++) {
		const struct engine_service *service = &engine->services[i];
		json_t *oracles =
			i ? judge_one(engine, service, done) : json_incref(report->oracles);

		json_array_append_new(report->services,
				      json_pack("{s:s, s:o}", "name", service->plan->service,
						"oracles", oracles));
	}
}

bool engine_passed(const struct engine *engine)
{
	json_t *service;
	size_t i;

	json_array_foreach(
		engine->report->services, i,
		service) if (!lu_verdicts_passed(json_object_get(service, "oracles"))) return false;
	return lu_verdicts_passed(engine->report->oracles);
}
