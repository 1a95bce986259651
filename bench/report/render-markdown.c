/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A document as GitHub's Markdown. */
#include <string.h>
#include "bench/report/render.h"

/* May this character begin or end a Markdown construct? In prose, whose source people read, too,
 * one before a space cannot begin emphasis or a tag. */
static bool is_special(const char *text, const char *at, bool prose)
{
	char before = at > text ? at[-1] : ' ', after = at[1];

	if (strchr("\\`|&", *at))
		return true;
	if (*at == '_' && g_ascii_isalnum(before) && g_ascii_isalnum(after))
		return false;
	if (*at == ']') /* of a link or its definition */
		return after && strchr("([:", after);
	return strchr("~*_<", *at) && !(prose && (after == ' ' || !after));
}

static void print_escaped(FILE *out, const char *text, bool prose)
{
	for (const char *at = text; *at; at++) {
		if (*at == '\n') {
			fputs("<br>", out);
			continue;
		}
		if (is_special(text, at, prose))
			fputc('\\', out);
		fputc(*at, out);
	}
}

/* The beginning of a line must not make it a heading, a quotation or a list. */
static void print_prose(FILE *out, const char *text)
{
	size_t digits = strspn(text, "0123456789");
	const char *mark = text + digits;
	bool block = *mark && strchr(digits ? ".)" : "#>+-=", *mark);

	fprintf(out, "%.*s%s", (int)digits, text, block ? "\\" : "");
	print_escaped(out, mark, true);
}

/* A code span with any contents: its fence is longer than any run of backticks in it. */
static void print_code(FILE *out, const char *code)
{
	size_t run = 0, most = 0;

	for (const char *at = code; *at; at++) {
		run = *at == '`' ? run + 1 : 0;
		most = MAX(most, run);
	}
	g_autofree char *fence = g_strnfill(most + 1, '`');
	g_auto(GStrv) parts = g_strsplit(code, "|", -1);
	g_autofree char *text = g_strdelimit(g_strjoinv("\\|", parts), "\n", ' ');

	fprintf(out, " (%s%s%s%s%s)", fence, most ? " " : "", text, most ? " " : "", fence);
}

static void print_cell(FILE *out, const struct lu_cell *cell)
{
	print_escaped(out, cell->text, false);
	if (cell->code)
		print_code(out, cell->code);
}

static void print_headings(FILE *out, const struct lu_table *table)
{
	for (guint i = 0; i < table->columns->len; i++) {
		const char *heading = lu_table_column(table, i)->heading;

		fputs(i ? " | " : "| ", out);
		print_escaped(out, *heading ? heading : " ", false);
	}
	fputs(" |\n", out);
	for (guint i = 0; i < table->columns->len; i++)
		fputs(lu_table_column(table, i)->align == LU_ALIGN_RIGHT ? "|---:" : "|---", out);
	fputs("|\n", out);
}

static void print_group(FILE *out, const struct lu_table *table, const char *group)
{
	fputs("| **", out);
	print_escaped(out, group, false);
	fputs("**", out);
	for (guint i = 1; i < table->columns->len; i++)
		fputs(" | ", out);
	fputs(" |\n", out);
}

static void print_row(FILE *out, const struct lu_table *table, guint row)
{
	for (guint i = 0; i < table->columns->len; i++) {
		fputs(i ? " | " : "| ", out);
		print_cell(out, lu_table_cell(table, row, i));
	}
	fputs(" |\n", out);
}

static void print_bold(FILE *out, const char *text, const char *after)
{
	fputs("**", out);
	print_escaped(out, text, false);
	fprintf(out, "**%s", after);
}

static void print_table(FILE *out, const struct lu_table *table)
{
	if (table->caption) {
		print_bold(out, table->caption, table->summary ? ": " : "");
		print_escaped(out, table->summary ? table->summary : "", true);
		fputs("\n\n", out);
	}
	if (!table->columns->len)
		return;
	print_headings(out, table);
	for (guint row = 0; row < table->rows->len; row++) {
		const char *group = lu_table_group_at(table, row);

		if (group)
			print_group(out, table, group);
		print_row(out, table, row);
	}
}

static void print_list(FILE *out, const struct lu_list *list)
{
	if (list->heading)
		print_bold(out, list->heading, "\n\n");
	for (guint i = 0; i < list->items->len; i++) {
		fputs("- ", out);
		print_prose(out, g_ptr_array_index(list->items, i));
		fputc('\n', out);
	}
}

void lu_render_markdown(FILE *out, const struct lu_document *document)
{
	for (guint i = 0; i < document->parts->len; i++) {
		const struct lu_part *part = g_ptr_array_index(document->parts, i);

		if (i)
			fputc('\n', out);
		if (part->paragraph) {
			print_prose(out, part->paragraph);
			fputc('\n', out);
		}
		if (part->table)
			print_table(out, part->table);
		if (part->list)
			print_list(out, part->list);
	}
}
