/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The beginning of a run: boot, bring up, populate, load. */
#include <inttypes.h>
#include "record/error.h"
#include "engine/course.h"
#include "engine/exchange.h"
#include "model/bringup.h"
#include "model/strategy.h"

#define HOST_SAMPLE_NS	(50 * LU_NS_PER_MS)
#define GUEST_SAMPLE_MS 100
#define CALL_NS		(10 * LU_NS_PER_S)

static bool populate_one(struct engine *engine, struct engine_service *service, GError **error)
{
	const struct lu_workload *workload = service->plan->workload;
	struct lu_exchange exchange = {0};

	if (!workload->populate || !workload->populate(service->client, &exchange))
		return true;
	if (lu_exchange_run(engine->io, engine->guest, service->number, &exchange, error))
		return true;
	g_prefix_error(error, "populating %s: ", service->plan->service ?: "the service");
	return false;
}

static bool populate(struct engine *engine, GError **error)
{
	engine_progress(engine, "populate");
	for (unsigned i = 0; i < engine->n_services; i++)
		if (!populate_one(engine, &engine->services[i], error))
			return false;
	return true;
}

/* Sampling begins before the baseline, so that the memory use of the steady state is known. */
static bool ask_for_samples(struct engine *engine, GError **error)
{
	return engine->guest->ops->call(engine->guest, "sample",
					json_pack("{s:i}", "interval_ms", GUEST_SAMPLE_MS), CALL_NS,
					NULL, error);
}

static bool start_sampling(struct engine *engine, GError **error)
{
	struct lu_guest *guest = engine->guest;

	/* On a virtual clock a thread would sample at random times: such a guest
	 * stamps its own figures. */
	if (!guest->ops->load_start)
		engine->sampler = lu_sampler_new(engine->io, guest, HOST_SAMPLE_NS);
	return ask_for_samples(engine, error);
}

static bool start_one(struct engine *engine, struct engine_service *service, GError **error)
{
	const struct lu_plan *plan = service->plan;
	const struct lu_load_config config = {plan->connections, plan->rate_hz,
					      plan->timeout_ns,	 lu_plan_of_app(plan),
					      plan->churn_hz,	 plan->service};

	service->load = lu_load_new(&config, plan->workload, service->client, engine->timeline);
	service->drive =
		lu_drive_start(engine->io, engine->guest, service->number, service->load, error);
	return service->drive != NULL;
}

static bool start_load(struct engine *engine, GError **error)
{
	for (unsigned i = 0; i < engine->n_services; i++)
		if (!start_one(engine, &engine->services[i], error))
			return false;
	return true;
}

static bool hear_from(struct engine *engine, const struct engine_service *service, int64_t since_ns,
		      GError **error)
{
	const struct lu_plan *plan = service->plan;
	unsigned all = plan->connections, proven;
	int64_t round_ns =
		plan->rate_hz > 0 ? (int64_t)((double)all / plan->rate_hz * LU_NS_PER_S) : 0;
	int64_t deadline = engine_now(engine) + plan->timeout_ns + round_ns;

	while ((proven = lu_load_proven(service->load, since_ns)) < all) {
		if (engine_now(engine) >= deadline) {
			g_set_error(error, LU_ERROR, LU_ERROR_TIMEOUT,
				    "%u of %u connections received no correct reply within %" PRId64
				    " ms",
				    all - proven, all,
				    (plan->timeout_ns + round_ns) / LU_NS_PER_MS);
			return false;
		}
		if (!engine_pass_time(engine, 10 * LU_NS_PER_MS, error))
			return false;
	}
	return true;
}

/* Until each connection has received a correct reply later than that. As requests take turns, the
 * last one's comes later where there are many connections and few requests. */
static bool hear_from_all(struct engine *engine, int64_t since_ns, GError **error)
{
	for (unsigned i = 0; i < engine->n_services; i++)
		if (!hear_from(engine, &engine->services[i], since_ns, error))
			return false;
	return true;
}

/* A connection whose first segment is lost is established seconds later; the steady state
 * begins once all are. */
static bool warm_up(struct engine *engine, GError **error)
{
	if (!hear_from_all(engine, INT64_MIN, error))
		return false;
	engine_impair(engine, true);
	return true;
}

static bool has_network(const struct lu_plan *plan)
{
	return plan->net_delay_ns || plan->net_loss > 0 || plan->net_rate_bps;
}

static bool steady(struct engine *engine, GError **error)
{
	int64_t begin_ns = engine_now(engine);

	engine_stamp(engine, "baseline-begin");
	return engine_pass_time(engine, engine->plan->baseline_ns, error) &&
	       engine_wait_reply(engine, begin_ns, error);
}

static bool baseline(struct engine *engine, GError **error)
{
	engine_progress(engine, "baseline");
	if (start_load(engine, error) && (!has_network(engine->plan) || warm_up(engine, error)) &&
	    steady(engine, error))
		return true;
	g_prefix_error(error, "baseline: ");
	return false;
}

/* Only kernels are the guest's. */
static bool turn_releases(struct engine *engine, GError **error)
{
	const struct lu_guest_ops *ops = engine->guest->ops;

	if (!engine->plan->strategy->switches || lu_plan_of_app(engine->plan))
		return true;
	if (!ops->turn) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "cycles: guest %s cannot go back to the old release; allowed: 1",
			    ops->name);
		return false;
	}
	ops->turn(engine->guest);
	return true;
}

bool engine_turn(struct engine *engine, GError **error)
{
	if (!turn_releases(engine, error))
		return false;
	engine->cycle++;
	engine_progress(engine, "baseline");
	/* another machine may run now, whose agent was not asked; and peers that nobody made
	 * retransmit answer long after the first of them */
	return ask_for_samples(engine, error) && hear_from_all(engine, engine_now(engine), error) &&
	       steady(engine, error);
}

bool engine_set_up(struct engine *engine, GError **error)
{
	const struct lu_plan *plan = engine->plan;
	struct lu_guest *guest = engine->guest;
	int64_t deadline = engine_now(engine) + plan->boot_timeout_ns;

	engine_progress(engine, "boot");
	return guest->ops->boot(guest, LU_RELEASE_OLD, plan->boot_timeout_ns, error) &&
	       lu_bringup(guest, plan, deadline, error) && populate(engine, error) &&
	       start_sampling(engine, error) && baseline(engine, error);
}
