/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every resource is there as long as the process is: the simulator knows nothing of kernels. */
#include "workloads/probe/service.h"
#include <inttypes.h>
#include <string.h>
#include "workloads/kit/tick.h"

struct service {
	bool spoil, lost;
	uint64_t counter, identity;
};

void *lu_probe_service_new(const json_t *params, uint64_t seed)
{
	struct service *service = g_new0(struct service, 1);

	service->spoil = lu_param_bool(params, "spoil");
	return service;
}

static void serve_line(void *data, const char *line, const char *release, GString *reply)
{
	struct service *service = data;
	uint64_t number;

	if (!*line || line[1] != ' ' || !lu_tick_number(line + 2, 10, &number))
		g_string_assign(reply, "E neither T ID, S I nor A I\n");
	else if (*line == 'T')
		g_string_printf(reply, "R %" PRIu64 " %" PRIu64 " %s\n", number, ++service->counter,
				release);
	else if (*line == 'S')
		g_string_printf(reply, "S %" PRIu64 " %016" PRIx64 " ready\n", number,
				service->identity);
	else
		g_string_printf(reply, "A %" PRIu64 " %016" PRIx64 " %s\n", number,
				service->identity,
				service->lost	 ? "lost it was damaged"
				: service->spoil ? "lost it was spoilt on purpose"
						 : "same");
}

size_t lu_probe_service_serve(void *data, const uint8_t *buf, size_t len, unsigned conn,
			      const char *release, GByteArray *out)
{
	return lu_tick_serve(data, serve_line, buf, len, release, out);
}

void lu_probe_service_restart(void *data)
{
	struct service *service = data;

	service->identity++;
	service->lost = false;
	service->counter = 0;
}

bool lu_probe_service_damage(void *data, const char *kind)
{
	struct service *service = data;

	if (g_str_equal(kind, "reset-counter"))
		service->counter = 0;
	else if (g_str_equal(kind, "lose-write"))
		service->counter -= service->counter > 0;
	else if (g_str_equal(kind, "corrupt"))
		service->lost = true;
	else
		return false;
	return true;
}
