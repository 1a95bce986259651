/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dirty service as the simulated guest runs it (docs/reference/workloads.md). It writes
 * whenever it runs; its write rate is not limited.
 */
#include <inttypes.h>
#include <string.h>
#include "workloads/dirty/service.h"
#include "workloads/dirty/memory.h"
#include "workloads/kit/tick.h"

#define STRETCH_NS (G_GINT64_CONSTANT(1000000000) / 2)
#define SECOND_NS  G_GINT64_CONSTANT(1000000000)

struct dirty_service {
	struct lu_dirty *dirty; /* what was written */
	uint32_t *memory;	/* by block: its contents */
	uint64_t damaged;	/* block with a flipped bit, UINT64_MAX: none */
	double owed;		/* fraction of a block still to be written */
	uint64_t requests, corrupt, stale;
	int64_t last_ns, active_ns;
};

static void *dirty_service_new(const json_t *params, uint64_t seed)
{
	struct dirty_service *service = g_new0(struct dirty_service, 1);

	service->dirty = lu_dirty_new(params);
	service->memory = g_new0(uint32_t, service->dirty->blocks);
	service->damaged = UINT64_MAX;
	service->last_ns = -1;
	return service;
}

static void dirty_service_free(void *data)
{
	struct dirty_service *service = data;

	lu_dirty_free(service->dirty);
	g_free(service->memory);
	g_free(service);
}

static void check(struct dirty_service *service, uint64_t block)
{
	if (block == service->damaged)
		service->corrupt++;
	else if (service->memory[block] != service->dirty->counts[block])
		service->stale++;
}

static void write_one(struct dirty_service *service)
{
	struct lu_dirty *dirty = service->dirty;
	uint64_t block = lu_dirty_block(dirty, dirty->writes);

	check(service, block);
	if (block == service->damaged)
		service->damaged = UINT64_MAX;
	lu_dirty_advance(dirty, dirty->writes + 1);
	service->memory[block] = dirty->counts[block];
}

static void dirty_run(void *data, int64_t now_ns)
{
	struct dirty_service *service = data;
	int64_t passed = service->last_ns < 0 ? 0 : now_ns - service->last_ns;

	service->last_ns = now_ns;
	if (passed > STRETCH_NS)
		return;
	service->active_ns += passed;
	service->owed += (double)passed / (double)SECOND_NS * (double)service->dirty->bytes_per_s /
			 LU_DIRTY_BLOCK;
	while (service->owed >= 1) {
		service->owed -= 1;
		write_one(service);
	}
}

static uint64_t check_all(struct dirty_service *service)
{
	uint64_t hash = LU_TICK_FNV;

	for (uint64_t block = 0; block < service->dirty->blocks; block++) {
		uint64_t last = lu_dirty_last_word(block, service->memory[block]);

		check(service, block);
		hash = lu_dirty_fold(hash, service->memory[block], last);
		if (block == service->damaged)
			hash ^= 1;
	}
	return hash;
}

static void serve_line(void *data, const char *line, const char *release, GString *reply)
{
	struct dirty_service *service = data;
	uint64_t id, writes = service->dirty->writes, hash;

	if (g_str_equal(line, "A")) {
		hash = check_all(service);
		g_string_printf(
			reply, "A %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %016" PRIx64 "\n",
			service->requests, writes, service->corrupt, service->stale, hash);
	} else if (g_str_has_prefix(line, "D ") && lu_tick_number(line + 2, 10, &id)) {
		g_string_printf(reply,
				"D %" PRIu64 " %" PRIu64 " %s %" PRIu64 " %" PRId64 " %" PRIu64
				" %" PRIu64 "\n",
				id, ++service->requests, release, writes, service->active_ns,
				service->corrupt, service->stale);
	} else {
		g_string_assign(reply, "E a request is D <id> or A\n");
	}
}

static size_t dirty_serve(void *data, const uint8_t *buf, size_t len, unsigned conn,
			  const char *release, GByteArray *out)
{
	return lu_tick_serve(data, serve_line, buf, len, release, out);
}

static void start_over(struct dirty_service *service)
{
	struct lu_dirty *dirty = service->dirty;

	memset(service->memory, 0, dirty->blocks * sizeof(*service->memory));
	memset(dirty->counts, 0, dirty->blocks * sizeof(*dirty->counts));
	dirty->writes = service->requests = 0;
}

static bool dirty_damage(void *data, const char *kind)
{
	struct dirty_service *service = data;
	const struct lu_dirty *dirty = service->dirty;
	uint64_t last = dirty->writes ? lu_dirty_block(dirty, dirty->writes - 1) : 0;

	if (g_str_equal(kind, "lose-write"))
		service->memory[last]--;
	else if (g_str_equal(kind, "corrupt"))
		service->damaged = last;
	else if (g_str_equal(kind, "reset-counter"))
		start_over(service);
	else
		return false;
	return true;
}

const struct lu_service_model lu_dirty_service_model = {
	.new = dirty_service_new,
	.free = dirty_service_free,
	.run = dirty_run,
	.serve = dirty_serve,
	.damage = dirty_damage,
};
