/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The course of a run: its clock, timestamps, and waiting. */
#include <inttypes.h>
#include "record/error.h"
#include "engine/course.h"

#define PROGRESS_NS (50 * LU_NS_PER_MS)

int64_t engine_now(struct engine *engine)
{
	return engine->guest->ops->now(engine->guest);
}

void engine_stamp(struct engine *engine, const char *kind)
{
	lu_timeline_add(engine->timeline, engine_now(engine), "engine", kind, 0, NULL);
}

/* Of all services. */
static uint64_t replies(const struct engine *engine)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < engine->n_services; i++)
		if (engine->services[i].load)
			count += lu_load_ok_count(engine->services[i].load, NULL);
	return count;
}

bool engine_is_loaded(const struct engine *engine)
{
	for (unsigned i = 0; i < engine->n_services; i++)
		if (engine->services[i].drive)
			return true;
	return false;
}

void engine_progress(struct engine *engine, const char *step)
{
	const struct lu_engine_options *options = engine->options;

	if (step)
		engine->step = step;
	if (options && options->progress)
		options->progress(options->progress_data, engine->step,
				  engine_now(engine) - engine->begin_ns, replies(engine));
}

bool engine_pass_time(struct engine *engine, int64_t ns, GError **error)
{
	int64_t until = engine_now(engine) + ns, left;

	while ((left = until - engine_now(engine)) > 0) {
		if (!engine->guest->ops->wait(engine->guest, MIN(left, PROGRESS_NS), error))
			return false;
		engine_progress(engine, NULL);
	}
	return true;
}

static bool has_answered(const struct engine_service *service, int64_t since_ns)
{
	int64_t last = 0;

	return lu_load_ok_count(service->load, &last) > 0 && last > since_ns;
}

/* begin_ns: when waiting began. */
static bool wait_reply_of(struct engine *engine, const struct engine_service *service,
			  int64_t since_ns, int64_t begin_ns, GError **error)
{
	const struct lu_plan *plan = service->plan;
	int64_t deadline = begin_ns + plan->timeout_ns;

	while (!has_answered(service, since_ns)) {
		if (engine_now(engine) >= deadline) {
			g_set_error(error, LU_ERROR, LU_ERROR_TIMEOUT,
				    "%s%s gave no correct reply within %" PRId64 " ms",
				    plan->service ? "service " : "the service", plan->service ?: "",
				    plan->timeout_ns / LU_NS_PER_MS);
			return false;
		}
		if (!engine_pass_time(engine, 10 * LU_NS_PER_MS, error))
			return false;
	}
	return true;
}

bool engine_wait_reply(struct engine *engine, int64_t since_ns, GError **error)
{
	int64_t begin_ns = engine_now(engine);

	for (unsigned i = 0; i < engine->n_services; i++)
		if (!wait_reply_of(engine, &engine->services[i], since_ns, begin_ns, error))
			return false;
	return true;
}

void engine_impair(struct engine *engine, bool on)
{
	if (engine->guest->ops->impair)
		engine->guest->ops->impair(engine->guest, on);
}
