/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table: columns, and rows of typed cells. */
#include "bench/report/table.h"
#include <math.h>
#include "bench/report/display.h"

static void clear_column(gpointer data)
{
	struct lu_column *column = data;

	g_free((char *)column->key);
	g_free((char *)column->heading);
	g_free((char *)column->unit);
}

static void clear_cell(gpointer data)
{
	struct lu_cell *cell = data;

	g_free(cell->text);
	g_free(cell->code);
}

static void free_row(gpointer data)
{
	struct lu_row *row = data;

	g_free(row->group);
	g_array_unref(row->cells);
	g_free(row);
}

static char *safe(const char *text)
{
	return text ? lu_display_safe(text) : NULL;
}

struct lu_table *lu_table_new(const char *caption)
{
	struct lu_table *table = g_new0(struct lu_table, 1);

	table->caption = safe(caption);
	table->columns = g_array_new(FALSE, FALSE, sizeof(struct lu_column));
	table->rows = g_ptr_array_new_with_free_func(free_row);
	g_array_set_clear_func(table->columns, clear_column);
	return table;
}

void lu_table_free(struct lu_table *table)
{
	g_free(table->caption);
	g_free(table->summary);
	g_free(table->group);
	g_array_unref(table->columns);
	g_ptr_array_unref(table->rows);
	g_free(table);
}

void lu_table_set_summary(struct lu_table *table, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);

	va_end(args);
	g_free(table->summary);
	table->summary = safe(text);
}

void lu_table_add_columns(struct lu_table *table, const struct lu_column *columns, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct lu_column column = columns[i];

		column.key = safe(column.key);
		column.heading = safe(column.heading);
		column.unit = safe(column.unit);
		g_array_append_val(table->columns, column);
	}
}

void lu_table_begin_group(struct lu_table *table, const char *title)
{
	g_free(table->group);
	table->group = safe(title);
}

void lu_table_add_row(struct lu_table *table)
{
	struct lu_row *row = g_new0(struct lu_row, 1);

	row->group = g_strdup(table->group);
	row->cells = g_array_new(FALSE, FALSE, sizeof(struct lu_cell));
	g_array_set_clear_func(row->cells, clear_cell);
	g_ptr_array_add(table->rows, row);
}

static void add_cell(struct lu_table *table, struct lu_cell cell)
{
	struct lu_row *row = g_ptr_array_index(table->rows, table->rows->len - 1);

	g_assert(row->cells->len < table->columns->len);
	g_array_append_val(row->cells, cell);
}

void lu_table_add_text(struct lu_table *table, const char *text)
{
	add_cell(table, (struct lu_cell){.kind = LU_CELL_TEXT, .text = safe(text)});
}

void lu_table_add_named(struct lu_table *table, const char *text, const char *code)
{
	add_cell(table,
		 (struct lu_cell){.kind = LU_CELL_TEXT, .text = safe(text), .code = safe(code)});
}

/* Adds a cell with its text; a value that is not finite is missing. */
static void add_value(struct lu_table *table, struct lu_cell cell, const char *format, va_list args)
{
	g_autofree char *text = g_strdup_vprintf(format, args);

	if (!isfinite(cell.value)) {
		lu_table_add_missing(table, "");
		return;
	}
	if (!isfinite(cell.low) || !isfinite(cell.high))
		cell.kind = LU_CELL_NUMBER;
	cell.text = safe(text);
	add_cell(table, cell);
}

void lu_table_add_number(struct lu_table *table, double value, const char *format, ...)
{
	const struct lu_cell cell = {.kind = LU_CELL_NUMBER, .value = value};
	va_list args;

	va_start(args, format);
	add_value(table, cell, format, args);
	va_end(args);
}

void lu_table_add_interval(struct lu_table *table, double value, double low, double high,
			   const char *format, ...)
{
	const struct lu_cell cell = {LU_CELL_INTERVAL, .value = value, .low = low, .high = high};
	va_list args;

	va_start(args, format);
	add_value(table, cell, format, args);
	va_end(args);
}

void lu_table_add_missing(struct lu_table *table, const char *why)
{
	add_cell(table, (struct lu_cell){.kind = LU_CELL_MISSING, .text = safe(why)});
}

const struct lu_row *lu_table_row(const struct lu_table *table, guint row)
{
	return g_ptr_array_index(table->rows, row);
}

const struct lu_column *lu_table_column(const struct lu_table *table, guint column)
{
	return &g_array_index(table->columns, struct lu_column, column);
}

const struct lu_cell *lu_table_cell(const struct lu_table *table, guint row, guint column)
{
	static const struct lu_cell missing = {.kind = LU_CELL_MISSING, .text = ""};
	const GArray *cells = lu_table_row(table, row)->cells;

	return column < cells->len ? &g_array_index(cells, struct lu_cell, column) : &missing;
}

const char *lu_table_group_at(const struct lu_table *table, guint row)
{
	const char *group = lu_table_row(table, row)->group;
	const char *before = row ? lu_table_row(table, row - 1)->group : NULL;

	return g_strcmp0(group, before) == 0 ? NULL : group;
}

const char *lu_column_key(const struct lu_column *column)
{
	return column->key ? column->key : column->heading;
}

char *lu_cell_plain(const struct lu_cell *cell)
{
	return cell->code ? g_strdup_printf("%s (%s)", cell->text, cell->code)
			  : g_strdup(cell->text);
}
