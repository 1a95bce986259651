/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics: names as users type them, values as people read them. */
#include "bench/report/metric.h"
#include "bench/cli.h"
#include "record/error.h"
#include "record/metrics.h"

/* Suffixes that may be left out of a name. */
static const char *const tails[] = {"", "_ns", "_peak", "_hz", "_bytes_peak", NULL};

/* All numbers in a result: the results themselves are the only list of metrics. null is a metric
 * without a value. */
static GPtrArray *all_names(void)
{
	GPtrArray *names = g_ptr_array_new();
	struct lu_timeline *timeline = lu_timeline_new();
	struct lu_metrics metrics = lu_metrics_compute(timeline);
	json_t *doc = lu_metrics_to_json(&metrics, timeline), *value;
	const char *name;

	json_object_foreach(doc, name, value) if (json_is_number(value) || json_is_null(value))
		g_ptr_array_add(names, (gpointer)g_intern_string(name));
	json_decref(doc);
	lu_timeline_free(timeline);
	return names;
}

static const char *with_tail(const GPtrArray *names, const char *typed)
{
	for (const char *const *tail = tails; *tail; tail++) {
		g_autofree char *name = g_strconcat(typed, *tail, NULL);

		for (guint i = 0; i < names->len; i++)
			if (g_str_equal(g_ptr_array_index(names, i), name))
				return g_ptr_array_index(names, i);
	}
	return NULL;
}

const char *lu_metric_find(const char *typed, GError **error)
{
	g_autoptr(GPtrArray) names = all_names();
	/* "p99.9" is p999_ns. */
	g_auto(GStrv) parts = g_strsplit(typed, ".", -1);
	g_autofree char *plain = g_strjoinv("", parts);
	const char *found = with_tail(names, plain);

	if (found)
		return found;
	g_ptr_array_add(names, NULL);
	g_autofree char *all = g_strjoinv(", ", (char **)names->pdata);

	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "--metric: no metric \"%s\"; allowed: %s",
		    typed, all);
	return NULL;
}

GPtrArray *lu_metric_find_all(const char *typed, GError **error)
{
	/* Of an empty text g_strsplit() makes no part, and no metric is called "". */
	g_auto(GStrv) parts = g_strsplit(*typed ? typed : ",", ",", -1);
	GPtrArray *found = g_ptr_array_new();

	for (char **each = parts; *each; each++) {
		const char *name = lu_metric_find(*each, error);

		if (!name) {
			g_ptr_array_unref(found);
			return NULL;
		}
		g_ptr_array_add(found, (gpointer)name);
	}
	return found;
}

char *lu_metric_title(const char *metric)
{
	char *title = g_strdup(metric);

	if (g_str_has_suffix(title, "_ns"))
		title[strlen(title) - 3] = '\0';
	return g_strdelimit(title, "_", ' ');
}

double lu_metric_scale(const char *metric, const char **unit)
{
	if (g_str_has_suffix(metric, "_ns")) {
		*unit = "s";
		return 1e9;
	}
	if (g_str_has_suffix(metric, "_byte_seconds")) {
		*unit = "MB·s";
		return 1e6;
	}
	if (strstr(metric, "bytes")) {
		*unit = "MB";
		return 1e6;
	}
	*unit = g_str_has_suffix(metric, "_hz") ? "1/s" : "";
	return 1;
}

char *lu_metric_format(const char *metric, double value)
{
	const char *unit;
	double scale = lu_metric_scale(metric, &unit);

	if (g_str_has_suffix(metric, "_ns"))
		return lu_cli_time((int64_t)value);
	return g_strdup_printf("%.*f%s%s", scale > 1 ? 1 : 0, value / scale, *unit ? " " : "",
			       unit);
}
