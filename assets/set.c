/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lifetime of a set that is being made: folders, apt, progress notes. */
#include <errno.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include "assets/cache.h"
#include "assets/set.h"
#include "assets/unpack.h"

void lu_set_note(const struct lu_set *set, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	if (!set->options->note)
		return;
	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	set->options->note(set->options->note_data, text);
}

bool lu_set_begin(struct lu_set *set, const struct lu_machine *machine, const char *cache,
		  const struct lu_assets_options *options, GError **error)
{
	*set = (struct lu_set){
		.machine = machine,
		.options = options,
		.cache = g_strdup(cache),
		.packages = g_ptr_array_new_with_free_func((GDestroyNotify)lu_package_free),
		.owners = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
	};
	g_autofree char *work = g_build_filename(cache, "work-XXXXXX", NULL);

	if (!g_mkdtemp(work))
		return lu_write_error(errno, work, cache, error);
	set->work = g_steal_pointer(&work);
	set->root = g_build_filename(set->work, "root", NULL);
	if (g_mkdir(set->root, 0755) < 0)
		return lu_write_error(errno, set->root, cache, error);
	set->apt = lu_set_open_apt(set, machine->debian_arch, error);
	return set->apt != NULL;
}

struct lu_apt *lu_set_open_apt(const struct lu_set *set, const char *arch, GError **error)
{
	g_autofree char *dir = g_build_filename(set->cache, "apt", arch, NULL);

	return lu_apt_new(dir, arch, set->options->cancellable, error);
}

void lu_set_clear(struct lu_set *set)
{
	if (set->work)
		lu_cache_remove_tree(set->work);
	lu_apt_free(set->apt);
	g_free(set->work);
	g_free(set->root);
	g_free(set->cache);
	g_free(set->releases[0]);
	g_free(set->releases[1]);
	g_hash_table_unref(set->owners);
	g_ptr_array_unref(set->packages);
	g_clear_pointer(&set->programs, g_ptr_array_unref);
}
