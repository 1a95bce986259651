/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "assets/kernel-files.h"
#include <string.h>
#include "record/error.h"
#include "assets/kernel-form.h"
#include "assets/seal.h"

void lu_kernel_take_file(struct lu_kernel *kernel, const char *form, char *path)
{
	if (!kernel->files)
		kernel->files = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	g_hash_table_insert(kernel->files, (gpointer)form, path);
}

void lu_kernel_take_image(struct lu_kernel *kernel, char *path)
{
	const struct lu_kernel_form *form = lu_kernel_form_of(path);

	kernel->image = path;
	if (form)
		lu_kernel_take_file(kernel, form->name, g_strdup(path));
}

void lu_kernel_clear(struct lu_kernel *kernel)
{
	g_free(kernel->release);
	g_free(kernel->image);
	g_clear_pointer(&kernel->files, g_hash_table_unref);
	g_free(kernel->modules);
	g_free(kernel->folder);
	g_free(kernel->tree);
	g_free(kernel->sha256);
	memset(kernel, 0, sizeof(*kernel));
}

/* Names of the kernel's forms, in the registry's order; g_free. */
static char *describe(const struct lu_kernel *kernel)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (size_t i = 0; lu_kernel_forms[i]; i++)
		if (kernel->files && g_hash_table_contains(kernel->files, lu_kernel_forms[i]->name))
			g_ptr_array_add(names, (gpointer)lu_kernel_forms[i]->name);
	g_ptr_array_add(names, NULL);
	return g_strjoinv(", ", (char **)names->pdata);
}

const char *lu_kernel_file(const struct lu_kernel *kernel, const char *form, GError **error)
{
	const char *path = kernel->files ? g_hash_table_lookup(kernel->files, form) : NULL;
	g_autofree char *all = path ? NULL : describe(kernel);

	if (!path)
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "kernel %s has no image of form %s; its forms: %s", kernel->release,
			    form, *all ? all : "none known");
	return path;
}

char *lu_kernel_hash(const struct lu_kernel *kernel, const char *path, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(GMappedFile) map = NULL;
	char *sha256 = NULL;

	if (kernel->folder) {
		lu_seal_check(kernel->folder, path, &sha256, error);
		return sha256;
	}
	map = g_mapped_file_new(path, FALSE, &cause);
	if (map)
		return g_compute_checksum_for_data(G_CHECKSUM_SHA256,
						   (const guchar *)g_mapped_file_get_contents(map),
						   g_mapped_file_get_length(map));
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s", cause->message);
	return NULL;
}
