/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notes to a matrix: verdicts and caveats. */
#include "bench/report/matrix-notes.h"
#include <string.h>
#include "bench/cli.h"
#include "bench/report/matrix-cell.h"
#include "model/result.h"

/* Calls each() with all cells, row by row. */
static void for_each_cell(const json_t *matrix,
			  void (*each)(void *data, const char *row, const char *column,
				       const json_t *cell),
			  void *data)
{
	const json_t *columns = json_object_get(matrix, "columns");
	json_t *row, *cell;
	size_t i, k;

	json_array_foreach(json_object_get(matrix, "rows"), i, row)
		json_array_foreach(json_object_get(row, "cells"), k, cell)
			each(data, lu_cli_get_str(row, "label"),
			     json_string_value(json_array_get(columns, k)), cell);
}

struct count {
	unsigned all, passed;
};

static void count_verdicts(void *data, const char *row, const char *column, const json_t *cell)
{
	struct count *count = data;

	count->all += (unsigned)json_object_size(json_object_get(cell, "oracles"));
	count->passed += lu_matrix_oracles(cell, lu_verdict_name(LU_PASS));
}

/* Selects the oracles with one verdict. */
struct selection {
	struct lu_list *list;
	enum lu_verdict verdict;
	const char *word;
};

static void list_oracles(void *data, const char *row, const char *column, const json_t *cell)
{
	const struct selection *selection = data;
	const char *name;
	json_t *oracle;

	json_object_foreach(json_object_get(cell, "oracles"), name, oracle)
	{
		const char *verdict = lu_cli_get_str(oracle, "verdict");

		if (strcmp(verdict, lu_verdict_name(selection->verdict)) == 0)
			lu_list_add(selection->list, "%s × %s: %s %s: %s", row, column, name,
				    selection->word, lu_cli_get_str(oracle, "evidence"));
	}
}

void lu_matrix_add_verdicts(struct lu_document *document, const json_t *matrix)
{
	struct count count = {0};

	for_each_cell(matrix, count_verdicts, &count);
	g_autofree char *heading =
		g_strdup_printf("Oracles: %u of %u pass", count.passed, count.all);
	struct lu_list *list = lu_document_add_list(document, heading);
	struct selection failed = {list, LU_FAIL, "FAILED"}, waived = {list, LU_WAIVED, "waived"};

	for_each_cell(matrix, list_oracles, &failed);
	for_each_cell(matrix, list_oracles, &waived);
}

/* Caveats that apply to some cell. */
struct caveats {
	bool few, chance, small, unseen, repeated, suspect;
};

/* A median hardly changes when a few values change sides: with five against five runs and little
 * scatter most splits have the observed difference. */
#define ENOUGH_FOR_P 4

static void gather_caveats(void *data, const char *row, const char *column, const json_t *cell)
{
	struct caveats *caveats = data;
	const char *metric;
	json_t *stats;

	caveats->suspect |= lu_cli_get_int(cell, "suspect_left_out", 0) > 0;
	caveats->repeated |= lu_cli_get_int(cell, "repeated_seeds", 0) > 0;
	json_object_foreach(json_object_get(cell, "metrics"), metric, stats)
	{
		bool chance = lu_matrix_may_be_chance(stats);

		caveats->few |= !json_is_number(json_object_get(stats, "ci_low"));
		caveats->chance |= chance;
		caveats->small |= chance && lu_cli_get_int(stats, "n", 0) < ENOUGH_FOR_P;
		caveats->unseen |= json_array_size(json_object_get(stats, "censored")) > 0;
	}
}

void lu_matrix_add_caveats(struct lu_document *document, const json_t *matrix)
{
	struct lu_list *list = lu_document_add_list(document, NULL);
	struct caveats caveats = {0};

	for_each_cell(matrix, gather_caveats, &caveats);
	lu_list_add(list, "[…] 95 %% bootstrap interval of the median, from n=3 on");
	if (caveats.few)
		lu_list_add(list, "n below 3: single observations; their differences may be "
				  "chance");
	if (caveats.chance)
		lu_list_add(list, "~ the difference may be chance: rank test, p ≥ 0.05");
	if (caveats.small)
		lu_list_add(list, "with n below 4 this test cannot tell any difference: repeat "
				  "more");
	if (caveats.repeated)
		lu_list_add(list, "n=… of …: others repeat a seed, and the simulator its run: they "
				  "are no samples of their own");
	if (caveats.suspect)
		lu_list_add(list,
			    "suspect: these runs did not measure the upgrade but host or client "
			    "(lubench show says why) and are not counted; --with-suspect counts "
			    "them");
	if (caveats.unseen)
		lu_list_add(list, "< below the noise floor: no gap was longer than those of the "
				  "runs' own steady state");
}
