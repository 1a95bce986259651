/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics: names as users type them, values as people read them. */
#pragma once
#include <glib.h>
#include <jansson.h>

/*
 * The metric's name in results for a name as typed: "blackout" is blackout_ns, "extra_bytes" is
 * extra_bytes_peak. LU_ERROR_USAGE lists all. Static.
 */
const char *lu_metric_find(const char *typed, GError **error);
/* The same for each of a list "blackout,total", in its order; g_ptr_array_unref frees. */
GPtrArray *lu_metric_find_all(const char *typed, GError **error);
/* A metric's title, without the unit: "blackout", "replies_wrong". Caller frees. */
char *lu_metric_title(const char *metric);
/* A value for people: "3.21 s", "64.0 MB", "12"; caller frees. */
char *lu_metric_format(const char *metric, double value);
/* For an axis: the divisor of values, and the unit of the quotients ("s", "MB", ""). */
double lu_metric_scale(const char *metric, const char **unit);
