/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics: names as users type them, values as people read them. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/*
 * The metric's name in results for a name as typed: "blackout" is blackout_ns, "extra_bytes" is
 * extra_bytes_peak. Waits have longer ones: "run.p99" is of the whole run, "read.p99" of the
 * upgrade's requests of class "read", "read.run.p99" of all of that class; they are dotted paths,
 * latency.by_class.read.run.p99_ns, for lu_metric_get(). Of one of several services they follow its
 * name: "services.redis.blackout". LU_ERROR_USAGE lists all. Static.
 */
const char *lu_metric_find(const char *typed, GError **error);
/* Of a metric of one of several services, "services.redis.blackout_ns", its name there, "blackout_ns",
 * and *service, "redis" (caller frees); of any other its name, and NULL. service may be NULL. */
const char *lu_metric_of_service(const char *name, char **service);
/* A result's value of that metric: a member of its metrics, or at the end of a dotted path. NULL:
 * it has none. Borrowed. */
json_t *lu_metric_get(const json_t *metrics, const char *name);
/* One of a result's metrics: a number, or null. All borrowed. */
struct lu_metric_value {
	const char *name; /* dotted */
	const json_t *node;
	const char *key; /* of the value in that node */
	const json_t *value;
};
/* Calls it with each of a result's metrics that statistics and exports take: not bounds, which are no
 * samples, nor what the windows of "latency" say again of metrics. */
void lu_metric_each(const json_t *metrics,
		    void (*take)(void *data, const struct lu_metric_value *metric), void *data);
/* Have these results requests of the classes that the metrics are of? LU_ERROR_USAGE names those
 * that they have. */
bool lu_metric_check_classes(const GPtrArray *names, const json_t *results, GError **error);
/* The same for each of a list "blackout,total", in its order; g_ptr_array_unref frees. */
GPtrArray *lu_metric_find_all(const char *typed, GError **error);
/* A metric's title, without the unit: "blackout", "replies_wrong". Caller frees. */
char *lu_metric_title(const char *metric);
/* A value for people: "3.21 s", "64.0 MB", "12"; caller frees. */
char *lu_metric_format(const char *metric, double value);
/* For an axis: the divisor of values, and the unit of the quotients ("s", "MB", ""). */
double lu_metric_scale(const char *metric, const char **unit);
