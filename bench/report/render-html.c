/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A document as an HTML page. All elements are closed, so that XML parsers accept it, too. */
#include "bench/report/render.h"

static const char style[] = "body { font-family: sans-serif; margin: 2em; }\n"
			    "table { border-collapse: collapse; margin: 1.5em 0; }\n"
			    "caption { text-align: left; margin-bottom: 0.5em; }\n"
			    "th, td { border: 1px solid #999; padding: 0.3em 0.6em; "
			    "text-align: left; vertical-align: top; }\n"
			    "td.right { text-align: right; }\n"
			    "td.missing { color: #595959; }\n";

static void print_text(FILE *out, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line; line++) {
		g_autofree char *escaped = g_markup_escape_text(*line, -1);

		fprintf(out, "%s%s", line == lines ? "" : "<br/>", escaped);
	}
}

static void print_element(FILE *out, const char *name, const char *text)
{
	fprintf(out, "<%s>", name);
	print_text(out, text);
	fprintf(out, "</%s>\n", name);
}

/* A column without a heading gets a td: an empty th would be a heading. */
static void print_heading(FILE *out, const char *heading)
{
	fputs(*heading ? "<th scope=\"col\">" : "<td>", out);
	print_text(out, heading);
	fputs(*heading ? "</th>" : "</td>", out);
}

static void print_headings(FILE *out, const struct lu_table *table)
{
	fputs("<thead>\n<tr>", out);
	for (guint i = 0; i < table->columns->len; i++)
		print_heading(out, lu_table_column(table, i)->heading);
	fputs("</tr>\n</thead>\n", out);
}

static const char *class_of(const struct lu_column *column, const struct lu_cell *cell)
{
	if (cell->kind == LU_CELL_MISSING)
		return " class=\"missing\"";
	return column->align == LU_ALIGN_RIGHT ? " class=\"right\"" : "";
}

/* The first cell of a row is its heading. */
static void print_cell(FILE *out, const struct lu_table *table, guint row, guint column)
{
	const struct lu_cell *cell = lu_table_cell(table, row, column);

	if (column)
		fprintf(out, "<td%s>", class_of(lu_table_column(table, column), cell));
	else
		fputs("<th scope=\"row\">", out);
	print_text(out, cell->text);
	if (cell->code) {
		fputs(" (<code>", out);
		print_text(out, cell->code);
		fputs("</code>)", out);
	}
	fputs(column ? "</td>" : "</th>", out);
}

static void print_group(FILE *out, const struct lu_table *table, const char *group)
{
	fprintf(out, "</tbody>\n<tbody>\n<tr><th scope=\"rowgroup\" colspan=\"%u\">",
		table->columns->len);
	print_text(out, group);
	fputs("</th></tr>\n", out);
}

static void print_rows(FILE *out, const struct lu_table *table)
{
	fputs("<tbody>\n", out);
	for (guint row = 0; row < table->rows->len; row++) {
		const char *group = lu_table_group_at(table, row);

		if (group)
			print_group(out, table, group);
		fputs("<tr>", out);
		for (guint i = 0; i < table->columns->len; i++)
			print_cell(out, table, row, i);
		fputs("</tr>\n", out);
	}
	fputs("</tbody>\n", out);
}

static void print_table(FILE *out, const struct lu_table *table)
{
	fputs("<table>\n", out);
	if (table->caption) {
		fputs("<caption><strong>", out);
		print_text(out, table->caption);
		fputs(table->summary ? "</strong>: " : "</strong>", out);
		print_text(out, table->summary ? table->summary : "");
		fputs("</caption>\n", out);
	}
	print_headings(out, table);
	print_rows(out, table);
	fputs("</table>\n", out);
}

static void print_list(FILE *out, const struct lu_list *list)
{
	if (list->heading)
		print_element(out, "h2", list->heading);
	else
		fputs("<hr/>\n", out); /* the lists are not part of the table above */
	if (!list->items->len)
		return;
	fputs("<ul>\n", out);
	for (guint i = 0; i < list->items->len; i++)
		print_element(out, "li", g_ptr_array_index(list->items, i));
	fputs("</ul>\n", out);
}

static void print_part(FILE *out, const struct lu_part *part)
{
	if (part->paragraph)
		print_element(out, "p", part->paragraph);
	if (part->table)
		print_table(out, part->table);
	if (part->list)
		print_list(out, part->list);
}

void lu_render_html(FILE *out, const struct lu_document *document)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n", out);
	print_element(out, "title", document->title);
	fprintf(out, "<style>\n%s</style>\n</head>\n<body>\n", style);
	print_element(out, "h1", document->title);
	for (guint i = 0; i < document->parts->len; i++)
		print_part(out, g_ptr_array_index(document->parts, i));
	fputs("</body>\n</html>\n", out);
}
