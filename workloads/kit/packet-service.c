/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol of the service "packets", and its model: counts, and latencies besides. */
#include "workloads/kit/packet-service.h"
#include <inttypes.h>
#include <string.h>
#include "workloads/kit/tick.h"

/* The model: bulk packets per packet of a request, and how long packets take, by version. */
#define MODEL_BULK 8
static const uint64_t model_ns[LU_PACKET_CLASSES][LU_PACKET_VERSIONS] = {
	{30000000, 1000000, 1000000},
	{30000000, 32000000, 32000000},
};

enum { REQUESTS, RECEIVED, SENT, LONGEST_NS = 9 };

const struct lu_count lu_packet_counts[] = {
	[REQUESTS] = {"requests"},
	[RECEIVED] = {"packets"},
	[SENT] = {"sent"},
	{"lost", "packets", "lose-write"},
	{"arrived twice", "packets", "duplicate"},
	{"arrived after a later one of their flow", "sequence", "reorder"},
	{"damaged", "packets", "corrupt"},
	{"dropped", "packets"},
	{"stuck", "packets"},
	[LONGEST_NS] = {"longest_packet_ns"},
	{"carried_over"},
	{"out_of_order_on_one_cpu"},
	{},
};

struct packet_service {
	void *counted;
	const json_t *params;
	unsigned version[LU_PACKET_PATHS]; /* from 0 */
	uint64_t carried[LU_PACKET_PATHS][LU_PACKET_CLASSES][LU_PACKET_VERSIONS];
};

bool lu_packet_parse_latency(const char *line, unsigned path, unsigned class, unsigned version,
			     struct lu_packet_latency *latency)
{
	g_autofree char *expected = g_strdup_printf("L %u %u %u ", path, class, version);
	uint64_t *const numbers[] = {&latency->count, &latency->p50_ns, &latency->p99_ns,
				     &latency->max_ns};
	g_auto(GStrv) words = NULL;

	if (!g_str_has_prefix(line, expected))
		return false;
	words = g_strsplit(line + strlen(expected), " ", G_N_ELEMENTS(numbers) + 1);
	if (g_strv_length(words) != G_N_ELEMENTS(numbers))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		if (!lu_tick_number(words[i], 10, numbers[i]))
			return false;
	return true;
}

static uint64_t packets_each(const json_t *params)
{
	return (uint64_t)lu_param_int(params, "packets") / LU_PACKET_PATHS;
}

void lu_packet_count(const json_t *params, bool audit, uint64_t *counts)
{
	uint64_t packets = audit ? 0 : packets_each(params) * LU_PACKET_PATHS * (1 + MODEL_BULK);

	counts[SENT] += packets;
	counts[RECEIVED] += packets;
	counts[LONGEST_NS] = model_ns[1][1];
}

void *lu_packet_service_new(const struct lu_counted *what, const json_t *params)
{
	struct packet_service *service = g_new0(struct packet_service, 1);

	service->counted = lu_counted_service_new(what, params);
	service->params = params;
	return service;
}

void lu_packet_service_free(void *data)
{
	struct packet_service *service = data;

	lu_counted_service_free(service->counted);
	g_free(service);
}

static void carry(struct packet_service *service)
{
	for (unsigned path = 0; path < LU_PACKET_PATHS; path++) {
		uint64_t packets = packets_each(service->params);

		service->carried[path][0][service->version[path]] += packets;
		service->carried[path][1][service->version[path]] += packets * MODEL_BULK;
	}
}

static void serve_latency(const struct packet_service *service, const char *line, GString *reply)
{
	const unsigned limits[] = {LU_PACKET_PATHS, LU_PACKET_CLASSES, LU_PACKET_VERSIONS + 1};
	g_auto(GStrv) words = g_strsplit(line, " ", 5);
	uint64_t at[3], count, ns;

	g_string_assign(reply, "E a latency request is L <path> <class> <version>\n");
	for (size_t i = 0; i < G_N_ELEMENTS(at); i++)
		if (g_strv_length(words) != 4 || !lu_tick_number(words[i + 1], 10, &at[i]) ||
		    at[i] >= limits[i])
			return;
	count = at[2] ? service->carried[at[0]][at[1]][at[2] - 1] : 0;
	ns = count ? model_ns[at[1]][at[2] - 1] : 0;
	g_string_printf(reply, "%s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", line, count,
			ns / 2, ns, ns);
}

size_t lu_packet_serve(void *data, const uint8_t *buf, size_t len, unsigned conn,
		       const char *release, GByteArray *out)
{
	struct packet_service *service = data;
	g_autoptr(GString) reply = g_string_new(NULL);
	ssize_t n;
	g_autofree char *line = lu_tick_line(buf, len, &n);

	if (!line || line[0] != 'L') {
		if (line && line[0] == 'P')
			carry(service);
		return lu_counted_serve(service->counted, buf, len, conn, release, out);
	}
	serve_latency(service, line, reply);
	g_byte_array_append(out, (const guint8 *)reply->str, (guint)reply->len);
	return (size_t)n;
}

bool lu_packet_damage(void *data, const char *kind)
{
	struct packet_service *service = data;

	return lu_counted_damage(service->counted, kind);
}

void lu_packet_swapped(void *data, unsigned instance, const char *version)
{
	struct packet_service *service = data;

	lu_counted_swapped(service->counted, instance, version);
	if (instance < LU_PACKET_PATHS)
		service->version[instance] =
			(unsigned)CLAMP(version[1] - '1', 0, LU_PACKET_VERSIONS - 1);
}
