/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Look-up by name in the tables that CMake generates from strategies/ and workloads/. */
#include "record/error.h"
#include "model/plugin.h"
#include "model/strategy.h"
#include "model/workload.h"

const struct lu_strategy *lu_strategy_at(size_t i)
{
	size_t own = 0;

	while (lu_strategies[own])
		own++;
	if (i < own)
		return lu_strategies[i];
	return i - own < lu_plugins()->len
		       ? ((struct lu_loaded_plugin *)lu_plugins()->pdata[i - own])->strategy
		       : NULL;
}

const struct lu_strategy *lu_strategy_find(const char *name, GError **error)
{
	g_autoptr(GString) all = g_string_new(NULL);
	const struct lu_strategy *strategy;

	for (size_t i = 0; (strategy = lu_strategy_at(i)); i++) {
		if (g_str_equal(strategy->name, name))
			return strategy;
		g_string_append_printf(all, "%s%s", i ? ", " : "", strategy->name);
	}
	/* what was meant may be among those */
	for (guint i = 0; i < lu_plugins_refused()->len; i++)
		g_string_append_printf(all, "; plugin refused: %s",
				       (char *)lu_plugins_refused()->pdata[i]);
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "strategy: '%s' is not one of: %s", name,
		    all->str);
	return NULL;
}

uint16_t lu_workload_port(const struct lu_workload *workload, const json_t *params)
{
	return workload->port_of ? workload->port_of(params) : workload->port;
}

unsigned lu_workload_disk_mb(const struct lu_workload *workload, const json_t *params)
{
	return workload->disk_mb ? workload->disk_mb(params) : 0;
}

const struct lu_workload *lu_workload_find(const char *name, GError **error)
{
	g_autoptr(GString) all = g_string_new(NULL);

	for (size_t i = 0; lu_workloads[i]; i++) {
		if (g_str_equal(lu_workloads[i]->name, name))
			return lu_workloads[i];
		g_string_append_printf(all, "%s%s", i ? ", " : "", lu_workloads[i]->name);
	}
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "workload: '%s' is not one of: %s", name,
		    all->str);
	return NULL;
}
