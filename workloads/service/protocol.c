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

void *lu_protocol_keyed_new(const struct lu_protocol *protocol, const json_t *params, uint64_t seed,
			    unsigned connections)
{
	return lu_keyed_new(protocol->codec, params, seed, connections);
}

void *lu_protocol_keyed_service(const struct lu_protocol *protocol, const json_t *params)
{
	return lu_keyed_service_new(protocol->codec);
}
