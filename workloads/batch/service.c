/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The batch job as the simulated guest runs it: a step takes a fixed time, and nobody else's work
 * takes any of it. */
#include "workloads/batch/service.h"
#include <inttypes.h>
#include "workloads/batch/job.h"
#include "workloads/kit/tick.h"

/* A multiplication that waits for the one before it, emulated: an estimate. */
#define STEP_NS 5
/* It was paused when nothing was heard of it for so long. */
#define STRETCH_NS (G_GINT64_CONSTANT(1000000000) / 2)

struct batch_service {
	uint64_t unit_steps, units;
	uint64_t wrong; /* xor its value */
	int64_t last_ns, left_ns;
};

static void *batch_service_new(const json_t *params, uint64_t seed)
{
	struct batch_service *service = g_new0(struct batch_service, 1);

	service->unit_steps = (uint64_t)lu_param_int(params, "unit_steps");
	service->last_ns = -1;
	return service;
}

static void batch_run(void *data, int64_t now_ns)
{
	struct batch_service *service = data;
	int64_t unit_ns = (int64_t)service->unit_steps * STEP_NS;
	int64_t passed = service->last_ns < 0 ? 0 : now_ns - service->last_ns;

	service->last_ns = now_ns;
	if (passed > STRETCH_NS)
		return;
	service->left_ns += passed;
	service->units += (uint64_t)(service->left_ns / unit_ns);
	service->left_ns %= unit_ns;
}

static void serve_line(void *data, const char *line, const char *release, GString *reply)
{
	const struct batch_service *service = data;
	uint64_t value = lu_batch_value(service->units * service->unit_steps) ^ service->wrong;
	uint64_t id;

	if (g_str_has_prefix(line, "B ") && lu_tick_number(line + 2, 10, &id))
		g_string_printf(reply, "B %" PRIu64 " %s %" PRIu64 " %016" PRIx64 "\n", id, release,
				service->units, value);
	else
		g_string_assign(reply, "E a request is B <id>\n");
}

static size_t batch_serve(void *data, const uint8_t *buf, size_t len, unsigned conn,
			  const char *release, GByteArray *out)
{
	return lu_tick_serve(data, serve_line, buf, len, release, out);
}

static bool batch_damage(void *data, const char *kind)
{
	struct batch_service *service = data;

	if (g_str_equal(kind, "lose-write"))
		service->units -= service->units / 10;
	else if (g_str_equal(kind, "corrupt"))
		service->wrong ^= 1;
	else if (g_str_equal(kind, "reset-counter"))
		service->units = 0;
	else
		return false;
	return true;
}

const struct lu_service_model lu_batch_service_model = {
	.new = batch_service_new,
	.free = g_free,
	.run = batch_run,
	.serve = batch_serve,
	.damage = batch_damage,
};
