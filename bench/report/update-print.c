/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cells of the catalogue as tables. */
#include "bench/report/update-print.h"
#include <math.h>
#include "bench/report/render.h"

static const struct lu_update_cell *at(const GPtrArray *rows, guint i, int mechanism)
{
	const struct lu_update_row *row = rows->pdata[i];

	return &row->cells[mechanism];
}

/* A run without a guest does not have the update's title. */
static const char *title_of(const struct lu_update_row *row)
{
	return row->title ? row->title : row->name;
}

static void add_columns(struct lu_table *table)
{
	const struct lu_column update = {"update", "update"};

	lu_table_add_columns(table, &update, 1);
	for (int m = 0; m < LU_MECHANISMS; m++) {
		const struct lu_column mechanism = {
			.heading = lu_mechanism_name((enum lu_mechanism)m)};

		lu_table_add_columns(table, &mechanism, 1);
	}
}

static void add_cell(struct lu_table *table, const struct lu_update_cell *cell)
{
	bool carried = cell->carried == LU_CARRIED || cell->carried == LU_CARRIED_LOST;
	g_autofree char *added = carried && cell->lines
					 ? g_strdup_printf(", %u lines added", cell->lines)
					 : g_strdup("");
	g_autofree char *text = g_strconcat(lu_carried_name(cell->carried), added, NULL);

	lu_table_add_text(table, text);
}

static struct lu_table *results(const GPtrArray *rows)
{
	struct lu_table *table = lu_table_new(NULL);

	table->layout = LU_TABLE_COMPACT;
	add_columns(table);
	for (guint i = 0; i < rows->len; i++) {
		const struct lu_update_row *row = rows->pdata[i];

		lu_table_add_row(table);
		lu_table_add_named(table, title_of(row), row->name);
		for (int m = 0; m < LU_MECHANISMS; m++)
			add_cell(table, at(rows, i, m));
	}
	return table;
}

struct count {
	unsigned carried, added, lost, refused, broke, lines;
};

static struct count count_of(const GPtrArray *rows, int m)
{
	struct count count = {0};

	for (guint i = 0; i < rows->len; i++) {
		const struct lu_update_cell *cell = at(rows, i, m);

		count.carried += cell->carried == LU_CARRIED && !cell->lines;
		count.added += cell->carried == LU_CARRIED && cell->lines;
		count.lines += cell->carried == LU_CARRIED ? cell->lines : 0;
		count.lost += cell->carried == LU_CARRIED_LOST;
		count.refused += cell->carried == LU_NOT_CARRIED;
		count.broke += cell->carried == LU_BROKE;
	}
	return count;
}

static void add_count(struct lu_table *table, unsigned n)
{
	lu_table_add_number(table, n, "%u", n);
}

static struct lu_table *counts(const GPtrArray *rows)
{
	static const struct lu_column columns[] = {
		{.heading = "of all"},	   {.heading = "carried"}, {.heading = "with added code"},
		{.heading = "state lost"}, {.heading = "refused"}, {.heading = "broke"},
	};
	struct lu_table *table = lu_table_new(NULL);

	table->layout = LU_TABLE_COMPACT;
	lu_table_add_columns(table, columns, G_N_ELEMENTS(columns));
	for (int m = 0; m < LU_MECHANISMS; m++) {
		struct count count = count_of(rows, m);

		lu_table_add_row(table);
		lu_table_add_text(table, lu_mechanism_name((enum lu_mechanism)m));
		add_count(table, count.carried);
		lu_table_add_number(table, count.added, "%u (%u lines)", count.added, count.lines);
		add_count(table, count.lost);
		add_count(table, count.refused);
		add_count(table, count.broke);
	}
	return table;
}

static void add_reason(struct lu_list *list, const struct lu_update_row *row, int m,
		       const struct lu_update_cell *cell)
{
	const char *mechanism = lu_mechanism_name((enum lu_mechanism)m);

	if (cell->why)
		lu_list_add(list, "%s by %s %s: %s", row->name, mechanism,
			    lu_carried_name(cell->carried), cell->why);
	else if (cell->undone == LU_UNDONE_NO)
		lu_list_add(list, "%s by %s: the undo lost state", row->name, mechanism);
}

static struct lu_document *document(const GPtrArray *rows)
{
	struct lu_document *all = lu_document_new("Updates and mechanisms");
	struct lu_list *reasons;

	lu_document_add_table(all, results(rows));
	lu_document_add_table(all, counts(rows));
	reasons = lu_document_add_list(all, NULL);
	for (guint i = 0; i < rows->len; i++)
		for (int m = 0; m < LU_MECHANISMS; m++)
			add_reason(reasons, rows->pdata[i], m, at(rows, i, m));
	return all;
}

void lu_updates_print(FILE *out, const GPtrArray *rows)
{
	struct lu_document *all = document(rows);

	lu_render_markdown(out, all);
	lu_document_free(all);
}

static const char *undone_word(enum lu_mechanism mechanism, const struct lu_update_cell *cell)
{
	if (!lu_mechanism_goes_back(mechanism))
		return "no";
	return cell->undone == LU_UNDONE_UNKNOWN ? ""
	       : cell->undone == LU_UNDONE_YES	 ? "yes"
						 : "no";
}

static void add_record(struct lu_table *table, const struct lu_update_row *row, int m,
		       const struct lu_update_cell *cell)
{
	double took_ns = cell->took_ns >= 0 ? (double)cell->took_ns : NAN;

	lu_table_add_row(table);
	lu_table_add_text(table, row->name);
	lu_table_add_text(table, title_of(row));
	lu_table_add_text(table, lu_mechanism_name((enum lu_mechanism)m));
	lu_table_add_text(table, lu_carried_name(cell->carried));
	add_count(table, cell->lines);
	lu_table_add_number(table, took_ns, "%.0f", took_ns);
	lu_table_add_text(table, undone_word((enum lu_mechanism)m, cell));
	lu_table_add_text(table, cell->why ? cell->why : "");
}

void lu_updates_print_csv(FILE *out, const GPtrArray *rows)
{
	static const struct lu_column columns[] = {
		{.heading = "update"}, {.heading = "title"},	   {.heading = "mechanism"},
		{.heading = "result"}, {.heading = "added_lines"}, {.heading = "took_ns"},
		{.heading = "undone"}, {.heading = "why"},
	};
	struct lu_document *all = lu_document_new("Updates and mechanisms");
	struct lu_table *table = lu_table_new(NULL);

	lu_table_add_columns(table, columns, G_N_ELEMENTS(columns));
	for (guint i = 0; i < rows->len; i++)
		for (int m = 0; m < LU_MECHANISMS; m++)
			add_record(table, rows->pdata[i], m, at(rows, i, m));
	lu_document_add_table(all, table);
	lu_render_csv(out, all);
	lu_document_free(all);
}
