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

void engine_progress(struct engine *engine, const char *step)
{
	const struct lu_engine_options *options = engine->options;

	if (step)
		engine->step = step;
	if (options && options->progress)
		options->progress(options->progress_data, engine->step,
				  engine_now(engine) - engine->begin_ns,
				  engine->load ? lu_load_ok_count(engine->load, NULL) : 0);
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

bool engine_wait_reply(struct engine *engine, int64_t since_ns, GError **error)
{
	int64_t deadline = engine_now(engine) + engine->plan->timeout_ns, last = 0;

	while (lu_load_ok_count(engine->load, &last) == 0 || last <= since_ns) {
		if (engine_now(engine) >= deadline) {
			g_set_error(error, LU_ERROR, LU_ERROR_TIMEOUT,
				    "the service gave no correct reply within %" PRId64 " ms",
				    engine->plan->timeout_ns / LU_NS_PER_MS);
			return false;
		}
		if (!engine_pass_time(engine, 10 * LU_NS_PER_MS, error))
			return false;
	}
	return true;
}

void engine_impair(struct engine *engine, bool on)
{
	if (engine->guest->ops->impair)
		engine->guest->ops->impair(engine->guest, on);
}
