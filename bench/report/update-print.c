/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cells of the catalogue as tables. */
#include "bench/report/update-print.h"
#include <math.h>
#include "bench/report/render.h"

static const struct lu_update_cell *at(const struct lu_update_cell *cells, guint update,
				       int mechanism)
{
	return &cells[update * LU_MECHANISMS + (guint)mechanism];
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

static struct lu_table *results(const GPtrArray *updates, const struct lu_update_cell *cells)
{
	struct lu_table *table = lu_table_new(NULL);

	table->layout = LU_TABLE_COMPACT;
	add_columns(table);
	for (guint i = 0; i < updates->len; i++) {
		const struct lu_update *update = updates->pdata[i];

		lu_table_add_row(table);
		lu_table_add_named(table, update->title, update->name);
		for (int m = 0; m < LU_MECHANISMS; m++)
			add_cell(table, at(cells, i, m));
	}
	return table;
}

struct count {
	unsigned carried, added, lost, refused, broke, lines;
};

static struct count count_of(const GPtrArray *updates, const struct lu_update_cell *cells, int m)
{
	struct count count = {0};

	for (guint i = 0; i < updates->len; i++) {
		const struct lu_update_cell *cell = at(cells, i, m);

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

static struct lu_table *counts(const GPtrArray *updates, const struct lu_update_cell *cells)
{
	static const struct lu_column columns[] = {
		{.heading = "of all"},	   {.heading = "carried"}, {.heading = "with added code"},
		{.heading = "state lost"}, {.heading = "refused"}, {.heading = "broke"},
	};
	struct lu_table *table = lu_table_new(NULL);

	table->layout = LU_TABLE_COMPACT;
	lu_table_add_columns(table, columns, G_N_ELEMENTS(columns));
	for (int m = 0; m < LU_MECHANISMS; m++) {
		struct count count = count_of(updates, cells, m);

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

static void add_reason(struct lu_list *list, const struct lu_update *update, int m,
		       const struct lu_update_cell *cell)
{
	const char *mechanism = lu_mechanism_name((enum lu_mechanism)m);
	bool back = m == LU_BY_HOTSWAP || m == LU_BY_LIVEPATCH;

	if (cell->why)
		lu_list_add(list, "%s by %s %s: %s", update->name, mechanism,
			    lu_carried_name(cell->carried), cell->why);
	else if (back && !cell->undone)
		lu_list_add(list, "%s by %s: the way back lost state", update->name, mechanism);
}

static struct lu_document *document(const GPtrArray *updates, const struct lu_update_cell *cells)
{
	struct lu_document *all = lu_document_new("Updates and mechanisms");
	struct lu_list *reasons;

	lu_document_add_table(all, results(updates, cells));
	lu_document_add_table(all, counts(updates, cells));
	reasons = lu_document_add_list(all, NULL);
	for (guint i = 0; i < updates->len; i++)
		for (int m = 0; m < LU_MECHANISMS; m++)
			add_reason(reasons, updates->pdata[i], m, at(cells, i, m));
	return all;
}

void lu_updates_print(FILE *out, const GPtrArray *updates, const struct lu_update_cell *cells)
{
	struct lu_document *all = document(updates, cells);

	lu_render_markdown(out, all);
	lu_document_free(all);
}

static void add_record(struct lu_table *table, const struct lu_update *update, int m,
		       const struct lu_update_cell *cell)
{
	double took_ns = cell->took_ns >= 0 ? (double)cell->took_ns : NAN;

	lu_table_add_row(table);
	lu_table_add_text(table, update->name);
	lu_table_add_text(table, update->title);
	lu_table_add_text(table, lu_mechanism_name((enum lu_mechanism)m));
	lu_table_add_text(table, lu_carried_name(cell->carried));
	add_count(table, cell->lines);
	lu_table_add_number(table, took_ns, "%.0f", took_ns);
	lu_table_add_text(table, cell->undone ? "yes" : "no");
	lu_table_add_text(table, cell->why ? cell->why : "");
}

void lu_updates_print_csv(FILE *out, const GPtrArray *updates, const struct lu_update_cell *cells)
{
	static const struct lu_column columns[] = {
		{.heading = "update"}, {.heading = "title"},	   {.heading = "mechanism"},
		{.heading = "result"}, {.heading = "added_lines"}, {.heading = "took_ns"},
		{.heading = "undone"}, {.heading = "why"},
	};
	struct lu_document *all = lu_document_new("Updates and mechanisms");
	struct lu_table *table = lu_table_new(NULL);

	lu_table_add_columns(table, columns, G_N_ELEMENTS(columns));
	for (guint i = 0; i < updates->len; i++)
		for (int m = 0; m < LU_MECHANISMS; m++)
			add_record(table, updates->pdata[i], m, at(cells, i, m));
	lu_document_add_table(all, table);
	lu_render_csv(out, all);
	lu_document_free(all);
}
