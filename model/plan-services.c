/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several services in one scenario: split into one scenario for each, whose plans are joined. */
#include "model/plan-services.h"
#include <string.h>
#include "model/param.h"
#include "model/workload.h"
#include "record/error.h"

#define KEY "services"

static const char *const own_keys[] = {"name",	   "workload", "workload_params",
				       "priority", "client",   NULL};
/* Of a service's client; the others are the run's. */
static const char *const client_keys[] = {"connections", "rate_hz", "churn_hz", "timeout_ms", NULL};

bool lu_services_given(const json_t *scenario)
{
	return json_object_get(scenario, KEY) != NULL;
}

static bool G_GNUC_PRINTF(3, 4) wrong(GError **error, const char *name, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);

	va_end(args);
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: " KEY "%s", name, text);
	return false;
}

static const char *text_of(const json_t *service, const char *key)
{
	return json_string_value(json_object_get(service, key));
}

static const char *name_of(const json_t *service)
{
	return text_of(service, "name") ?: text_of(service, "workload");
}

static json_int_t priority_of(const json_t *service)
{
	return json_integer_value(json_object_get(service, "priority"));
}

/* Highest first; of one priority as they are listed. */
static GPtrArray *by_priority(const json_t *scenario)
{
	GPtrArray *sorted = g_ptr_array_new();
	json_t *service;
	guint at;
	size_t i;

	json_array_foreach(json_object_get(scenario, KEY), i, service)
	{
		for (at = sorted->len; at > 0; at--)
			if (priority_of(sorted->pdata[at - 1]) >= priority_of(service))
				break;
		g_ptr_array_insert(sorted, (int)at, service);
	}
	return sorted;
}

GPtrArray *lu_services_workloads(const json_t *scenario)
{
	g_autoptr(GPtrArray) sorted = by_priority(scenario);
	GPtrArray *names = g_ptr_array_new();

	for (guint i = 0; i < sorted->len; i++)
		if (text_of(sorted->pdata[i], "workload"))
			g_ptr_array_add(names, (gpointer)text_of(sorted->pdata[i], "workload"));
	return names;
}

static bool check_keys(const json_t *object, const char *const *allowed, const char *where,
		       GError **error)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		if (g_strv_contains(allowed, key))
			continue;
		lu_unknown_key(error, where, key, allowed);
		return false;
	}
	return true;
}

/* Their names are parts of the names of metrics, which dots divide. */
static bool is_name(const char *name)
{
	return *name && strlen(name) <= LU_SERVICE_NAME_MAX &&
	       strspn(name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_-") == strlen(name);
}

static bool check_priority(const json_t *service, size_t i, const char *name, GError **error)
{
	const json_t *given = json_object_get(service, "priority");

	if (!given || (json_is_integer(given) && json_integer_value(given) >= 0 &&
		       json_integer_value(given) <= LU_PRIORITY_MOST))
		return true;
	return wrong(error, name, "[%zu].priority: is wrong; allowed: 0 to %d, the most critical",
		     i, LU_PRIORITY_MOST);
}

static bool check_service(const json_t *service, size_t i, const char *name, GError **error)
{
	g_autofree char *where = g_strdup_printf("%s: " KEY "[%zu]", name, i);
	g_autofree char *client_where = g_strconcat(where, ".client", NULL);
	const json_t *client = json_object_get(service, "client");

	if (!json_is_object(service))
		return wrong(error, name, "[%zu]: is no object; allowed: {\"workload\": …}", i);
	if (!check_keys(service, own_keys, where, error))
		return false;
	if (!text_of(service, "workload"))
		return wrong(error, name,
			     "[%zu].workload: missing; allowed: a name that `lubench "
			     "list workloads` shows",
			     i);
	if ((json_object_get(service, "name") && !text_of(service, "name")) ||
	    !is_name(name_of(service)))
		return wrong(error, name,
			     "[%zu].name: is wrong; allowed: 1 to %d letters, digits, _ and -", i,
			     LU_SERVICE_NAME_MAX);
	if (client && !json_is_object(client))
		return wrong(error, name, "[%zu].client: must be an object; allowed: {…}", i);
	return check_keys(client, client_keys, client_where, error) &&
	       check_priority(service, i, name, error);
}

static bool check_unique(const json_t *services, const char *name, GError **error)
{
	json_t *one, *other;
	size_t i, k;

	json_array_foreach(services, i, one) json_array_foreach(services, k, other)
	{
		if (k < i && g_str_equal(name_of(one), name_of(other)))
			return wrong(error, name,
				     ": two are called %s; allowed: a \"name\" of its own "
				     "for each",
				     name_of(one));
	}
	return true;
}

static bool check(const json_t *scenario, const char *name, GError **error)
{
	const json_t *services = json_object_get(scenario, KEY);
	json_t *service;
	size_t i;

	if (!json_is_array(services) || json_array_size(services) < 2 ||
	    json_array_size(services) > LU_SERVICES_MOST)
		return wrong(error, name,
			     ": is wrong; allowed: a list of 2 to %d objects, and without it one "
			     "service by \"workload\"",
			     LU_SERVICES_MOST);
	json_array_foreach(services, i, service)
	{
		if (!check_service(service, i, name, error))
			return false;
	}
	return check_unique(services, name, error);
}

/* What the scenario says beside its services holds for those that say nothing themselves, and a
 * plan's document says again what it has of the first. */
static bool check_client(const json_t *scenario, const GPtrArray *sorted, const char *name,
			 GError **error)
{
	for (const char *const *key = client_keys; *key; key++) {
		const json_t *given = json_object_get(json_object_get(scenario, "client"), *key);
		const json_t *first = NULL;
		bool taken = !given;

		for (guint i = 0; i < sorted->len && !taken; i++) {
			const json_t *own =
				json_object_get(json_object_get(sorted->pdata[i], "client"), *key);

			first = i ? first : own;
			taken = !own;
		}
		if (!taken && !json_equal(given, first))
			return wrong(error, name,
				     ": each has a client.%s of its own; allowed: none beside them",
				     *key);
	}
	return true;
}

static bool check_beside(const json_t *scenario, const json_t *first, const char *name,
			 GError **error)
{
	static const char *const keys[] = {"workload", "workload_params", NULL};

	for (const char *const *key = keys; *key; key++) {
		const json_t *given = json_object_get(scenario, *key);

		if (given && !json_equal(given, json_object_get(first, *key)))
			return wrong(error, name, ": %s beside them; allowed: in each of them",
				     *key);
	}
	return true;
}

/* The scenario of that service alone. */
static json_t *alone(const json_t *scenario, const json_t *service)
{
	json_t *one = json_deep_copy(scenario);
	json_t *client = json_deep_copy(json_object_get(scenario, "client")) ?: json_object();
	const json_t *params = json_object_get(service, "workload_params");

	if (json_object_get(service, "client"))
		json_object_update(client, json_object_get(service, "client"));
	json_object_set_new(one, "client", client);
	json_object_set_new(one, "workload", json_string(text_of(service, "workload")));
	if (params)
		json_object_set_new(one, "workload_params", json_deep_copy(params));
	else
		json_object_del(one, "workload_params");
	json_object_set_new(one, KEY,
			    json_pack("{s:s, s:I}", "name", name_of(service), "priority",
				      priority_of(service)));
	return one;
}

json_t *lu_services_split(const json_t *scenario, const char *name, GError **error)
{
	g_autoptr(GPtrArray) sorted = NULL;
	json_t *scenarios;

	if (!check(scenario, name, error))
		return NULL;
	sorted = by_priority(scenario);
	if (!check_client(scenario, sorted, name, error) ||
	    !check_beside(scenario, sorted->pdata[0], name, error))
		return NULL;
	scenarios = json_array();
	for (guint i = 0; i < sorted->len; i++)
		json_array_append_new(scenarios, alone(scenario, sorted->pdata[i]));
	return scenarios;
}

static bool check_ports(const GPtrArray *plans, const char *name, GError **error)
{
	for (guint i = 0; i < plans->len; i++)
		for (guint k = 0; k < i; k++) {
			const struct lu_plan *one = plans->pdata[k], *other = plans->pdata[i];
			uint16_t port = lu_workload_port(one->workload, one->workload_params);

			if (port == lu_workload_port(other->workload, other->workload_params))
				return wrong(error, name,
					     ": %s and %s would both answer on port %u; allowed: "
					     "one workload of a port",
					     one->service, other->service, port);
		}
	return true;
}

static json_t *describe(const struct lu_plan *plan)
{
	const json_t *client = json_object_get(plan->doc, "client");
	json_t *own = json_object();

	for (const char *const *key = client_keys; *key; key++)
		json_object_set(own, *key, json_object_get(client, *key));
	return json_pack("{s:s, s:s, s:O, s:i, s:o}", "name", plan->service, "workload",
			 plan->workload->name, "workload_params", plan->workload_params, "priority",
			 plan->priority, "client", own);
}

struct lu_plan *lu_services_join(GPtrArray *plans, const char *name, GError **error)
{
	json_t *list;
	struct lu_plan *plan;

	if (!check_ports(plans, name, error))
		return NULL;
	list = json_array();
	for (guint i = 0; i < plans->len; i++)
		json_array_append_new(list, describe(plans->pdata[i]));
	plan = g_ptr_array_steal_index(plans, 0);
	plan->others = g_ptr_array_ref(plans);
	json_object_set_new(plan->doc, KEY, list);
	return plan;
}

unsigned lu_plan_services(const struct lu_plan *plan)
{
	return 1 + (plan->others ? plan->others->len : 0);
}

const struct lu_plan *lu_plan_service(const struct lu_plan *plan, unsigned i)
{
	return i ? g_ptr_array_index(plan->others, i - 1) : plan;
}

uint64_t lu_plan_state_bytes(const struct lu_plan *plan)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < lu_plan_services(plan); i++) {
		const struct lu_plan *one = lu_plan_service(plan, i);

		bytes += one->workload->state_bytes(one->workload_params);
	}
	return bytes;
}
