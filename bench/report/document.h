/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The output of a command: tables, with paragraphs and lists between them. */
#pragma once
#include <glib.h>
#include "bench/report/table.h"

/* Remarks, one line each. */
struct lu_list {
	char *heading; /* NULL: none */
	GPtrArray *items;
};

/* One of the three. */
struct lu_part {
	char *paragraph;
	struct lu_table *table;
	struct lu_list *list;
};

struct lu_document {
	char *title;	  /* for formats that have a title */
	GPtrArray *parts; /* struct lu_part */
};

struct lu_document *lu_document_new(const char *title);
void lu_document_free(struct lu_document *document);

void lu_document_add_paragraph(struct lu_document *document, const char *format, ...)
	G_GNUC_PRINTF(2, 3);
/* Takes the table. */
void lu_document_add_table(struct lu_document *document, struct lu_table *table);
/* An empty list at the end, which belongs to the document. heading may be NULL. */
struct lu_list *lu_document_add_list(struct lu_document *document, const char *heading);
/* Line breaks become spaces. */
void lu_list_add(struct lu_list *list, const char *format, ...) G_GNUC_PRINTF(2, 3);
