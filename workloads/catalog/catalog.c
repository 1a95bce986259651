/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * catalog: one of many small updates of a kernel component, tried under load: is it there
 * afterwards, and what the component held, too (docs/guide/update-coverage.md)? The service passes
 * questions on to two shelves of items in the kernel; the answers expected before and after are said
 * by the update's source, kmod/catalog/u-NAME.c.
 */
#include "workloads/catalog/client.h"
#include "workloads/catalog/service.h"
#include "workloads/kit/argv.h"

static const struct lu_param catalog_params[] = {
	{"update", LU_PARAM_CHOICE, "fix_one", 0, 0, lu_update_versions + 1,
	 "what strategies mean by the next version, and by its live patch"},
	{NULL},
};

/* The hub twice: one update calls it by another signature, which the other one has. */
static const char *const catalog_kmods[] = {"lu_swap",	     "lu_catalog_hub", "lu_catalog_hub_by",
					    "lu_catalog_v1", "lu_catalog",     NULL};

static bool of_driver(const char *version)
{
	const struct lu_update *update = lu_update_find(version);

	return update && update->core;
}

static const struct lu_component catalog_component = {
	.name = "catalog",
	.instances = {"lucat0", "lucat1"},
	.versions = lu_update_versions,
	.patches = lu_update_versions + 1,
	.of_driver = of_driver,
};

static const char *catalog_update(const json_t *params)
{
	return lu_param_str(params, "update");
}

static const struct lu_update *update_of(const json_t *params)
{
	return lu_update_find(catalog_update(params));
}

static char **catalog_argv(const json_t *params)
{
	const char *words[] = {"/usr/bin/catalog",
			       "--port",
			       "7012",
			       "--update",
			       catalog_update(params),
			       "--driver",
			       update_of(params)->core ? "1" : "0",
			       NULL};

	return g_strdupv((char **)words);
}

static uint64_t catalog_state_bytes(const json_t *params)
{
	return 1 << 20;
}

static void *catalog_client_new(const json_t *params, uint64_t seed, unsigned connections)
{
	return lu_catalog_client_new(update_of(params), lu_update_versions[0]);
}

static void *catalog_service_new(const json_t *params, uint64_t seed)
{
	return lu_catalog_service_new(update_of(params), lu_update_versions[0]);
}

static const struct lu_oracle catalog_oracles[] = {
	{"order", "each reply answers its request", false, lu_catalog_judge_order},
	{"before", "version 1 answers as the update's source says", false, lu_catalog_judge_before},
	{"items", "all items are there at the end, on both shelves", true, lu_catalog_judge_items},
	{"answers", "the updated component answers as its source says", false,
	 lu_catalog_judge_answers},
	{"kernel", "the kernel has neither warned nor died", false, lu_catalog_judge_kernel},
	{NULL},
};

static const struct lu_service_model catalog_model = {
	.new = catalog_service_new,
	.free = lu_catalog_service_free,
	.serve = lu_catalog_serve,
	.damage = lu_catalog_damage,
	.swapped = lu_catalog_swapped,
};

const struct lu_workload lu_workload_catalog = {
	.name = "catalog",
	.summary = "one of many small updates of a kernel component: does it take effect, and is "
		   "state kept?",
	.params = catalog_params,
	.program = "catalog",
	.port = 7012,
	.argv = catalog_argv,
	.kmods = catalog_kmods,
	.component = &catalog_component,
	.update = catalog_update,
	.state_bytes = catalog_state_bytes,
	.client_new = catalog_client_new,
	.client_free = lu_catalog_client_free,
	.populate = lu_catalog_populate,
	.request = lu_catalog_request,
	.reply = lu_catalog_reply,
	.audit = lu_catalog_audit,
	.report = lu_catalog_report,
	.oracles = catalog_oracles,
	.model = &catalog_model,
};
