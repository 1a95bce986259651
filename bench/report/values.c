/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A metric's values over several runs. */
#include "bench/report/values.h"
#include <math.h>
#include "bench/cli.h"
#include "bench/report/metric.h"

struct lu_values {
	GArray *low, *high; /* double */
};

struct lu_values *lu_values_new(void)
{
	struct lu_values *values = g_new(struct lu_values, 1);

	values->low = g_array_new(FALSE, FALSE, sizeof(double));
	values->high = g_array_new(FALSE, FALSE, sizeof(double));
	return values;
}

void lu_values_free(struct lu_values *values)
{
	g_array_unref(values->low);
	g_array_unref(values->high);
	g_free(values);
}

/* For results of versions that had no "censored": they kept the floor of the blackout only, not
 * that of a connection. */
static double old_bound(const json_t *metrics, const char *name, const json_t *value)
{
	if (json_number_value(value) != 0)
		return NAN;
	if (g_str_equal(name, "blackout_ns"))
		return (double)lu_cli_get_int(metrics, "blackout_floor_ns", 0);
	return g_str_equal(name, "blackout_worst_connection_ns") ? INFINITY : NAN;
}

/* NAN: the value was measured. INFINITY: nothing is known about it. */
static double bound_of(const json_t *metrics, const char *name, const json_t *value)
{
	g_autofree char *service = NULL;
	const char *own = lu_metric_of_service(name, &service);
	const json_t *its =
		service ? json_object_get(json_object_get(metrics, "services"), service) : metrics;
	const json_t *censored = json_object_get(its, "censored");
	const json_t *bound = json_object_get(censored, own);

	if (!censored)
		return old_bound(metrics, name, value);
	return json_is_number(bound) ? json_number_value(bound) : NAN;
}

void lu_values_add(struct lu_values *values, const json_t *metrics, const char *name,
		   const json_t *value)
{
	double bound = bound_of(metrics, name, value), number = json_number_value(value), low = 0;

	if (isnan(bound) && (!json_is_number(value) || number < 0))
		return;
	if (isinf(bound))
		return;
	if (isnan(bound))
		low = bound = number;
	g_array_append_val(values->low, low);
	g_array_append_val(values->high, bound);
}

struct lu_censored lu_values_get(const struct lu_values *values)
{
	return (struct lu_censored){(const double *)(const void *)values->low->data,
				    (const double *)(const void *)values->high->data,
				    values->low->len};
}

void lu_values_put_median(json_t *to, const char *name, const struct lu_censored *x)
{
	struct lu_bounded median = lu_censored_quantile(x, 0.5);

	json_object_set_new(to, name, x->n ? json_real(median.value) : json_null());
	if (x->n && median.below)
		json_array_append_new(json_object_get(to, "censored"), json_string(name));
}

json_t *lu_values_json(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

double lu_values_number(const json_t *from, const char *name)
{
	const json_t *value = json_object_get(from, name);

	return json_is_number(value) ? json_number_value(value) : NAN;
}
