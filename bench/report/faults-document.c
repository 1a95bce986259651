/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/report/faults.h"

#define TITLE "Faults by strategies"

static const struct lu_faults_row *row_at(const struct lu_faults *faults, guint i)
{
	return faults->rows->pdata[i];
}

static struct lu_table *matrix(const struct lu_faults *faults)
{
	static const struct lu_column first[] = {{.heading = "fault"}, {.heading = "after"}};
	struct lu_table *table = lu_table_new(NULL);

	table->layout = LU_TABLE_COMPACT;
	lu_table_add_columns(table, first, G_N_ELEMENTS(first));
	for (guint c = 0; c < faults->columns->len; c++)
		lu_table_add_columns(table,
				     &(struct lu_column){.heading = faults->columns->pdata[c]}, 1);
	for (guint r = 0; r < faults->rows->len; r++) {
		const struct lu_faults_row *row = row_at(faults, r);

		lu_table_add_row(table);
		lu_table_add_text(table, row->kind);
		lu_table_add_text(table, row->phase);
		for (guint c = 0; c < faults->columns->len; c++)
			lu_table_add_text(table, lu_coping_name(row->cells[c].coping));
	}
	return table;
}

static unsigned count(const struct lu_faults *faults, guint column, enum lu_coping coping)
{
	unsigned n = 0;

	for (guint r = 0; r < faults->rows->len; r++)
		n += row_at(faults, r)->cells[column].coping == coping;
	return n;
}

static struct lu_table *counts(const struct lu_faults *faults)
{
	struct lu_table *table = lu_table_new(NULL);

	table->layout = LU_TABLE_COMPACT;
	lu_table_add_columns(table, &(struct lu_column){.heading = "of all"}, 1);
	for (int i = 0; i < LU_COPINGS; i++)
		lu_table_add_columns(table,
				     &(struct lu_column){
					     .key = lu_coping_key((enum lu_coping)i),
					     .heading = lu_coping_name((enum lu_coping)i),
					     .align = LU_ALIGN_RIGHT,
				     },
				     1);
	for (guint c = 0; c < faults->columns->len; c++) {
		lu_table_add_row(table);
		lu_table_add_text(table, faults->columns->pdata[c]);
		for (int i = 0; i < LU_COPINGS; i++) {
			unsigned n = count(faults, c, (enum lu_coping)i);

			lu_table_add_number(table, n, "%u", n);
		}
	}
	return table;
}

struct lu_document *lu_faults_document(const struct lu_faults *faults)
{
	struct lu_document *all = lu_document_new(TITLE);
	struct lu_list *reasons;

	lu_document_add_table(all, matrix(faults));
	lu_document_add_table(all, counts(faults));
	reasons = lu_document_add_list(all, NULL);
	for (guint r = 0; r < faults->rows->len; r++)
		for (guint c = 0; c < faults->columns->len; c++) {
			const struct lu_faults_row *row = row_at(faults, r);
			const struct lu_fault_cell *cell = &row->cells[c];

			if (cell->why)
				lu_list_add(reasons, "%s after %s by %s: %s: %s", row->kind,
					    row->phase, (char *)faults->columns->pdata[c],
					    lu_coping_name(cell->coping), cell->why);
		}
	return all;
}

static void add_record(struct lu_table *table, const struct lu_faults_row *row, const char *by,
		       const struct lu_fault_cell *cell)
{
	const char *const words[] = {
		row->kind,	 row->phase,	 by, lu_coping_key(cell->coping), cell->phase ?: "",
		cell->why ?: "", cell->run ?: ""};

	lu_table_add_row(table);
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		lu_table_add_text(table, words[i]);
}

struct lu_document *lu_faults_records(const struct lu_faults *faults)
{
	static const struct lu_column columns[] = {
		{.heading = "fault"},  {.heading = "after"}, {.heading = "strategy"},
		{.heading = "coping"}, {.heading = "phase"}, {.heading = "why"},
		{.heading = "run"},
	};
	struct lu_document *all = lu_document_new(TITLE);
	struct lu_table *table = lu_table_new(NULL);

	lu_table_add_columns(table, columns, G_N_ELEMENTS(columns));
	for (guint r = 0; r < faults->rows->len; r++)
		for (guint c = 0; c < faults->columns->len; c++)
			add_record(table, row_at(faults, r), faults->columns->pdata[c],
				   &row_at(faults, r)->cells[c]);
	lu_document_add_table(all, table);
	return all;
}
