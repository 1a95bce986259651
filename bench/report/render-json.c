/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A document as JSON. */
#include <jansson.h>
#include "bench/report/render.h"

static json_t *cell_json(const struct lu_cell *cell)
{
	switch (cell->kind) {
	case LU_CELL_NUMBER:
		return json_real(cell->value);
	case LU_CELL_INTERVAL:
		return json_pack("{s:f, s:f, s:f}", "value", cell->value, "low", cell->low, "high",
				 cell->high);
	case LU_CELL_TEXT:
		return cell->code ? json_pack("{s:s, s:s}", "text", cell->text, "code", cell->code)
				  : json_string(cell->text);
	case LU_CELL_MISSING:
		break;
	}
	return *cell->text ? json_pack("{s:s}", "missing", cell->text) : json_null();
}

static json_t *row_json(const struct lu_table *table, guint row)
{
	const char *group = lu_table_row(table, row)->group;
	json_t *doc = json_object();

	if (group)
		json_object_set_new(doc, "group", json_string(group));
	for (guint i = 0; i < table->columns->len; i++)
		json_object_set_new(doc, lu_column_key(lu_table_column(table, i)),
				    cell_json(lu_table_cell(table, row, i)));
	return doc;
}

static json_t *columns_json(const struct lu_table *table)
{
	json_t *list = json_array();

	for (guint i = 0; i < table->columns->len; i++) {
		const struct lu_column *column = lu_table_column(table, i);

		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:s?}", "key", lu_column_key(column),
						"heading", column->heading, "unit", column->unit));
	}
	return list;
}

static json_t *table_json(const struct lu_table *table)
{
	json_t *rows = json_array();

	for (guint row = 0; row < table->rows->len; row++)
		json_array_append_new(rows, row_json(table, row));
	return json_pack("{s:s?, s:s?, s:o, s:o}", "caption", table->caption, "summary",
			 table->summary, "columns", columns_json(table), "rows", rows);
}

static json_t *list_json(const struct lu_list *list)
{
	json_t *items = json_array();

	for (guint i = 0; i < list->items->len; i++)
		json_array_append_new(items, json_string(g_ptr_array_index(list->items, i)));
	return json_pack("{s:s?, s:o}", "heading", list->heading, "items", items);
}

static void add_part(json_t *tables, json_t *notes, const struct lu_part *part)
{
	if (part->table)
		json_array_append_new(tables, table_json(part->table));
	if (part->list)
		json_array_append_new(notes, list_json(part->list));
	if (part->paragraph)
		json_array_append_new(
			notes, json_pack("{s:n, s:[s]}", "heading", "items", part->paragraph));
}

void lu_render_json(FILE *out, const struct lu_document *document)
{
	json_t *tables = json_array(), *notes = json_array();

	for (guint i = 0; i < document->parts->len; i++)
		add_part(tables, notes, g_ptr_array_index(document->parts, i));
	json_t *doc = json_pack("{s:s, s:o, s:o}", "title", document->title, "tables", tables,
				"notes", notes);

	json_dumpf(doc, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(doc);
}
