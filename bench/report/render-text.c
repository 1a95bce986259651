/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A document as text, for a terminal. */
#include "bench/report/display.h"
#include "bench/report/render.h"

#define GROUP_INDENT 2

/* A table's texts by row, headings first unless it is a listing. */
struct grid {
	const struct lu_table *table;
	GPtrArray *texts;
	GArray *widths; /* int, for each column */
	int gap, indent;
};

static int width_of(const struct grid *grid, guint column)
{
	guint columns = grid->table->columns->len;
	int most = (int)lu_table_column(grid->table, column)->width;

	for (guint i = column; i < grid->texts->len; i += columns) {
		g_auto(GStrv) lines = g_strsplit(g_ptr_array_index(grid->texts, i), "\n", -1);

		for (char **line = lines; *line; line++)
			most = MAX(most, lu_display_width(*line));
	}
	return most;
}

static void gather_texts(struct grid *grid)
{
	const struct lu_table *table = grid->table;

	for (guint i = 0; table->layout != LU_TABLE_LISTING && i < table->columns->len; i++)
		g_ptr_array_add(grid->texts, g_strdup(lu_table_column(table, i)->heading));
	for (guint row = 0; row < table->rows->len; row++)
		for (guint i = 0; i < table->columns->len; i++)
			g_ptr_array_add(grid->texts, lu_cell_plain(lu_table_cell(table, row, i)));
}

static void grid_init(struct grid *grid, const struct lu_table *table)
{
	*grid = (struct grid){
		.table = table,
		.texts = g_ptr_array_new_with_free_func(g_free),
		.widths = g_array_new(FALSE, FALSE, sizeof(int)),
		.gap = table->layout == LU_TABLE_LISTING ? 1 : 3,
	};
	gather_texts(grid);
	for (guint i = 0; i < table->columns->len; i++) {
		int width = width_of(grid, i);

		g_array_append_val(grid->widths, width);
	}
	for (guint row = 0; row < table->rows->len; row++)
		if (lu_table_row(table, row)->group)
			grid->indent = GROUP_INDENT;
}

static void grid_clear(struct grid *grid)
{
	g_ptr_array_unref(grid->texts);
	g_array_unref(grid->widths);
}

static void append_padded(GString *line, const struct grid *grid, guint column, const char *text)
{
	int width = g_array_index(grid->widths, int, column);
	int blanks = MAX(0, width - lu_display_width(text));
	bool right = lu_table_column(grid->table, column)->align == LU_ALIGN_RIGHT;

	g_string_append_printf(line, "%*s%s%*s", right ? blanks : 0, "", text,
			       (right ? 0 : blanks) + grid->gap, "");
}

/* Prints the nth line of a row; false: it has fewer. */
static bool print_line(FILE *out, const struct grid *grid, guint row, guint n)
{
	g_autoptr(GString) line = g_string_new(NULL);
	guint columns = grid->table->columns->len;
	bool any = false;

	g_string_append_printf(line, "%*s", grid->indent, "");
	for (guint i = 0; i < columns; i++) {
		bool words = lu_table_column(grid->table, i)->break_words;
		g_auto(GStrv) lines = g_strsplit(g_ptr_array_index(grid->texts, row * columns + i),
						 words ? " " : "\n", -1);
		bool there = n < g_strv_length(lines);

		append_padded(line, grid, i, there ? lines[n] : "");
		any |= there;
	}
	if (any)
		fprintf(out, "%s\n", g_strchomp(line->str));
	return any;
}

static void print_rows(FILE *out, const struct grid *grid)
{
	guint columns = grid->table->columns->len;
	guint headings = grid->table->layout == LU_TABLE_LISTING ? 0 : 1;

	for (guint row = 0; columns && row < grid->texts->len / columns; row++) {
		const char *group =
			row >= headings ? lu_table_group_at(grid->table, row - headings) : NULL;

		if (row && grid->table->layout == LU_TABLE_SPACED)
			fputc('\n', out);
		if (group)
			fprintf(out, "%s\n", group);
		for (guint n = 0; print_line(out, grid, row, n); n++)
			;
	}
}

static void print_table(FILE *out, const struct lu_table *table)
{
	struct grid grid;

	if (table->caption)
		fprintf(out, "%s%s%s\n\n", table->caption, table->summary ? ": " : "",
			table->summary ? table->summary : "");
	grid_init(&grid, table);
	print_rows(out, &grid);
	grid_clear(&grid);
}

static void print_list(FILE *out, const struct lu_list *list)
{
	if (list->heading)
		fprintf(out, "%s\n", list->heading);
	for (guint i = 0; i < list->items->len; i++)
		fprintf(out, "%s%s\n", list->heading ? "  " : "",
			(const char *)g_ptr_array_index(list->items, i));
}

void lu_render_text(FILE *out, const struct lu_document *document)
{
	for (guint i = 0; i < document->parts->len; i++) {
		const struct lu_part *part = g_ptr_array_index(document->parts, i);

		if (i)
			fputc('\n', out);
		if (part->paragraph)
			fprintf(out, "%s\n", part->paragraph);
		if (part->table)
			print_table(out, part->table);
		if (part->list)
			print_list(out, part->list);
	}
}
