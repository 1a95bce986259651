/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A document's tables as CSV (RFC 4180). */
#include <string.h>
#include "bench/report/render.h"

struct line {
	FILE *out;
	bool begun;
};

static void begin_field(struct line *line)
{
	if (line->begun)
		fputc(',', line->out);
	line->begun = true;
}

static void end_line(struct line *line)
{
	fputs("\r\n", line->out);
	line->begun = false;
}

static void print_text(struct line *line, const char *text)
{
	begin_field(line);
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, line->out);
		return;
	}
	g_auto(GStrv) parts = g_strsplit(text, "\"", -1);
	g_autofree char *doubled = g_strjoinv("\"\"", parts);

	fprintf(line->out, "\"%s\"", doubled);
}

static void print_number(struct line *line, double value)
{
	begin_field(line);
	fprintf(line->out, "%.17g", value);
}

static void print_headings(struct line *line, const struct lu_table *table, bool grouped)
{
	if (grouped)
		print_text(line, "group");
	for (guint i = 0; i < table->columns->len; i++) {
		const struct lu_column *column = lu_table_column(table, i);
		g_autofree char *low = g_strconcat(lu_column_key(column), "_low", NULL);
		g_autofree char *high = g_strconcat(lu_column_key(column), "_high", NULL);

		print_text(line, lu_column_key(column));
		if (column->interval) {
			print_text(line, low);
			print_text(line, high);
		}
	}
	end_line(line);
}

static void print_bounds(struct line *line, const struct lu_cell *cell)
{
	if (cell->kind == LU_CELL_INTERVAL) {
		print_number(line, cell->low);
		print_number(line, cell->high);
	} else {
		print_text(line, "");
		print_text(line, "");
	}
}

static void print_cell(struct line *line, const struct lu_cell *cell)
{
	g_autofree char *text = lu_cell_plain(cell);

	if (cell->kind == LU_CELL_TEXT)
		print_text(line, text);
	else if (cell->kind == LU_CELL_MISSING)
		print_text(line, "");
	else
		print_number(line, cell->value);
}

static void print_table(struct line *line, const struct lu_table *table)
{
	bool grouped = false;

	for (guint row = 0; row < table->rows->len; row++)
		grouped |= lu_table_row(table, row)->group != NULL;
	print_headings(line, table, grouped);
	for (guint row = 0; row < table->rows->len; row++) {
		const char *group = lu_table_row(table, row)->group;

		if (grouped)
			print_text(line, group ? group : "");
		for (guint i = 0; i < table->columns->len; i++) {
			print_cell(line, lu_table_cell(table, row, i));
			if (lu_table_column(table, i)->interval)
				print_bounds(line, lu_table_cell(table, row, i));
		}
		end_line(line);
	}
}

void lu_render_csv(FILE *out, const struct lu_document *document)
{
	struct line line = {.out = out};
	bool another = false;

	for (guint i = 0; i < document->parts->len; i++) {
		const struct lu_part *part = g_ptr_array_index(document->parts, i);

		if (!part->table)
			continue;
		if (another)
			end_line(&line);
		print_table(&line, part->table);
		another = true;
	}
}
