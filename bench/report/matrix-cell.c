/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One cell of a matrix: the runs of one plan. */
#include "bench/report/matrix-cell.h"
#include <string.h>
#include "bench/cli.h"
#include "bench/report/group.h"
#include "model/result.h"

#define LIKELY_CHANCE 0.05

static int rank(const char *verdict)
{
	if (strcmp(verdict, lu_verdict_name(LU_PASS)) == 0)
		return 0;
	return strcmp(verdict, lu_verdict_name(LU_WAIVED)) == 0 ? 1 : 2;
}

static void add_verdicts(json_t *oracles, const json_t *result)
{
	const char *name;
	json_t *oracle;

	json_object_foreach(json_object_get(result, "oracles"), name, oracle)
	{
		const json_t *so_far = json_object_get(oracles, name);

		if (!so_far || rank(lu_cli_get_str(oracle, "verdict")) >
				       rank(lu_cli_get_str(so_far, "verdict")))
			json_object_set(oracles, name, oracle);
	}
}

static json_t *find_reason(const json_t *reasons, const json_t *result)
{
	static const char *const keys[] = {"outcome", "phase", "reason"};
	json_t *each;
	size_t i;

	json_array_foreach(reasons, i, each)
	{
		bool same = true;

		for (size_t k = 0; k < G_N_ELEMENTS(keys); k++)
			same &= strcmp(lu_cli_get_str(each, keys[k]),
				       lu_cli_get_str(result, keys[k])) == 0;
		if (same)
			return each;
	}
	return NULL;
}

static void add_reason(json_t *reasons, const json_t *result)
{
	json_t *known = find_reason(reasons, result);

	if (strcmp(lu_cli_get_str(result, "outcome"), lu_outcome_name(LU_OK)) == 0)
		return;
	if (known)
		json_object_set_new(known, "runs",
				    json_integer(lu_cli_get_int(known, "runs", 0) + 1));
	else
		json_array_append_new(reasons,
				      json_pack("{s:O*, s:O*, s:O*, s:i}", "outcome",
						json_object_get(result, "outcome"), "phase",
						json_object_get(result, "phase"), "reason",
						json_object_get(result, "reason"), "runs", 1));
}

static json_t *metrics_of(const json_t *group, const char *const *metrics)
{
	json_t *all = json_object();

	for (; *metrics; metrics++) {
		const json_t *stats = lu_group_stats(group, *metrics);

		if (stats)
			json_object_set_new(all, *metrics, json_deep_copy(stats));
	}
	return all;
}

json_t *lu_matrix_cell_new(const json_t *group, const char *const *metrics)
{
	json_t *oracles = json_object(), *reasons = json_array(), *ids = json_array(), *result;
	const json_t *summary = json_object_get(group, "summary");
	const json_t *noise = lu_group_stats(group, "blackout_floor_ns");
	size_t i;

	json_array_foreach(json_object_get(group, "results"), i, result)
	{
		add_verdicts(oracles, result);
		add_reason(reasons, result);
		json_array_append(ids, lu_cli_get(result, "run.id"));
	}
	return json_pack("{s:O, s:O, s:O, s:O, s:O, s:o, s:o, s:o, s:o, s:o}", "runs",
			 json_object_get(summary, "runs"), "good", json_object_get(summary, "good"),
			 "repeated_seeds", json_object_get(summary, "repeated_seeds"),
			 "suspect_left_out", json_object_get(summary, "suspect_left_out"),
			 "outcomes", json_object_get(summary, "outcomes"), "metrics",
			 metrics_of(group, metrics), "floor_ns",
			 noise ? json_incref(json_object_get(noise, "median")) : json_null(),
			 "oracles", oracles, "reasons", reasons, "ids", ids);
}

bool lu_matrix_may_be_chance(const json_t *stats)
{
	const json_t *p = json_object_get(stats, "p");

	return json_is_number(p) && json_number_value(p) >= LIKELY_CHANCE;
}

const char *lu_matrix_outcome(const json_t *cell)
{
	const json_t *outcomes = json_object_get(cell, "outcomes");
	const char *only = json_object_iter_key(json_object_iter((json_t *)outcomes));

	if (json_object_size(outcomes) != 1)
		return "mixed";
	if (strcmp(only, lu_outcome_name(LU_OK)) == 0 &&
	    lu_matrix_oracles(cell, lu_verdict_name(LU_FAIL)))
		return "oracle failed";
	return only;
}

unsigned lu_matrix_oracles(const json_t *cell, const char *verdict)
{
	unsigned n = 0;
	const char *name;
	json_t *oracle;

	json_object_foreach(json_object_get(cell, "oracles"), name, oracle) n +=
		strcmp(lu_cli_get_str(oracle, "verdict"), verdict) == 0;
	return n;
}
