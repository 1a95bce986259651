/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs of migrate over the dirty rate, compared with the model of pre-copy. */
#include "bench/report/knee.h"
#include <math.h>
#include <string.h>
#include "bench/cli.h"
#include "bench/report/group.h"
#include "bench/report/label.h"
#include "record/error.h"
#include "model/strategy.h"
#include "model/workload.h"

#define MEGABYTE 1e6
/* QEMU checks what is left after sending for at most this long (migration/ram.c, MAX_WAIT). */
#define LOOK_NS INT64_C(50000000)

static const json_t *plan_of(const json_t *group)
{
	return json_object_get(group, "alike");
}

static double param(const json_t *plan, const char *name)
{
	return json_number_value(json_object_get(json_object_get(plan, "strategy_params"), name));
}

static const char *mode_of(const json_t *plan)
{
	return lu_cli_get_str(plan, "strategy_params.mode");
}

/* A result of an earlier version, or one that was edited, may lack what the model needs. */
static bool is_known(const json_t *plan, const struct lu_workload *workload)
{
	const struct lu_strategy *migrate = lu_strategy_find("migrate", NULL);

	return migrate &&
	       lu_params_are(migrate->params, json_object_get(plan, "strategy_params")) &&
	       lu_params_are(workload->params, json_object_get(plan, "workload_params"));
}

static bool writes_of(const json_t *plan, double *bytes_s, double *set)
{
	const struct lu_workload *workload =
		lu_workload_find(lu_cli_get_str(plan, "workload"), NULL);

	if (!workload || !workload->writes ||
	    strcmp(lu_cli_get_str(plan, "strategy"), "migrate") != 0 ||
	    strcmp(mode_of(plan), "file") == 0 || !is_known(plan, workload))
		return false;
	workload->writes(json_object_get(plan, "workload_params"), bytes_s, set);
	return true;
}

static double bandwidth_of(const json_t *plan)
{
	double own = param(plan, "bandwidth_mb_s"), link = param(plan, "link_mb_s");

	return (link > 0 ? fmin(own, link) : own) * MEGABYTE;
}

static struct lu_knee_figure figure(const json_t *group, const char *metric)
{
	const json_t *stats = lu_group_stats(group, metric);
	double median = json_number_value(json_object_get(stats, "median")) / 1e9;
	bool known = stats && !lu_group_censored(stats, "median");
	struct lu_knee_figure figure = {known ? median : NAN, median, median};

	if (!known || !json_is_number(json_object_get(stats, "ci_low")))
		return figure;
	figure.low = json_number_value(json_object_get(stats, "ci_low")) / 1e9;
	figure.high = json_number_value(json_object_get(stats, "ci_high")) / 1e9;
	return figure;
}

/* A curve's label has all parameters but the rate: "precopy auto_converge=on". Caller frees. */
static char *curve_label(const struct lu_labels *labels, const json_t *plan)
{
	json_t *rest = json_deep_copy(plan);

	json_object_del(json_object_get(rest, "workload_params"), "dirty_mb_per_s");
	g_autofree char *label = lu_label(labels, rest, LU_LABEL_ALL);
	const char *differences = strchr(label, ' ');
	char *all = g_strconcat(mode_of(plan), differences, NULL);

	json_decref(rest);
	return all;
}

static struct lu_knee_curve *curve_new(const char *label, const json_t *plan)
{
	struct lu_knee_curve *curve = g_new0(struct lu_knee_curve, 1);
	double rate;

	curve->label = g_strdup(label);
	curve->at_once = strcmp(mode_of(plan), "postcopy") == 0;
	curve->points = g_array_new(FALSE, FALSE, sizeof(struct lu_knee_point));
	curve->config = (struct lu_precopy_config){
		.bandwidth = bandwidth_of(plan),
		.limit_ns = (int64_t)(param(plan, "downtime_limit_ms") * 1e6),
		.ramp = {(int64_t)(param(plan, "downtime_step_ms") * 1e6),
			 (int64_t)(param(plan, "downtime_every_ms") * 1e6),
			 (int64_t)(param(plan, "downtime_most_ms") * 1e6)},
		.postcopy_ns = (int64_t)(param(plan, "postcopy_after_ms") * 1e6),
		.throttle = json_is_true(lu_cli_get(plan, "strategy_params.auto_converge")),
		.max_rounds = (unsigned)param(plan, "max_rounds"),
	};
	curve->config.poll_ns = LOOK_NS;
	/* One pass, however much is left after it. */
	if (curve->at_once) {
		curve->config.limit_ns = curve->config.poll_ns = 0;
		curve->config.ramp.step_ns = curve->config.postcopy_ns = 0;
		curve->config.max_rounds = 1;
	}
	if (!curve->config.max_rounds)
		curve->config.max_rounds = G_MAXUINT;
	writes_of(plan, &rate, &curve->config.set);
	return curve;
}

static void curve_free(gpointer data)
{
	struct lu_knee_curve *curve = data;

	g_free(curve->label);
	g_array_unref(curve->points);
	g_free(curve);
}

static struct lu_knee_curve *curve_of(struct lu_knee *knee, const struct lu_labels *labels,
				      const json_t *plan)
{
	g_autofree char *label = curve_label(labels, plan);

	for (guint i = 0; i < knee->curves->len; i++) {
		struct lu_knee_curve *curve = g_ptr_array_index(knee->curves, i);

		if (strcmp(curve->label, label) == 0)
			return curve;
	}
	struct lu_knee_curve *curve = curve_new(label, plan);

	g_ptr_array_add(knee->curves, curve);
	return curve;
}

/* The parts of a migration, in order. */
static struct lu_knee_figure total_of(const json_t *group)
{
	static const char *const phases[] = {"phase_ns.PREPARE", "phase_ns.FREEZE",
					     "phase_ns.PRESERVE", "phase_ns.SWITCH"};
	struct lu_knee_figure sum = {0};

	for (size_t i = 0; i < G_N_ELEMENTS(phases); i++) {
		struct lu_knee_figure part = figure(group, phases[i]);

		sum.median += part.median;
		sum.low += part.low;
		sum.high += part.high;
	}
	return sum;
}

static void add_point(struct lu_knee *knee, const struct lu_labels *labels, const json_t *group)
{
	const json_t *plan = plan_of(group);
	struct lu_knee_curve *curve = curve_of(knee, labels, plan);
	double rate = 0, set = 0;

	writes_of(plan, &rate, &set);
	struct lu_knee_point point = {
		.dirty_mb_s = rate / MEGABYTE,
		.runs = (unsigned)lu_cli_get_int(group, "summary.runs", 0),
		.good = (unsigned)lu_cli_get_int(group, "summary.good", 0),
		.total = total_of(group),
		.blackout = figure(group, "blackout_ns"),
		.claimed = figure(group, "claims.migrate.downtime_ns"),
	};

	g_array_append_val(curve->points, point);
}

static int by_rate(gconstpointer a, gconstpointer b)
{
	const struct lu_knee_point *x = a, *y = b;

	return (x->dirty_mb_s > y->dirty_mb_s) - (x->dirty_mb_s < y->dirty_mb_s);
}

static int by_label(gconstpointer a, gconstpointer b)
{
	const struct lu_knee_curve *x = *(struct lu_knee_curve *const *)a;
	const struct lu_knee_curve *y = *(struct lu_knee_curve *const *)b;

	return strcmp(x->label, y->label);
}

/* Bytes to send when almost nothing is dirtied: duration of such migrations times the bandwidth. It
 * is the only figure that the model takes from the runs. */
static double learn_memory(const json_t *groups)
{
	double least = INFINITY, memory = 0, rate, set;
	json_t *group;
	size_t i;

	json_array_foreach(groups, i, group)
	{
		struct lu_knee_figure total = figure(group, "claims.migrate.total_ns");

		if (!writes_of(plan_of(group), &rate, &set) || isnan(total.median) || rate > least)
			continue;
		double bytes = total.median * bandwidth_of(plan_of(group));

		/* The least of several runs with that rate: the others sent some pages twice. */
		memory = rate < least ? bytes : fmin(memory, bytes);
		least = rate;
	}
	return memory;
}

bool lu_knee_model(const struct lu_knee_curve *curve, double dirty_mb_s, double *total,
		   double *blackout)
{
	struct lu_precopy_config config = curve->config;

	config.dirty_rate = dirty_mb_s * MEGABYTE;
	struct lu_precopy model = lu_precopy_model(&config);

	*total = (double)(model.copy_ns + model.downtime_ns) / 1e9;
	*blackout = curve->at_once || model.postcopy ? 0 : (double)model.downtime_ns / 1e9;
	return curve->at_once || model.converged;
}

static void apply_model(struct lu_knee *knee)
{
	for (guint i = 0; i < knee->curves->len; i++) {
		struct lu_knee_curve *curve = g_ptr_array_index(knee->curves, i);

		curve->config.memory = knee->memory;
		g_array_sort(curve->points, by_rate);
		for (guint k = 0; k < curve->points->len; k++) {
			struct lu_knee_point *point =
				&g_array_index(curve->points, struct lu_knee_point, k);

			point->converges =
				lu_knee_model(curve, point->dirty_mb_s, &point->model_total,
					      &point->model_blackout);
		}
	}
	g_ptr_array_sort(knee->curves, by_label);
}

static double common_bandwidth(const struct lu_knee *knee)
{
	double bandwidth = 0;

	for (guint i = 0; i < knee->curves->len; i++) {
		const struct lu_knee_curve *curve = g_ptr_array_index(knee->curves, i);

		if (i && curve->config.bandwidth != bandwidth)
			return 0;
		bandwidth = curve->config.bandwidth;
	}
	return bandwidth;
}

/* Labels within one mode: parameters that it does not use are left out. */
static void add_points(struct lu_knee *knee, const json_t *groups, const char *mode)
{
	json_t *plans = json_array(), *group;
	double rate = 0, set = 0;
	size_t i;

	json_array_foreach(groups, i, group) if (strcmp(mode_of(plan_of(group)), mode) == 0)
		json_array_append(plans, (json_t *)plan_of(group));
	struct lu_labels *labels = lu_labels_new(plans);

	json_array_foreach(groups, i, group) if (strcmp(mode_of(plan_of(group)), mode) == 0 &&
						 writes_of(plan_of(group), &rate, &set))
		add_point(knee, labels, group);
	lu_labels_free(labels);
	json_decref(plans);
}

struct lu_knee *lu_knee_new(const json_t *results, bool with_suspect, GError **error)
{
	struct lu_knee *knee = g_new0(struct lu_knee, 1);
	json_t *groups = lu_group_alike(results, with_suspect);

	knee->curves = g_ptr_array_new_with_free_func(curve_free);
	knee->memory = learn_memory(groups);
	if (knee->memory > 0) {
		add_points(knee, groups, "precopy");
		add_points(knee, groups, "postcopy");
	}
	json_decref(groups);
	if (knee->curves->len == 0) {
		g_set_error_literal(
			error, LU_ERROR, LU_ERROR_USAGE,
			"--model=precopy: no good run of migrate with a workload that "
			"writes at a known rate (dirty), all of its parameters given; run the "
			"sweep migrate-knee");
		lu_knee_free(knee);
		return NULL;
	}
	knee->bandwidth = common_bandwidth(knee);
	apply_model(knee);
	return knee;
}

void lu_knee_free(struct lu_knee *knee)
{
	g_ptr_array_unref(knee->curves);
	g_free(knee);
}
