/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/report/survive-document.h"
#include <string.h>

#define TITLE "What survives an upgrade"

static const struct lu_survive_row *row_at(const struct lu_survive *survive, guint i)
{
	return survive->rows->pdata[i];
}

static const struct lu_survive_column *column_at(const struct lu_survive *survive, guint i)
{
	return survive->columns->pdata[i];
}

static struct lu_table *matrix(const struct lu_survive *survive)
{
	const struct lu_column resource = {"resource", "resource"};
	struct lu_table *table = lu_table_new(NULL);
	const char *family = NULL;

	table->layout = LU_TABLE_COMPACT;
	lu_table_add_columns(table, &resource, 1);
	for (guint c = 0; c < survive->columns->len; c++)
		lu_table_add_columns(
			table, &(struct lu_column){.heading = column_at(survive, c)->title}, 1);
	for (guint r = 0; r < survive->rows->len; r++) {
		const struct lu_survive_row *row = row_at(survive, r);

		if (row->family && g_strcmp0(row->family, family))
			lu_table_begin_group(table, family = row->family);
		lu_table_add_row(table);
		lu_table_add_named(table, row->title ?: row->name, row->name);
		for (guint c = 0; c < survive->columns->len; c++)
			lu_table_add_named(table, lu_fate_name(row->cells[c].fate), NULL);
	}
	return table;
}

static struct lu_table *counts(const struct lu_survive *survive)
{
	struct lu_table *table = lu_table_new(NULL);

	table->layout = LU_TABLE_COMPACT;
	lu_table_add_columns(table, &(struct lu_column){.heading = "of all"}, 1);
	for (int fate = LU_FATE_NONE; fate < LU_FATES; fate++)
		lu_table_add_columns(table,
				     &(struct lu_column){
					     .key = lu_fate_key((enum lu_fate)fate),
					     .heading = lu_fate_name((enum lu_fate)fate),
					     .align = LU_ALIGN_RIGHT,
				     },
				     1);
	for (guint c = 0; c < survive->columns->len; c++) {
		lu_table_add_row(table);
		lu_table_add_text(table, column_at(survive, c)->title);
		for (int fate = LU_FATE_NONE; fate < LU_FATES; fate++) {
			unsigned n = lu_survive_count(survive, c, (enum lu_fate)fate);

			lu_table_add_number(table, n, "%u", n);
		}
	}
	return table;
}

/* CRIU says the same three times, from the cause up: the cause is enough for people. */
static char *shorten(const char *why)
{
	static const char *const criu = "criu: ";
	const char *cause = strstr(why, criu);
	const char *end = cause ? strstr(cause, "; ") : NULL;

	return end ? g_strndup(cause, (gsize)(end - cause)) : g_strdup(cause ?: why);
}

static void add_reason(struct lu_list *list, const struct lu_survive_row *row, const char *by,
		       const struct lu_survive_cell *cell)
{
	g_autofree char *why = cell->why ? shorten(cell->why) : NULL;

	if (cell->fate == LU_FATE_NOT_TRIED ? cell->why != NULL : cell->fate != LU_FATE_SURVIVED)
		lu_list_add(list, "%s by %s: %s%s%s", row->name, by, lu_fate_name(cell->fate),
			    why ? ": " : "", why ?: "");
}

struct lu_document *lu_survive_document(const struct lu_survive *survive)
{
	struct lu_document *all = lu_document_new(TITLE);
	struct lu_list *reasons;

	lu_document_add_table(all, matrix(survive));
	lu_document_add_table(all, counts(survive));
	reasons = lu_document_add_list(all, NULL);
	for (guint r = 0; r < survive->rows->len; r++)
		for (guint c = 0; c < survive->columns->len; c++)
			add_reason(reasons, row_at(survive, r), column_at(survive, c)->title,
				   &row_at(survive, r)->cells[c]);
	return all;
}

static void add_record(struct lu_table *table, const struct lu_survive_row *row,
		       const struct lu_survive_column *column, const struct lu_survive_cell *cell)
{
	const char *const words[] = {row->name,
				     row->family ?: "",
				     row->title ?: "",
				     row->see ?: "",
				     column->strategy,
				     column->machine,
				     column->to,
				     column->spoilt ? "yes" : "no",
				     lu_fate_key(cell->fate),
				     cell->phase ?: "",
				     cell->why ?: "",
				     cell->run ?: ""};

	lu_table_add_row(table);
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		lu_table_add_text(table, words[i]);
}

struct lu_document *lu_survive_records(const struct lu_survive *survive)
{
	static const struct lu_column columns[] = {
		{.heading = "probe"}, {.heading = "family"},   {.heading = "title"},
		{.heading = "see"},   {.heading = "strategy"}, {.heading = "machine"},
		{.heading = "to"},    {.heading = "spoilt"},   {.heading = "fate"},
		{.heading = "phase"}, {.heading = "why"},      {.heading = "run"},
	};
	struct lu_document *all = lu_document_new(TITLE);
	struct lu_table *table = lu_table_new(NULL);

	lu_table_add_columns(table, columns, G_N_ELEMENTS(columns));
	for (guint r = 0; r < survive->rows->len; r++)
		for (guint c = 0; c < survive->columns->len; c++)
			add_record(table, row_at(survive, r), column_at(survive, c),
				   &row_at(survive, r)->cells[c]);
	lu_document_add_table(all, table);
	return all;
}
