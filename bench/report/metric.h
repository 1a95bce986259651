/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics by the names that people type, and their values as they read them. */
#pragma once
#include <glib.h>
#include <jansson.h>

/*
 * The name in a result of what was typed: "blackout" is blackout_ns, "extra_bytes" is
 * extra_bytes_peak. LU_ERROR_USAGE lists all. Static.
 */
const char *lu_metric_find(const char *typed, GError **error);
/* "blackout", "replies_wrong": without the unit. Caller frees. */
char *lu_metric_title(const char *metric);
/* "3.21 s", "64.0 MB", "12"; caller frees. */
char *lu_metric_format(const char *metric, double value);
/* For an axis: what to divide values by, and what they then are in ("s", "MB", ""). */
double lu_metric_scale(const char *metric, const char **unit);
