/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workloads/service/protocol.h"
#include "record/error.h"

const struct lu_protocol *lu_protocol_find(const char *name, GError **error)
{
	g_autoptr(GString) all = g_string_new(NULL);

	for (size_t i = 0; lu_protocols[i]; i++) {
		if (g_str_equal(lu_protocols[i]->name, name))
			return lu_protocols[i];
		g_string_append_printf(all, "%s%s", i ? ", " : "", lu_protocols[i]->name);
	}
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "protocol: '%.60s' is not one of: %s", name,
		    all->str);
	return NULL;
}

static uint64_t key_count(const json_t *params)
{
	return ((uint64_t)lu_param_int(params, "dataset_mb") << 20) /
	       (uint64_t)lu_param_int(params, "value_bytes");
}

void *lu_protocol_keyed_new(const struct lu_protocol *protocol, const json_t *params, uint64_t seed,
			    unsigned connections)
{
	const struct lu_keyed_config config = {
		.codec = protocol->codec,
		.seed = seed,
		.keys = key_count(params),
		.value_bytes = (size_t)lu_param_int(params, "value_bytes"),
		.zipf = g_str_equal(lu_param_str(params, "keys"), "zipf"),
		.read_percent = (unsigned)lu_param_int(params, "read_percent"),
		.connections = connections,
	};

	return lu_keyed_new(&config);
}

void *lu_protocol_keyed_service(const struct lu_protocol *protocol, const json_t *params)
{
	return lu_keyed_service_new(protocol->codec);
}
