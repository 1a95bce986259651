/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists the plans of a sweep. */
#include <stdio.h>
#include "bench/cli.h"
#include "bench/report/label.h"
#include "bench/exec/kit/sweep-run.h"
#include "bench/verb.h"
#include "model/result.h"

json_t *lu_sweep_labels(const struct lu_sweep *sweep)
{
	json_t *plans = json_array(), *names = json_array(), *plan;
	size_t i;

	for (guint k = 0; k < sweep->cases->len; k++)
		json_array_append(plans,
				  ((const struct lu_sweep_case *)g_ptr_array_index(sweep->cases, k))
					  ->plan->doc);
	struct lu_labels *labels = lu_labels_new(plans);

	json_array_foreach(plans, i, plan)
	{
		g_autofree char *name = lu_label(labels, plan, LU_LABEL_ALL);

		json_array_append_new(names, json_string(name));
	}
	lu_labels_free(labels);
	json_decref(plans);
	return names;
}

static json_t *plans_json(const struct lu_sweep *sweep, const json_t *labels)
{
	json_t *plans = json_array();

	for (guint i = 0; i < sweep->cases->len; i++) {
		const struct lu_sweep_case *one = g_ptr_array_index(sweep->cases, i);

		json_array_append_new(plans, json_pack("{s:O, s:s, s:i, s:O}", "label",
						       json_array_get(labels, i), "hash",
						       one->plan->hash, "repeat", (int)one->repeat,
						       "plan", one->plan->doc));
	}
	return plans;
}

static void print_plan(const struct lu_sweep *sweep, guint i, const json_t *labels)
{
	const struct lu_sweep_case *one = g_ptr_array_index(sweep->cases, i);

	printf("%4u  %.12s  seed %-4lld %s\n", i + 1, one->plan->hash, (long long)one->plan->seed,
	       json_string_value(json_array_get(labels, i)));
}

int lu_sweep_print_plans(const struct lu_sweep *sweep, bool json)
{
	json_t *labels = lu_sweep_labels(sweep);
	int status = LU_EXIT_OK;

	if (json) {
		json_t *doc =
			json_pack("{s:i, s:s, s:I, s:o}", "schema_version", LU_SCHEMA_VERSION,
				  "name", sweep->name, "order_seed", (json_int_t)sweep->order_seed,
				  "plans", plans_json(sweep, labels));

		status = lu_cli_print_json(doc) ? LU_EXIT_OK : LU_EXIT_FAILED;
		json_decref(doc);
	} else {
		for (guint i = 0; i < sweep->cases->len; i++)
			print_plan(sweep, i, labels);
	}
	json_decref(labels);
	return status;
}
