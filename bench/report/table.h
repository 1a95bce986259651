/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table, independent of the format it is printed in (bench/report/render.h): columns, and rows of
 * typed cells. */
#pragma once
#include <glib.h>
#include <stdbool.h>

enum lu_align { LU_ALIGN_LEFT, LU_ALIGN_RIGHT };

struct lu_column {
	const char *key;     /* its name for programs, "total_s"; NULL: the heading */
	const char *heading; /* for people, with the unit if any: "total s" */
	const char *unit;    /* of its numbers, for programs; NULL: none */
	enum lu_align align;
	unsigned width;	  /* least width as text, in columns of a terminal */
	bool interval;	  /* its numbers may have bounds: three fields in CSV */
	bool break_words; /* as text, each word is on a line of its own */
};

enum lu_cell_kind { LU_CELL_MISSING, LU_CELL_TEXT, LU_CELL_NUMBER, LU_CELL_INTERVAL };

struct lu_cell {
	enum lu_cell_kind kind;
	/* Text for people, possibly of several lines; if missing, the reason, possibly "". Safe to
	 * print (bench/report/display.h). */
	char *text;
	char *code;		 /* name for programs; NULL: none */
	double value, low, high; /* in the column's unit; bounds of intervals only */
};

struct lu_row {
	char *group;   /* title of its group; NULL: none */
	GArray *cells; /* struct lu_cell; if fewer than columns, the others are missing */
};

/* Layout as text; other formats ignore it. */
enum lu_table_layout {
	LU_TABLE_SPACED,  /* headings; a blank line between rows, as rows may have several lines */
	LU_TABLE_COMPACT, /* headings, one line for each row */
	LU_TABLE_LISTING, /* no headings, one space between columns */
};

struct lu_table {
	char *caption; /* "blackout"; NULL: none */
	char *summary; /* what its numbers are, in half a sentence; NULL: none */
	enum lu_table_layout layout;
	GArray *columns; /* struct lu_column */
	GPtrArray *rows; /* struct lu_row */
	char *group;	 /* group of the rows that are added next */
};

/* Without columns and rows; caption may be NULL. All texts given to a table are copied. */
struct lu_table *lu_table_new(const char *caption);
void lu_table_free(struct lu_table *table);
/* Say what its numbers are, in half a sentence. */
void lu_table_set_summary(struct lu_table *table, const char *format, ...) G_GNUC_PRINTF(2, 3);
void lu_table_add_columns(struct lu_table *table, const struct lu_column *columns, size_t n);

/* Rows added from now on belong to a group with that title. */
void lu_table_begin_group(struct lu_table *table, const char *title);
/* An empty row. The functions below each add a cell to the last row, from left to right. */
void lu_table_add_row(struct lu_table *table);
void lu_table_add_text(struct lu_table *table, const char *text);
/* code is a name for programs, shown with the text. */
void lu_table_add_named(struct lu_table *table, const char *text, const char *code);
/* The value in the column's unit, and as text for people. A value that is not finite is missing,
 * and bounds that are not finite are dropped. */
void lu_table_add_number(struct lu_table *table, double value, const char *format, ...)
	G_GNUC_PRINTF(3, 4);
void lu_table_add_interval(struct lu_table *table, double value, double low, double high,
			   const char *format, ...) G_GNUC_PRINTF(5, 6);
/* why is shown instead and may be "". */
void lu_table_add_missing(struct lu_table *table, const char *why);

/* For renderers. Never NULL: a cell that was not added counts as missing. */
const struct lu_cell *lu_table_cell(const struct lu_table *table, guint row, guint column);
const struct lu_row *lu_table_row(const struct lu_table *table, guint row);
const struct lu_column *lu_table_column(const struct lu_table *table, guint column);
/* Title of the group that begins at that row; NULL: none does. */
const char *lu_table_group_at(const struct lu_table *table, guint row);
/* The column's key, or else its heading. Borrowed. */
const char *lu_column_key(const struct lu_column *column);
/* Its text with its code, "text (code)". Caller frees. */
char *lu_cell_plain(const struct lu_cell *cell);
