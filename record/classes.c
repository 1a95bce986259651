/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Classes of requests. */
#include "record/classes.h"

static const char *name_of(const struct lu_asked *asked)
{
	return asked->class && *asked->class ? asked->class : LU_CLASS_STEADY;
}

static bool has(const GPtrArray *classes, const char *name)
{
	return g_ptr_array_find_with_equal_func((GPtrArray *)classes, name, g_str_equal, NULL);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return g_strcmp0(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *lu_classes_of(const struct lu_samples *samples)
{
	GPtrArray *classes = g_ptr_array_new();
	bool more = false;

	for (guint i = 0; i < samples->asked->len; i++) {
		const char *name = name_of(&g_array_index(samples->asked, struct lu_asked, i));

		if (has(classes, name))
			continue;
		if (classes->len < LU_CLASSES)
			g_ptr_array_add(classes, (gpointer)name);
		else
			more = true;
	}
	if (more && !has(classes, LU_CLASS_OTHER))
		g_ptr_array_add(classes, (gpointer)LU_CLASS_OTHER);
	g_ptr_array_sort(classes, by_name);
	return classes;
}

bool lu_class_has(const GPtrArray *classes, const char *class, const struct lu_asked *asked)
{
	const char *name = name_of(asked);

	return g_str_equal(has(classes, name) ? name : LU_CLASS_OTHER, class);
}
