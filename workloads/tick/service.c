/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tick service as the simulated guest runs it (docs/reference/tick-protocol.md). */
#include <inttypes.h>
#include <string.h>
#include "workloads/tick/service.h"
#include "workloads/kit/tick.h"

struct tick_service {
	struct lu_tick_state *state;
	const char *version;
	GHashTable *conns; /* connection → hash (uint64_t *) */
};

const char *const lu_tick_versions[] = {"tick-1", "tick-2", NULL};

static void *tick_service_new(const json_t *params, uint64_t seed)
{
	struct tick_service *service = g_new0(struct tick_service, 1);

	service->state = lu_tick_state_of(params);
	service->version = lu_tick_versions[0];
	service->conns = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	return service;
}

static void tick_service_free(void *data)
{
	struct tick_service *service = data;

	lu_tick_state_free(service->state);
	g_hash_table_unref(service->conns);
	g_free(service);
}

static uint64_t *conn_hash(struct tick_service *service, unsigned conn)
{
	uint64_t *hash = g_hash_table_lookup(service->conns, GUINT_TO_POINTER(conn));

	if (!hash) {
		hash = g_new(uint64_t, 1);
		*hash = LU_TICK_FNV;
		g_hash_table_insert(service->conns, GUINT_TO_POINTER(conn), hash);
	}
	return hash;
}

/* "T ID PAYLOAD": the reply, or false when the line is not one. */
static bool serve_tick(struct tick_service *service, const char *line, unsigned conn,
		       const char *release, GString *reply)
{
	g_auto(GStrv) word = g_strsplit(line, " ", 4);
	uint64_t *hash = conn_hash(service, conn);
	uint64_t id;

	if (g_strv_length(word) != 3 || !g_str_equal(word[0], "T") ||
	    !lu_tick_number(word[1], 10, &id) || !*word[2])
		return false;
	*hash = lu_tick_fnv(lu_tick_fnv(*hash, line, strlen(line)), "\n", 1);
	lu_tick_state_step(service->state);
	g_string_printf(reply, "R %" PRIu64 " %" PRIu64 " %s %016" PRIx64 " %016" PRIx64 " %s\n",
			id, service->state->counter, release, *hash, service->state->hash,
			service->version);
	return true;
}

static size_t tick_serve(void *data, const uint8_t *buf, size_t len, unsigned conn,
			 const char *release, GByteArray *out)
{
	struct tick_service *service = data;
	g_autoptr(GString) reply = g_string_new(NULL);
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (!line && n == 0)
		return 0;
	if (line && g_str_equal(line, "H"))
		g_string_printf(reply, "H %" PRIu64 " %016" PRIx64 " %016" PRIx64 "\n",
				service->state->counter, service->state->hash,
				lu_tick_state_full(service->state));
	else if (!line || !serve_tick(service, line, conn, release, reply))
		g_string_assign(reply, "E not a request\n");
	g_byte_array_append(out, (const guint8 *)reply->str, (guint)reply->len);
	return line ? (size_t)n : len;
}

static void tick_become(void *data, const char *version)
{
	((struct tick_service *)data)->version = version;
}

static bool tick_damage(void *data, const char *kind)
{
	struct lu_tick_state *state = ((struct tick_service *)data)->state;

	if (g_str_equal(kind, "lose-write"))
		state->changed[lu_tick_state_index(state, state->counter)] = 0;
	else if (g_str_equal(kind, "corrupt"))
		state->changed[state->words / 2] ^= 1;
	else if (g_str_equal(kind, "reset-counter"))
		state->counter = 0;
	else
		return false;
	return true;
}

const struct lu_service_model lu_tick_service_model = {
	.new = tick_service_new,
	.free = tick_service_free,
	.serve = tick_serve,
	.become = tick_become,
	.damage = tick_damage,
};
