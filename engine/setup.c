/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The beginning of a run: boot, bring up, populate, load. */
#include "core/error.h"
#include "engine/clock.h"
#include "engine/course.h"
#include "engine/exchange.h"
#include "iface/bringup.h"

#define HOST_SAMPLE_NS	(50 * LU_MS)
#define GUEST_SAMPLE_MS 100
#define CALL_NS		(10 * LU_SECOND)

static bool populate(struct engine *engine, GError **error)
{
	const struct lu_workload *workload = engine->plan->workload;
	struct lu_exchange exchange = {0};

	engine_progress(engine, "populate");
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
	engine_impair(engine, true);
	engine_stamp(engine, "baseline-begin");
	engine->drive = lu_drive_start(engine->guest, engine->load, error);
	return engine->drive != NULL;
}

static bool baseline(struct engine *engine, GError **error)
{
	engine_progress(engine, "baseline");
	if (!start_load(engine, error) ||
	    !engine_pass_time(engine, engine->plan->baseline_ns, error) ||
	    !engine_wait_reply(engine, 0, error)) {
		g_prefix_error(error, "baseline: ");
		return false;
	}
	return true;
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
