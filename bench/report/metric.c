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

static const char *const windows[] = {"baseline", "upgrade", "run", NULL};
static const char *const waits[] = {"p50", "p90", "p99", "p999", "max", NULL};

/* What a class is called. */
static bool is_word(const char *word)
{
	return *word && strspn(word, G_CSET_a_2_z G_CSET_DIGITS "_-") == strlen(word);
}

/* "p99" of a window, of all requests or of those of a class. Interned. */
static const char *wait_of(const char *class, const char *window, const char *wait)
{
	g_autofree char *name =
		class ? g_strdup_printf("latency.by_class.%s.%s.%s_ns", class, window, wait)
		      : g_strdup_printf("latency.%s.%s_ns", window, wait);

	return g_intern_string(name);
}

/* "run.p99", "read.p99" and "read.run.p99", or as results call them. NULL: it is none of these. */
static const char *find_wait(const char *typed)
{
	const char *name = g_str_has_prefix(typed, "latency.") ? typed + strlen("latency.") : typed;

	name = g_str_has_prefix(name, "by_class.") ? name + strlen("by_class.") : name;
	g_autoptr(GString) plain = g_string_new(name);

	if (g_str_has_suffix(name, "_ns"))
		g_string_truncate(plain, plain->len - strlen("_ns"));
	g_string_replace(plain, "p99.9", "p999", 1);
	g_auto(GStrv) parts = g_strsplit(plain->str, ".", -1);
	guint n = g_strv_length(parts);

	if (n < 2 || n > 3 || !g_strv_contains(waits, parts[n - 1]))
		return NULL;
	if (n == 2 && strcmp(parts[0], "run") == 0)
		return wait_of(NULL, "run", parts[1]);
	if (!is_word(parts[0]) || g_strv_contains(windows, parts[0]))
		return NULL;
	if (n == 2)
		return wait_of(parts[0], "upgrade", parts[1]);
	return g_strv_contains(windows, parts[1]) ? wait_of(parts[0], parts[1], parts[2]) : NULL;
}

#define SERVICES "services."

const char *lu_metric_of_service(const char *name, char **service)
{
	const char *of = name + strlen(SERVICES), *dot;

	if (service)
		*service = NULL;
	dot = g_str_has_prefix(name, SERVICES) ? strchr(of, '.') : NULL;
	if (!dot)
		return name;
	if (service)
		*service = g_strndup(of, (gsize)(dot - of));
	return dot + 1;
}

/* "work.stolen", or as results call it. NULL: it is none of these. */
static const char *find_work(const char *typed)
{
	static const char *const figures[] = {
		"work.rate_hz", "work.done", "work.stolen_ns", "work.stolen_floor_ns", "work.lost",
		"work.lost_ns", NULL};

	for (const char *const *tail = tails; *tail; tail++) {
		g_autofree char *name = g_strconcat(typed, *tail, NULL);

		if (g_strv_contains(figures, name))
			return g_intern_string(name);
	}
	return NULL;
}

/* Of a service. NULL: there is no such metric. */
static const char *find_plain(const GPtrArray *names, const char *typed)
{
	/* "p99.9" is p999_ns. */
	g_auto(GStrv) parts = g_strsplit(typed, ".", -1);
	g_autofree char *plain = g_strjoinv("", parts);
	const char *found = find_work(typed);

	found = found ? found : with_tail(names, plain);
	return found ? found : find_wait(typed);
}

const char *lu_metric_find(const char *typed, GError **error)
{
	g_autoptr(GPtrArray) names = all_names();
	g_autofree char *service = NULL;
	const char *found = find_plain(names, lu_metric_of_service(typed, &service));

	if (found && service) {
		g_autofree char *own = g_strconcat(SERVICES, service, ".", found, NULL);

		return g_intern_string(own);
	}
	if (found)
		return found;
	g_ptr_array_add(names, (gpointer) "run.p99, CLASS.p99, CLASS.run.p99 (and p50, p90, p99.9, "
					  "max), work.stolen, work.lost, "
					  "services.NAME.METRIC of these");
	g_ptr_array_add(names, NULL);
	g_autofree char *all = g_strjoinv(", ", (char **)names->pdata);

	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "--metric: no metric \"%s\"; allowed: %s",
		    typed, all);
	return NULL;
}

json_t *lu_metric_get(const json_t *metrics, const char *name)
{
	json_t *value = json_object_get(metrics, name);

	return value ? value : lu_cli_get(metrics, name);
}

static bool is_taken(const char *dotted)
{
	static const char *const others[] = {"censored", "latency.sub_buckets", "latency.baseline",
					     "latency.upgrade", NULL};

	return !g_strv_contains(others, lu_metric_of_service(dotted, NULL));
}

static void each_below(const json_t *node, const char *prefix,
		       void (*take)(void *data, const struct lu_metric_value *metric), void *data)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)node, key, value)
	{
		g_autofree char *name =
			prefix ? g_strconcat(prefix, ".", key, NULL) : g_strdup(key);

		if (!is_taken(name))
			continue;
		if (json_is_object(value))
			each_below(value, name, take, data);
		else if (json_is_number(value) || json_is_null(value))
			take(data, &(struct lu_metric_value){name, node, key, value});
	}
}

void lu_metric_each(const json_t *metrics,
		    void (*take)(void *data, const struct lu_metric_value *metric), void *data)
{
	each_below(metrics, NULL, take, data);
}

static int by_word(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Of all results, sorted. */
static GPtrArray *classes_of(const json_t *results)
{
	GPtrArray *classes = g_ptr_array_new();
	json_t *result, *class;
	size_t i, k;

	json_array_foreach(results, i, result)
		json_array_foreach(lu_cli_get(result, "metrics.latency.classes"), k, class)
	{
		const char *name = g_intern_string(json_string_value(class));

		if (name && !g_ptr_array_find(classes, name, NULL))
			g_ptr_array_add(classes, (gpointer)name);
	}
	g_ptr_array_sort(classes, by_word);
	return classes;
}

/* The class in a metric's name; NULL: it is of all. Caller frees. */
static char *class_in(const char *name)
{
	static const char prefix[] = "latency.by_class.";
	const char *rest = name + strlen(prefix);

	if (!g_str_has_prefix(name, prefix))
		return NULL;
	return g_strndup(rest, strcspn(rest, "."));
}

static bool check_class(const char *class, const GPtrArray *classes, GError **error)
{
	if (classes->len > 1 &&
	    g_ptr_array_find((GPtrArray *)classes, g_intern_string(class), NULL))
		return true;
	g_autoptr(GString) all = g_string_new(NULL);

	for (guint i = 0; i < classes->len; i++)
		g_string_append_printf(all, "%s%s", i ? ", " : "",
				       (const char *)g_ptr_array_index(classes, i));
	if (classes->len < 2)
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "--metric: requests of class \"%s\": all requests of these runs are of "
			    "one class%s%s%s; allowed: their metric without a class",
			    class, classes->len ? " (" : "", all->str, classes->len ? ")" : "");
	else
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "--metric: these runs have no requests of class \"%s\"; allowed: %s",
			    class, all->str);
	return false;
}

bool lu_metric_check_classes(const GPtrArray *names, const json_t *results, GError **error)
{
	g_autoptr(GPtrArray) classes = classes_of(results);

	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autofree char *class = name ? class_in(name) : NULL;

		if (class && !check_class(class, classes, error))
			return false;
	}
	return true;
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
	if (g_str_has_prefix(metric, SERVICES))
		metric += strlen(SERVICES);
	if (g_str_has_prefix(metric, "latency."))
		metric += strlen("latency.");
	if (g_str_has_prefix(metric, "by_class."))
		metric += strlen("by_class.");
	char *title = g_strdup(metric);

	if (g_str_has_suffix(title, "_ns"))
		title[strlen(title) - 3] = '\0';
	return g_strdelimit(title, "_.", ' ');
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
