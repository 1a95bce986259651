/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes a complete set: kernels in each form, programs, libraries, modules.dep, manifest; then
 * publishes it by a rename. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "record/error.h"
#include "assets/cache.h"
#include "assets/set.h"
#include "assets/unpack.h"
#include "assets/depmod.h"
#include "assets/kernel-form.h"

#define MAX_ROUNDS 16 /* of the search for libraries: more than the longest chain of dependencies */

static GPtrArray *show_programs(struct lu_set *set, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	GPtrArray *found;

	for (const struct lu_program *const *program = lu_programs(); *program; program++)
		for (const char *const *name = (*program)->packages; *name; name++)
			g_ptr_array_add(names, (void *)*name);
	g_ptr_array_add(names, NULL);
	found = lu_apt_show(set->apt, (const char *const *)names->pdata, error);
	for (guint i = 0; found && i + 1 < names->len; i++)
		if (!lu_package_find(found, names->pdata[i])) {
			g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
				    "this host's archive has no package %s for %s",
				    (char *)names->pdata[i], set->apt->arch);
			g_clear_pointer(&found, g_ptr_array_unref);
		}
	return found;
}

static bool add_kernels_and_programs(struct lu_set *set, GError **error)
{
	g_autoptr(GPtrArray) kernels = lu_set_pick_kernels(set, error);
	g_autoptr(GPtrArray) programs = kernels ? show_programs(set, error) : NULL;

	if (!programs)
		return false;
	g_ptr_array_extend_and_steal(kernels, g_steal_pointer(&programs));
	return lu_set_add(set, kernels, error);
}

bool lu_set_add_libraries(struct lu_set *set, GError **error)
{
	for (unsigned round = 0; round < MAX_ROUNDS; round++) {
		g_autoptr(GPtrArray) packages = lu_set_missing_libraries(set, error);

		if (!packages)
			return false;
		if (!packages->len)
			return true;
		if (!lu_set_add(set, packages, error))
			return false;
	}
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
		    "libraries of programs are still missing after %u rounds", MAX_ROUNDS);
	return false;
}

/* Path of the kernel image in packages, old and new. */
static char *find_image(const struct lu_set *set, const char *release)
{
	static const char *const places[] = {"root/boot/vmlinuz-%s", "root/boot/vmlinux-%s",
					     "root/usr/lib/modules/%s/vmlinuz",
					     "root/usr/lib/modules/%s/vmlinux"};

	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		g_auto(GStrv) halves = g_strsplit(places[i], "%s", 2);
		g_autofree char *path = g_strconcat(halves[0], release, halves[1], NULL);
		g_autofree char *full = g_build_filename(set->work, path, NULL);

		if (access(full, R_OK) == 0)
			return g_steal_pointer(&path);
	}
	return NULL;
}

/* Unpacks what the image holds, and makes modules.dep. */
static bool prepare_kernel(struct lu_set *set, const char *image, const char *release,
			   const char *modules, json_t *entry, GError **error)
{
	g_autofree char *image_path = g_build_filename(set->work, image, NULL);
	g_autofree char *modules_path = g_build_filename(set->work, modules, NULL);

	return lu_kernel_unpack(image_path, release, set->work, entry, error) &&
	       lu_depmod_make(modules_path, set->options->cancellable, error);
}

/* Paths are relative to the set's folder. */
json_t *lu_set_make_kernel(struct lu_set *set, const char *release, GError **error)
{
	g_autofree char *image = find_image(set, release);
	g_autofree char *modules = g_build_filename("root/usr/lib/modules", release, NULL);
	json_t *entry;

	if (!image) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "the packages of kernel %s have no kernel image", release);
		return NULL;
	}
	entry = json_pack("{s:s, s:s, s:s}", "release", release, "image", image, "modules",
			  modules);
	if (prepare_kernel(set, image, release, modules, entry, error))
		return entry;
	json_decref(entry);
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	const struct lu_package *const *one = a, *const *other = b;

	return strcmp((*one)->name, (*other)->name);
}

json_t *lu_set_describe(const struct lu_set *set)
{
	json_t *list = json_array();

	g_ptr_array_sort(set->packages, by_name);
	for (guint i = 0; i < set->packages->len; i++) {
		const struct lu_package *package = set->packages->pdata[i];

		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:s, s:s}", "package", package->name,
						"version", package->version, "architecture",
						package->arch, "sha256", package->sha256));
	}
	return list;
}

char *lu_set_write_manifest(struct lu_set *set, json_t *kernels, GError **error)
{
	g_autofree char *path = g_build_filename(set->work, "manifest.json", NULL);
	json_t *packages = lu_set_describe(set);
	char *identity = json_dumps(packages, JSON_COMPACT | JSON_SORT_KEYS);
	g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, identity, -1);
	json_t *manifest = json_pack("{s:i, s:s, s:s, s:o, s:o}", "format", LU_SET_FORMAT, "arch",
				     set->apt->arch, "flavour", set->machine->kernel_flavour,
				     "kernels", kernels, "packages", packages);
	bool ok;

	/* A set made from incomplete lists may not be the newest: warn as long as it is used. */
	if (set->apt->complaints)
		json_object_set_new(manifest, "complaints", json_string(set->apt->complaints));
	ok = json_dump_file(manifest, path, JSON_INDENT(1)) == 0;

	free(identity);
	json_decref(manifest);
	if (!ok) {
		lu_write_error(errno, path, set->cache, error);
		return NULL;
	}
	return g_strdup_printf("%s-%d-%.16s", set->apt->arch, LU_SET_FORMAT, hash);
}

/* Everything that needs the archive. */
static bool gather(struct lu_set *set, GError **error)
{
	g_assert(set->apt);
	if (!set->options->offline) {
		lu_set_note(set, "asking the archive for %s packages", set->machine->debian_arch);
		if (!lu_apt_update(set->apt, error))
			return false;
		if (set->apt->complaints)
			lu_set_note(set, "apt: %s", set->apt->complaints);
	}
	return add_kernels_and_programs(set, error) && lu_set_add_libraries(set, error);
}

static bool finish(struct lu_set *set, GError **error)
{
	g_autofree char *link_name = lu_cache_link_name(set->machine);
	g_autofree char *name = NULL;
	json_t *kernels = json_array();

	for (unsigned i = 0; i < 2; i++) {
		json_t *kernel = lu_set_make_kernel(set, set->releases[i], error);

		if (!kernel) {
			json_decref(kernels);
			return false;
		}
		json_array_append_new(kernels, kernel);
	}
	name = lu_set_write_manifest(set, kernels, error);
	return name && lu_cache_publish(set->cache, set->work, name, link_name, error);
}

void lu_set_drop_apt_cache(const struct lu_set *set)
{
	g_autofree char *path = g_build_filename(set->apt->dir, "cache", NULL);

	lu_cache_remove_tree(path);
}

bool lu_set_make(const struct lu_machine *machine, const char *cache,
		 const struct lu_assets_options *options, GError **error)
{
	struct lu_set set;
	bool ok = lu_set_begin(&set, machine, cache, options, error) && gather(&set, error) &&
		  finish(&set, error);

	if (set.apt)
		lu_set_drop_apt_cache(&set);
	lu_set_clear(&set);
	if (ok)
		lu_cache_prune(cache);
	return ok;
}
