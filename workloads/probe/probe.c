/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe: a service that holds one kernel resource (probes/) and says after the upgrade whether it is
 * exactly what it was (docs/guide/survive.md). Its replies count requests, so that the resource is
 * held under load; the verdict is asked for when the load has ended.
 */
#include <string.h>
#include "model/workload.h"
#include "workloads/probe/client.h"
#include "workloads/probe/service.h"
#include "workloads/probe/table.h"

#define DISK_MB 16

static const struct lu_param probe_params[] = {
	{"probe", LU_PARAM_CHOICES, "pipe-data", .choices = lu_probe_names,
	 .help = "the resource, or several in one process tree; all: each of them"},
	{"spoil", LU_PARAM_BOOL, "off",
	 .help = "break the resource before it is verified, to test that this is noticed"},
	{NULL},
};

static char **probe_argv(const json_t *params)
{
	const char *words[] = {"/usr/bin/probe",
			       "--port",
			       "7015",
			       "--probe",
			       lu_param_str(params, "probe"),
			       "--spoil",
			       lu_param_bool(params, "spoil") ? "on" : "off",
			       NULL};

	return g_strdupv((char **)words);
}

static unsigned probe_disk_mb(const json_t *params)
{
	g_autoptr(GPtrArray) list = lu_probe_list(lu_param_str(params, "probe"));

	for (guint i = 0; i < list->len; i++) {
		const struct lu_probe_entry *entry = list->pdata[i];

		if (entry->disk)
			return DISK_MB;
	}
	return 0;
}

static uint64_t probe_state_bytes(const json_t *params)
{
	return 16 << 20;
}

static const struct lu_oracle probe_oracles[] = {
	{"order", "each reply answers its request, and no counter goes back", true,
	 lu_probe_judge_order},
	{"probe", "the resource is exactly what it was", true, lu_probe_judge_probe},
	{NULL},
};

static const struct lu_service_model probe_model = {
	.new = lu_probe_service_new,
	.free = g_free,
	.serve = lu_probe_service_serve,
	.damage = lu_probe_service_damage,
	.restart = lu_probe_service_restart,
};

const struct lu_workload lu_workload_probe = {
	.name = "probe",
	.summary = "holds one kernel resource, and says whether it survived (lubench survive)",
	.params = probe_params,
	.program = "probe",
	.port = 7015,
	.argv = probe_argv,
	.disk_mb = probe_disk_mb,
	.state_bytes = probe_state_bytes,
	.client_new = lu_probe_client_new,
	.client_free = lu_probe_client_free,
	.populate = lu_probe_populate,
	.request = lu_probe_request,
	.reply = lu_probe_reply,
	.reconnected = lu_probe_reconnected,
	.audit = lu_probe_audit,
	.report = lu_probe_report,
	.oracles = probe_oracles,
	.model = &probe_model,
};
