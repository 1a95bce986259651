/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: a result that was read from a file, and every report and picture made of it, beside a
 * copy, so that there is something to compare. */
#include <stdint.h>
#include <stdio.h>
#include "bench/report/group.h"
#include "bench/report/image-fit-table.h"
#include "bench/report/image-fit.h"
#include "bench/report/knee-table.h"
#include "bench/report/knee.h"
#include "bench/report/matrix-document.h"
#include "bench/report/matrix.h"
#include "bench/report/metric.h"
#include "bench/report/plot-bars.h"
#include "bench/report/plot-knee.h"
#include "bench/report/plot-matrix.h"
#include "bench/report/plot-savings.h"
#include "bench/report/render.h"
#include "bench/report/savings-table.h"
#include "bench/report/savings.h"
#include "bench/report/summary.h"
#include "model/result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static FILE *nowhere(void)
{
	static FILE *out;

	if (!out)
		out = fopen("/dev/null", "w");
	return out;
}

static void show(const json_t *result, const json_t *results)
{
	json_auto_t *summary = lu_group_summary(results, true),
		    *groups = lu_group_alike(results, true);
	json_t *comparisons = lu_group_compare(groups);
	g_autoptr(GString) script = g_string_new(NULL);

	lu_summary_print(nowhere(), result, NULL, "a path");
	lu_summary_line(nowhere(), result);
	lu_group_print(nowhere(), summary);
	lu_plot_bars_width(groups);
	lu_plot_bars(script, groups, NULL);
	json_decref(comparisons);
}

static void fit(const json_t *results)
{
	struct lu_image_fit *image = lu_image_fit_of(results, NULL);
	struct lu_knee *knee = lu_knee_new(results, true, NULL);
	struct lu_savings *savings = lu_savings_new(results, true, NULL);
	g_autoptr(GString) script = g_string_new(NULL);

	if (image) {
		struct lu_document *document = lu_image_fit_document(image);

		lu_render_text(nowhere(), document);
		lu_document_free(document);
		lu_image_fit_free(image);
	}
	if (knee) {
		struct lu_document *document = lu_knee_document(knee);

		lu_render_text(nowhere(), document);
		lu_plot_knee(script, knee);
		lu_document_free(document);
		lu_knee_free(knee);
	}
	if (savings) {
		struct lu_document *document = lu_savings_document(savings);

		lu_render_text(nowhere(), document);
		lu_plot_savings(script, savings);
		lu_document_free(document);
		lu_savings_free(savings);
	}
}

static void compare(const json_t *results)
{
	static const char *const metrics[] = {"blackout_ns", "total_ns", NULL};
	lu_render *const renders[] = {lu_render_text, lu_render_markdown, lu_render_csv,
				      lu_render_json, lu_render_html};
	json_t *matrix = lu_matrix_new(results, metrics, NULL, true, NULL);
	struct lu_document *document = matrix ? lu_matrix_document(matrix) : NULL;
	g_autoptr(GString) script = g_string_new(NULL);

	if (!document)
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(renders); i++)
		renders[i](nowhere(), document);
	lu_plot_matrix(script, "x.svg", matrix, metrics[0], NULL);
	lu_document_free(document);
	json_decref(matrix);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *result = lu_result_parse((const char *)data, size, NULL);

	if (!result)
		return 0;
	json_t *results = json_pack("[O, o]", result, json_deep_copy(result));

	json_object_set_new(json_object_get(json_array_get(results, 1), "run"), "id",
			    json_string("another"));
	show(result, results);
	fit(results);
	compare(results);
	json_decref(results);
	json_decref(result);
	return 0;
}
