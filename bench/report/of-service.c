/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/report/of-service.h"
#include <string.h>
#include "bench/cli.h"
#include "record/error.h"
#include "record/of-service.h"

/* Names of its services, with commas between. Caller frees. */
static char *names_of(const json_t *services)
{
	g_autoptr(GString) names = g_string_new(NULL);
	json_t *service;
	size_t i;

	json_array_foreach(services, i, service) g_string_append_printf(
		names, "%s%s", i ? ", " : "", lu_cli_get_str(service, "name"));
	return g_strdup(names->str);
}

static const json_t *find(const json_t *result, const char *name, GError **error)
{
	const json_t *services = json_object_get(result, "services");
	json_t *service;
	size_t i;

	json_array_foreach(services, i, service)
	{
		if (!name || strcmp(lu_cli_get_str(service, "name"), name) == 0)
			return service;
	}
	if (name) {
		g_autofree char *names = names_of(services);

		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "--service: %s has no service '%s'; allowed: %s",
			    lu_cli_get_str(result, "run.id"), name,
			    *names ? names : "nothing, it has one service only");
	}
	return NULL;
}

static json_t *seen_by(const json_t *result, const json_t *service)
{
	const json_t *metrics = lu_cli_get(result, "metrics.services");
	json_t *its = json_copy((json_t *)result),
	       *plan = json_copy(json_object_get(result, "plan"));

	json_object_set(plan, "workload", json_object_get(service, "workload"));
	json_object_set_new(its, "plan", plan);
	json_object_set(its, "metrics", json_object_get(metrics, lu_cli_get_str(service, "name")));
	json_object_set(its, "oracles", json_object_get(service, "oracles"));
	json_object_set(its, "validity", json_object_get(service, "validity"));
	return its;
}

bool lu_of_service(json_t **result, struct lu_timeline **timeline, const char *name, GError **error)
{
	const json_t *service = find(*result, name, error);
	json_t *whole = *result;

	if (!service)
		return !name;
	if (*timeline) {
		struct lu_timeline *all = *timeline;

		*timeline = lu_timeline_of_service(all, lu_cli_get_str(service, "name"));
		lu_timeline_free(all);
	}
	*result = seen_by(whole, service);
	json_decref(whole);
	return true;
}
