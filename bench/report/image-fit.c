/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/report/image-fit.h"
#include <math.h>
#include <string.h>
#include "bench/cli.h"
#include "record/error.h"
#include "record/flash.h"
#include "model/result.h"
#include "model/strategy.h"
#include "record/stats.h"

#define MEGABYTE 1e6
#define SECOND	 1e9
#define KIBIBYTE 1024

static const char *const figure_keys[] = {
	[LU_IMAGE_BLACKOUT] = "metrics.blackout_ns",
	[LU_IMAGE_STREAM] = "metrics.claims",
	[LU_IMAGE_BEHIND] = "metrics.claims",
	[LU_IMAGE_BROWNOUT] = "metrics.brownout_ns",
};

/* Claims have dots in their names. */
static const char *const claims[LU_IMAGE_FIGURES] = {
	[LU_IMAGE_STREAM] = "image.stream_ns",
	[LU_IMAGE_BEHIND] = "image.behind_flash_ns",
};

static GArray *numbers(void)
{
	return g_array_new(FALSE, FALSE, sizeof(double));
}

static double median(const GArray *values)
{
	return values->len ? lu_stats_median((const double *)values->data, values->len) : NAN;
}

double lu_image_median(const struct lu_image_point *point, enum lu_image_figure figure)
{
	return median(point->figures[figure]);
}

static void point_free(gpointer data)
{
	struct lu_image_point *point = data;

	for (int i = 0; i < LU_IMAGE_FIGURES; i++)
		g_array_unref(point->figures[i]);
	g_array_unref(point->sizes);
	g_free(point);
}

static struct lu_image_point *point_of(struct lu_image_curve *curve, unsigned asked_mb)
{
	struct lu_image_point *point;

	for (guint i = 0; i < curve->points->len; i++) {
		point = g_ptr_array_index(curve->points, i);
		if (point->asked_mb == asked_mb)
			return point;
	}
	point = g_new0(struct lu_image_point, 1);
	point->asked_mb = asked_mb;
	point->sizes = numbers();
	for (int i = 0; i < LU_IMAGE_FIGURES; i++)
		point->figures[i] = numbers();
	g_ptr_array_add(curve->points, point);
	return point;
}

static void curve_free(gpointer data)
{
	struct lu_image_curve *curve = data;

	g_free(curve->flash);
	g_free(curve->form);
	g_ptr_array_unref(curve->points);
	g_free(curve);
}

/* "whole zstd lazy", or the part of it that applies. */
static char *form_of(const json_t *params)
{
	GString *form = g_string_new(NULL);

	if (!json_is_true(json_object_get(params, "dedup")))
		g_string_append(form, " whole");
	if (!g_strcmp0(lu_cli_get_str(params, "compression"), "zstd"))
		g_string_append(form, " zstd");
	if (json_is_true(json_object_get(params, "lazy")))
		g_string_append(form, " lazy");
	if (!g_strcmp0(lu_cli_get_str(params, "when"), "ahead"))
		g_string_append(form, " ahead");
	if (!form->len)
		g_string_append(form, " raw");
	g_string_erase(form, 0, 1);
	return g_string_free(form, FALSE);
}

static double rate_of(const json_t *params)
{
	const struct lu_flash *preset = lu_flash_find(lu_cli_get_str(params, "flash"));
	const struct lu_flash own = {
		.bandwidth = (double)lu_cli_get_int(params, "flash_mb_s", 1) * MEGABYTE,
		.latency_ns = lu_cli_get_int(params, "flash_latency_us", 0) * 1000,
	};
	uint64_t request = (uint64_t)lu_cli_get_int(params, "readahead_kb", 128) * KIBIBYTE;

	return (double)request * SECOND /
	       (double)lu_flash_read_ns(preset ? preset : &own, request, request);
}

static struct lu_image_curve *curve_of(struct lu_image_fit *fit, const json_t *params)
{
	const char *flash = lu_cli_get_str(params, "flash");
	g_autofree char *form = form_of(params);
	struct lu_image_curve *curve;

	for (guint i = 0; i < fit->curves->len; i++) {
		curve = g_ptr_array_index(fit->curves, i);
		if (!strcmp(curve->flash, flash) && !strcmp(curve->form, form))
			return curve;
	}
	curve = g_new0(struct lu_image_curve, 1);
	curve->flash = g_strdup(flash);
	curve->form = g_steal_pointer(&form);
	curve->rate = rate_of(params);
	curve->points = g_ptr_array_new_with_free_func(point_free);
	g_ptr_array_add(fit->curves, curve);
	return curve;
}

static void add_run(struct lu_image_curve *curve, const json_t *result, const json_t *params)
{
	struct lu_image_point *point =
		point_of(curve, (unsigned)lu_cli_get_int(params, "image_mb", 0));
	double bytes = (double)lu_cli_get_int(result, "environment.guest.image.bytes", 0);

	g_array_append_val(point->sizes, bytes);
	for (int i = 0; i < LU_IMAGE_FIGURES; i++) {
		const json_t *value = lu_cli_get(result, figure_keys[i]);
		double ns;

		if (claims[i])
			value = json_object_get(value, claims[i]);
		ns = (double)json_integer_value(value);
		if (json_is_integer(value))
			g_array_append_val(point->figures[i], ns);
	}
}

static bool is_image(const json_t *result)
{
	return !g_strcmp0(lu_cli_get_str(result, "plan.strategy"), "image");
}

/* An edited result may have no parameters that a run could have had. */
static bool add_result(struct lu_image_fit *fit, const json_t *result, GError **error)
{
	const json_t *params = lu_cli_get(result, "plan.strategy_params");

	if (!is_image(result))
		return true;
	if (g_strcmp0(lu_cli_get_str(result, "outcome"), "ok")) {
		fit->bad++;
		return true;
	}
	for (const struct lu_param *spec = lu_strategy_find("image", NULL)->params; spec->name;
	     spec++) {
		json_t *value = json_object_get(params, spec->name);

		if (value && !lu_param_takes(spec, value)) {
			g_autofree char *allowed = lu_param_allowed(spec);

			g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
				    "%s: plan.strategy_params.%s: no run has that value; allowed: "
				    "%s",
				    lu_cli_get_str(result, "run.id"), spec->name, allowed);
			return false;
		}
	}
	add_run(curve_of(fit, params), result, params);
	return true;
}

static bool add_folder(json_t *results, const char *dir, GError **error)
{
	g_autoptr(GDir) folder = g_dir_open(dir, 0, NULL);
	const char *name;

	if (!folder) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: no such folder", dir);
		return false;
	}
	while ((name = g_dir_read_name(folder))) {
		g_autofree char *path = g_build_filename(dir, name, NULL);
		json_t *result = NULL;

		if (!g_str_has_suffix(name, ".json"))
			continue;
		result = lu_result_load(path, error);
		if (!result)
			return false;
		json_array_append_new(results, result);
	}
	return true;
}

static gint compare_points(gconstpointer a, gconstpointer b)
{
	const struct lu_image_point *const *x = a, *const *y = b;

	return ((*x)->asked_mb > (*y)->asked_mb) - ((*x)->asked_mb < (*y)->asked_mb);
}

static gint compare_curves(gconstpointer a, gconstpointer b)
{
	const struct lu_image_curve *const *x = a, *const *y = b;
	int by_flash = strcmp((*x)->flash, (*y)->flash);

	if (!by_flash)
		return strcmp((*x)->form, (*y)->form);
	return (*x)->rate < (*y)->rate ? -1 : (*x)->rate > (*y)->rate ? 1 : by_flash;
}

static struct lu_fit fit_of(const GArray *x, const GArray *y)
{
	return lu_fit_line((const double *)x->data, (const double *)y->data, x->len);
}

static void fit_curve(struct lu_image_curve *curve)
{
	g_autoptr(GArray) x = numbers(), y = numbers(), all_x = numbers(), all_y = numbers();

	g_ptr_array_sort(curve->points, compare_points);
	for (guint i = 0; i < curve->points->len; i++) {
		struct lu_image_point *point = g_ptr_array_index(curve->points, i);
		const GArray *blackouts = point->figures[LU_IMAGE_BLACKOUT];
		double blackout = median(blackouts);

		point->bytes = median(point->sizes);
		g_array_append_val(x, point->bytes);
		g_array_append_val(y, blackout);
		g_array_append_vals(all_x, point->sizes->data, point->sizes->len);
		g_array_append_vals(all_y, blackouts->data, blackouts->len);
	}
	curve->fits = x->len > 1 && all_x->len == all_y->len;
	if (!curve->fits)
		return;
	curve->medians = fit_of(x, y);
	curve->singles = fit_of(all_x, all_y);
}

static bool add_all(struct lu_image_fit *fit, const json_t *results, GError **error)
{
	json_t *result;
	size_t i;

	json_array_foreach(results, i, result)
	{
		if (!add_result(fit, result, error))
			return false;
	}
	if (fit->curves->len)
		return true;
	g_set_error_literal(error, LU_ERROR, LU_ERROR_USAGE, "no good run of strategy image there");
	return false;
}

struct lu_image_fit *lu_image_fit_of(const json_t *results, GError **error)
{
	struct lu_image_fit *fit = g_new0(struct lu_image_fit, 1);

	fit->curves = g_ptr_array_new_with_free_func(curve_free);
	if (!add_all(fit, results, error)) {
		lu_image_fit_free(fit);
		return NULL;
	}
	g_ptr_array_sort(fit->curves, compare_curves);
	for (guint i = 0; i < fit->curves->len; i++)
		fit_curve(g_ptr_array_index(fit->curves, i));
	return fit;
}

struct lu_image_fit *lu_image_fit_new(const char *const *dirs, GError **error)
{
	json_auto_t *results = json_array();

	for (; *dirs; dirs++)
		if (!add_folder(results, *dirs, error))
			return NULL;
	return lu_image_fit_of(results, error);
}

void lu_image_fit_free(struct lu_image_fit *fit)
{
	if (!fit)
		return;
	g_ptr_array_unref(fit->curves);
	g_free(fit);
}
