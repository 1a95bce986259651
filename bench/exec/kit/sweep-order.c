/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of a sweep's definition. */
#include "bench/exec/kit/sweep-order.h"

struct place {
	json_int_t combination, repeat;
	gpointer what; /* a row or a path */
};

static struct place place_of(const json_t *row, gpointer what)
{
	const json_t *combination = json_object_get(row, "combination");

	return (struct place){json_is_integer(combination) ? json_integer_value(combination)
							   : G_MAXINT64,
			      json_integer_value(json_object_get(row, "repeat")), what};
}

static int order_of(json_int_t a, json_int_t b)
{
	return (a > b) - (a < b);
}

/* GLib's sort of arrays is stable: what the definition does not tell apart stays as it was. */
static gint by_place(gconstpointer a, gconstpointer b)
{
	const struct place *x = a, *y = b;
	int order = order_of(x->combination, y->combination);

	if (order || x->combination == G_MAXINT64)
		return order;
	return order_of(x->repeat, y->repeat);
}

json_t *lu_sweep_order_rows(const json_t *rows)
{
	g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(struct place));
	json_t *ordered = json_array(), *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		struct place place = place_of(row, row);

		g_array_append_val(places, place);
	}
	g_array_sort(places, by_place);
	for (guint k = 0; k < places->len; k++)
		json_array_append(ordered, g_array_index(places, struct place, k).what);
	return ordered;
}

/* {file: row}; both are the rows'. */
static GHashTable *by_file(const json_t *rows)
{
	GHashTable *files = g_hash_table_new(g_str_hash, g_str_equal);
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *file = json_string_value(json_object_get(row, "file"));

		if (file)
			g_hash_table_insert(files, (gpointer)file, row);
	}
	return files;
}

void lu_sweep_order_paths(GPtrArray *paths, const json_t *rows)
{
	g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(struct place));
	g_autoptr(GHashTable) files = by_file(rows);

	for (guint i = 0; i < paths->len; i++) {
		char *path = g_ptr_array_index(paths, i);
		g_autofree char *file = g_path_get_basename(path);
		struct place place = place_of(g_hash_table_lookup(files, file), path);

		g_array_append_val(places, place);
	}
	g_array_sort(places, by_place);
	for (guint i = 0; i < paths->len; i++)
		paths->pdata[i] = g_array_index(places, struct place, i).what;
}
