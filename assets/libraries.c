/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the packages of the libraries that programs need. dpkg-shlibdeps makes a package depend
 * directly on the packages of the libraries that its programs name (Debian Policy 8.6), so the
 * provider of a missing soname is among those.
 */
#include <string.h>
#include "record/error.h"
#include "assets/set.h"
#include "assets/elf-needed.h"
#include "assets/root-path.h"

/* Letters and digits only, so that "libcom_err.so.2" matches "libcom-err2". */
static char *squeeze(const char *text, const char *drop)
{
	GString *out = g_string_new(NULL);
	const char *dropped = drop ? strstr(text, drop) : NULL;

	for (const char *at = text; *at; at++) {
		if (at == dropped)
			at += strlen(drop) - 1;
		else if (g_ascii_isalnum(*at))
			g_string_append_c(out, g_ascii_tolower(*at));
	}
	return g_string_free(out, FALSE);
}

/* Policy 8.1: libNAME.so.VERSION is in a package
 * libNAMEVERSION (some have a suffix, such as t64). */
static bool named_for(const char *package, const char *soname)
{
	g_autofree char *wanted = squeeze(soname, ".so.");
	g_autofree char *name = squeeze(package, NULL);

	return g_str_has_prefix(name, wanted);
}

static bool have(const struct lu_set *set, const char *name)
{
	return lu_package_find(set->packages, name) != NULL;
}

static const struct lu_package *owner_of(const struct lu_set *set, const char *path)
{
	g_autofree char *final = lu_root_resolve(set->root, path, NULL, NULL);

	return final ? g_hash_table_lookup(set->owners, final) : NULL;
}

static void unknown(const struct lu_set *set, const struct lu_elf_missing *missing, GError **error)
{
	const struct lu_package *owner = owner_of(set, missing->needed_by);

	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "library %s, needed by %s of package %s, is in no package that it depends on",
		    missing->soname, missing->needed_by, owner ? owner->name : "(none)");
}

/* Adds to names the missing dependencies of owner:
 * packages named for soname, or (NULL) every library. */
static void add_needs(const struct lu_set *set, const struct lu_package *owner, const char *soname,
		      GHashTable *names)
{
	for (char **need = owner->needs; *need; need++)
		if (!have(set, *need) &&
		    (soname ? named_for(*need, soname) : g_str_has_prefix(*need, "lib")))
			g_hash_table_add(names, g_strdup(*need));
}

/* The interpreter belongs to the C library, on which every dynamic program depends. */
static void add_named(const struct lu_set *set, const struct lu_elf_missing *missing,
		      GHashTable *names)
{
	const struct lu_package *owner = owner_of(set, missing->needed_by);

	if (missing->soname[0] != '/' && owner)
		add_needs(set, owner, missing->soname, names);
	else if (missing->soname[0] == '/' && !have(set, "libc6"))
		g_hash_table_add(names, g_strdup("libc6"));
}

/* Packages to try next: those named for the missing libraries; if there are none, all libraries
 * that their users depend on. */
static GHashTable *candidates(const struct lu_set *set, GPtrArray *missing)
{
	GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < missing->len; i++)
		add_named(set, missing->pdata[i], names);
	for (guint i = 0; i < missing->len && !g_hash_table_size(names); i++) {
		const struct lu_elf_missing *one = missing->pdata[i];
		const struct lu_package *owner = owner_of(set, one->needed_by);

		if (owner)
			add_needs(set, owner, NULL, names);
	}
	return names;
}

static bool walk_known(const struct lu_set *set, GHashTable *files, GPtrArray *missing,
		       GError **error)
{
	for (const struct lu_program *const *at = lu_programs(); *at; at++) {
		const struct lu_program *program = *at;
		g_autofree char *final = lu_root_resolve(set->root, program->path, NULL, NULL);

		if (!final) {
			g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
				    "package %s does not have %s", program->packages[0],
				    program->path);
			return false;
		}
		if (!lu_elf_closure(set->root, program->path, files, missing, error))
			return false;
	}
	return true;
}

static bool walk_named(const struct lu_set *set, GHashTable *files, GPtrArray *missing,
		       GError **error)
{
	for (guint i = 0; i < set->programs->len; i++)
		if (!lu_elf_closure(set->root, set->programs->pdata[i], files, missing, error))
			return false;
	return true;
}

static GPtrArray *walk_programs(const struct lu_set *set, GError **error)
{
	GPtrArray *missing = g_ptr_array_new_with_free_func((GDestroyNotify)lu_elf_missing_free);
	g_autoptr(GHashTable) files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	if (set->programs ? walk_named(set, files, missing, error)
			  : walk_known(set, files, missing, error))
		return missing;
	g_ptr_array_unref(missing);
	return NULL;
}

GPtrArray *lu_set_missing_libraries(struct lu_set *set, GError **error)
{
	g_autoptr(GPtrArray) missing = walk_programs(set, error);
	g_autoptr(GHashTable) names = NULL;
	g_autofree const char **query = NULL;
	GPtrArray *packages;

	if (!missing)
		return NULL;
	if (!missing->len)
		return g_ptr_array_new_with_free_func((GDestroyNotify)lu_package_free);
	names = candidates(set, missing);
	query = (const char **)g_hash_table_get_keys_as_array(names, NULL);
	packages = *query ? lu_apt_show(set->apt, query, error) : g_ptr_array_new();
	if (packages && !packages->len) {
		unknown(set, missing->pdata[0], error);
		g_clear_pointer(&packages, g_ptr_array_unref);
	}
	return packages;
}
