/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A document: paragraphs, tables and lists, in order. */
#include "bench/report/document.h"
#include "bench/report/display.h"

static void free_list(struct lu_list *list)
{
	g_free(list->heading);
	g_ptr_array_unref(list->items);
	g_free(list);
}

static void free_part(gpointer data)
{
	struct lu_part *part = data;

	g_free(part->paragraph);
	g_clear_pointer(&part->table, lu_table_free);
	g_clear_pointer(&part->list, free_list);
	g_free(part);
}

/* Caller frees. */
static char *one_line(const char *format, va_list args)
{
	g_autofree char *text = g_strdup_vprintf(format, args);

	return g_strdelimit(lu_display_safe(text), "\n", ' ');
}

struct lu_document *lu_document_new(const char *title)
{
	struct lu_document *document = g_new0(struct lu_document, 1);

	document->title = lu_display_safe(title);
	document->parts = g_ptr_array_new_with_free_func(free_part);
	return document;
}

void lu_document_free(struct lu_document *document)
{
	g_free(document->title);
	g_ptr_array_unref(document->parts);
	g_free(document);
}

static struct lu_part *add_part(struct lu_document *document)
{
	struct lu_part *part = g_new0(struct lu_part, 1);

	g_ptr_array_add(document->parts, part);
	return part;
}

void lu_document_add_paragraph(struct lu_document *document, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_part(document)->paragraph = one_line(format, args);
	va_end(args);
}

void lu_document_add_table(struct lu_document *document, struct lu_table *table)
{
	add_part(document)->table = table;
}

struct lu_list *lu_document_add_list(struct lu_document *document, const char *heading)
{
	struct lu_list *list = g_new0(struct lu_list, 1);

	list->heading = heading ? lu_display_safe(heading) : NULL;
	list->items = g_ptr_array_new_with_free_func(g_free);
	add_part(document)->list = list;
	return list;
}

void lu_list_add(struct lu_list *list, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_ptr_array_add(list->items, one_line(format, args));
	va_end(args);
}
