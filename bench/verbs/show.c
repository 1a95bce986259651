/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench show: saved runs, one in full or several compared. */
#include <stdio.h>
#include "bench/cli.h"
#include "bench/report/display.h"
#include "bench/report/group.h"
#include "bench/report/lacks.h"
#include "bench/report/values.h"
#include "bench/store.h"
#include "bench/report/summary.h"
#include "bench/verb.h"
#include "record/error.h"
#include "model/result.h"

static const char description[] =
	"RUN is \"last\", a result file, a folder of results, or the beginning of a saved run's "
	"ID.\n"
	"Several are grouped by what they ran and on what (lubench, kernels, QEMU, CPU, …), each "
	"run\n"
	"once; medians carry a 95 % bootstrap interval, and each "
	"group is\n"
	"compared with the first by a rank test (Mann and Whitney), with the least p that so many "
	"runs permit.\n\n"
	"With --json, one run is its result document; several are {\"schema_version\", \"groups\": "
	"[{\"label\",\n"
	"\"summary\", \"ids\"}], \"comparisons\": [{\"a\", \"b\", \"metric\", \"median_a\", "
	"\"median_b\", \"ratio\", \"p\", \"p_least\"}]}.\n";

/* One of an earlier version is as good as ever, but silent on what was not recorded then. */
static void print_lacks(const json_t *result)
{
	g_autofree char *lacks = lu_lacks(result);

	if (lacks)
		printf("\nlacks       %s: recorded by an earlier version (%s); --recompute works "
		       "out what "
		       "its timeline tells\n",
		       lacks, lu_cli_get_str(result, "lubench.git"));
}

static int show_one(const struct lu_saved *saved, bool json, bool recompute)
{
	g_autoptr(GError) error = NULL;
	struct lu_timeline *timeline = lu_result_load_timeline(saved->path, &error);
	int status = LU_EXIT_OK;

	if (!timeline && recompute)
		return lu_cli_fail(error);
	if (recompute)
		lu_result_recompute(saved->result, timeline);
	if (json)
		status = lu_cli_print_json(saved->result) ? LU_EXIT_OK : LU_EXIT_FAILED;
	else {
		lu_summary_print(stdout, saved->result, timeline, NULL);
		print_lacks(saved->result);
	}
	g_clear_pointer(&timeline, lu_timeline_free);
	return status;
}

static bool recompute_all(const GPtrArray *saved, GError **error)
{
	for (guint i = 0; i < saved->len; i++) {
		struct lu_saved *one = g_ptr_array_index(saved, i);
		struct lu_timeline *timeline = lu_result_load_timeline(one->path, error);

		if (!timeline)
			return false;
		lu_result_recompute(one->result, timeline);
		lu_timeline_free(timeline);
	}
	return true;
}

static json_t *groups_for_scripts(const json_t *groups)
{
	json_t *list = json_array(), *group, *result;
	size_t i, k;

	json_array_foreach(groups, i, group)
	{
		json_t *ids = json_array();

		json_array_foreach(json_object_get(group, "results"), k, result)
			json_array_append(ids, lu_cli_get(result, "run.id"));
		json_array_append_new(
			list, json_pack("{s:O, s:O, s:o}", "label", json_object_get(group, "label"),
					"summary", json_object_get(group, "summary"), "ids", ids));
	}
	return list;
}

static void print_comparison(const json_t *one)
{
	const char *metric = lu_cli_get_str(one, "metric");
	g_autofree char *a = lu_group_value(metric, one, "median_a");
	g_autofree char *b = lu_group_value(metric, one, "median_b");
	const json_t *ratio = json_object_get(one, "ratio"), *p = json_object_get(one, "p");
	FILE *out;
	struct lu_display *display = lu_display_open(stdout, &out);

	fprintf(out, "%s: %s %s, %s %s", lu_cli_get_str(one, "metric"), lu_cli_get_str(one, "a"), a,
		lu_cli_get_str(one, "b"), b);
	if (json_is_number(ratio))
		fprintf(out, ", ratio %.2f", json_number_value(ratio));
	if (json_is_number(p))
		fprintf(out, ", p = %.4f (rank test, at least %.2g with so many runs)",
			json_number_value(p), lu_values_number(one, "p_least"));
	else
		fprintf(out, ", too few runs for a p value");
	fputc('\n', out);
	lu_display_close(display);
}

static void print_groups(const json_t *groups, const json_t *comparisons)
{
	json_t *each;
	size_t i;

	json_array_foreach(groups, i, each)
	{
		lu_group_print(stdout, json_object_get(each, "summary"));
		putchar('\n');
	}
	json_array_foreach(comparisons, i, each) print_comparison(each);
}

static int show_many(const GPtrArray *saved, bool json, bool with_suspect)
{
	json_t *results = lu_store_results(saved);
	json_t *groups = lu_group_alike(results, with_suspect);
	json_t *comparisons = lu_group_compare(groups);
	int status = LU_EXIT_OK;

	if (json) {
		json_t *doc =
			json_pack("{s:i, s:o, s:O}", "schema_version", LU_SCHEMA_VERSION, "groups",
				  groups_for_scripts(groups), "comparisons", comparisons);

		status = lu_cli_print_json(doc) ? LU_EXIT_OK : LU_EXIT_FAILED;
		json_decref(doc);
	} else {
		print_groups(groups, comparisons);
	}
	json_decref(comparisons);
	json_decref(groups);
	json_decref(results);
	return status;
}

static int show_main(int argc, char **argv)
{
	gboolean json = FALSE, recompute = FALSE, with_suspect = FALSE;
	const GOptionEntry entries[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "print JSON", NULL},
		{"recompute", 0, 0, G_OPTION_ARG_NONE, &recompute,
		 "compute the metrics again from the timelines", NULL},
		LU_CLI_WITH_SUSPECT(&with_suspect),
		{NULL},
	};
	char *last[] = {NULL, "last", NULL};
	g_autoptr(GError) error = NULL;
	int status;

	if (!lu_cli_parse(&argc, &argv, entries, "[RUN…]",
			  "Show a saved run (default: last), or compare several.", description,
			  &status))
		return status;
	g_autoptr(GPtrArray) saved = lu_store_load((argc > 1 ? argv : last) + 1, &error);

	if (!saved)
		return lu_cli_fail(error);
	if (saved->len == 1)
		return show_one(g_ptr_array_index(saved, 0), json, recompute);
	if (recompute && !recompute_all(saved, &error))
		return lu_cli_fail(error);
	return show_many(saved, json, with_suspect);
}

const struct lu_verb lu_verb_show = {
	.name = "show",
	.summary = "show saved runs, one in full or several compared",
	.place = 50,
	.main = show_main,
};
