/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Selects those of alike runs that count as samples. */
#include "bench/report/counted.h"
#include <glib.h>
#include <string.h>
#include "bench/cli.h"

/* Does it repeat an earlier sample? */
static bool is_repeat(GHashTable *seeds, const json_t *result)
{
	const json_t *seed = lu_cli_get(result, "plan.seed");

	if (strcmp(lu_cli_get_str(result, "plan.guest"), "sim") != 0 || !json_is_integer(seed))
		return false;
	return !g_hash_table_add(
		seeds, g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(seed)));
}

static bool names_metrics(const json_t *reason)
{
	return json_array_size(json_object_get(reason, "metrics")) > 0;
}

static bool is_suspect_in_part(const json_t *reasons)
{
	json_t *reason;
	size_t i;

	json_array_foreach(reasons, i, reason)
	{
		if (!names_metrics(reason))
			return false;
	}
	return json_array_size(reasons) > 0;
}

/* A metric that is gone is not below a bound either. A new reference. */
static json_t *metrics_without(const json_t *all, const json_t *reasons)
{
	json_t *metrics = json_copy((json_t *)all), *reason, *name;
	json_t *censored = json_copy(json_object_get(metrics, "censored"));
	size_t i, k;

	json_array_foreach(reasons, i, reason)
		json_array_foreach(json_object_get(reason, "metrics"), k, name)
	{
		json_object_del(metrics, json_string_value(name));
		json_object_del(censored, json_string_value(name));
	}
	if (censored)
		json_object_set_new(metrics, "censored", censored);
	return metrics;
}

static json_t *without_suspect(const json_t *result, const json_t *reasons)
{
	json_t *copy = json_copy((json_t *)result);

	json_object_set_new(copy, "metrics",
			    metrics_without(json_object_get(result, "metrics"), reasons));
	return copy;
}

/* Of several services each has a validity of its own, for its own metrics. */
static json_t *without_suspect_services(const json_t *result)
{
	json_t *copy = json_copy((json_t *)result), *service;
	json_t *metrics = json_copy(json_object_get(result, "metrics"));
	json_t *services = json_copy(json_object_get(metrics, "services"));
	size_t i;

	json_array_foreach(json_object_get(result, "services"), i, service)
	{
		const char *name = lu_cli_get_str(service, "name");
		const json_t *reasons = lu_cli_get(service, "validity.reasons");

		if (lu_result_validity(service) != LU_SUSPECT)
			continue;
		if (is_suspect_in_part(reasons))
			json_object_set_new(
				services, name,
				metrics_without(json_object_get(services, name), reasons));
		else
			json_object_del(services, name);
	}
	json_object_set_new(metrics, "services", services);
	json_object_set_new(copy, "metrics", metrics);
	return copy;
}

static bool has_suspect_service(const json_t *result)
{
	json_t *service;
	size_t i;

	json_array_foreach(json_object_get(result, "services"), i, service)
	{
		if (lu_result_validity(service) == LU_SUSPECT)
			return true;
	}
	return false;
}

static json_t *counted_of_first(const json_t *result, bool with_suspect)
{
	const json_t *reasons = lu_cli_get(result, "validity.reasons");

	if (lu_result_counts(result, with_suspect))
		return json_incref((json_t *)result);
	if (!lu_result_good(result) || !is_suspect_in_part(reasons))
		return NULL;
	return without_suspect(result, reasons);
}

json_t *lu_counted_result(const json_t *result, bool with_suspect)
{
	json_t *counted = counted_of_first(result, with_suspect), *whole = counted;

	if (!counted || with_suspect || !has_suspect_service(counted))
		return counted;
	counted = without_suspect_services(whole);
	json_decref(whole);
	return counted;
}

json_t *lu_counted(const json_t *results, bool with_suspect, struct lu_left_out *left_out)
{
	g_autoptr(GHashTable) seeds = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	json_t *counted = json_array(), *result;
	struct lu_left_out without = {0};
	size_t i;

	json_array_foreach(results, i, result)
	{
		if (!lu_result_good(result))
			continue;
		json_t *taken = lu_counted_result(result, with_suspect);

		if (!taken)
			without.suspect++;
		else if (is_repeat(seeds, result))
			without.repeated++;
		else {
			without.in_part += taken != result;
			json_array_append(counted, taken);
		}
		json_decref(taken);
	}
	if (left_out)
		*left_out = without;
	return counted;
}
