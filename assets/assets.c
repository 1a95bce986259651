/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An open set of assets, from the cache or made if necessary. */
#include "assets/assets.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "record/error.h"
#include "assets/cache.h"
#include "assets/kernel-files.h"
#include "assets/kernel-form.h"
#include "assets/seal.h"
#include "assets/set.h"
#include "assets/root-path.h"

struct lu_assets {
	int fd; /* of the manifest, with a shared lock: keeps the set from being pruned */
	char *folder;
	char *root;
	json_t *manifest;
	struct lu_kernel kernels[2];
};

char *lu_assets_cache_dir(void)
{
	return g_build_filename(g_get_user_cache_dir(), "lubench", NULL);
}

/* Path of a part that the manifest names, NULL: it names none, or it is not there. g_free. */
static char *find_part(const struct lu_assets *assets, json_t *kernel, const char *key)
{
	const char *value = json_string_value(json_object_get(kernel, key));
	g_autofree char *path = value ? g_build_filename(assets->folder, value, NULL) : NULL;

	return path && access(path, R_OK) == 0 ? g_steal_pointer(&path) : NULL;
}

/* Forms that were unpacked of the image. False: one is named and not there. */
static bool take_forms(struct lu_assets *assets, struct lu_kernel *kernel, json_t *entry)
{
	for (size_t i = 0; lu_kernel_forms[i]; i++) {
		const char *name = lu_kernel_forms[i]->name;
		char *path = find_part(assets, entry, name);

		if (path)
			lu_kernel_take_file(kernel, name, path);
		else if (json_object_get(entry, name))
			return false;
	}
	return true;
}

static bool take_kernel(struct lu_assets *assets, unsigned which)
{
	json_t *list = json_object_get(assets->manifest, "kernels");
	json_t *entry = json_array_get(list, which);
	struct lu_kernel *kernel = &assets->kernels[which];
	char *image = find_part(assets, entry, "image");
	g_autofree char *dep = NULL;

	kernel->folder = g_strdup(assets->folder);
	kernel->release = g_strdup(json_string_value(json_object_get(entry, "release")));
	kernel->modules = find_part(assets, entry, "modules");
	if (image)
		lu_kernel_take_image(kernel, image);
	if (!kernel->release || !image || !kernel->modules || !take_forms(assets, kernel, entry))
		return false;
	dep = g_build_filename(kernel->modules, "modules.dep", NULL);
	return access(dep, R_OK) == 0;
}

/* Opens and locks the manifest; the set may be pruned
 * between reading the link and taking the lock. */
static bool lock_manifest(struct lu_assets *assets)
{
	g_autofree char *path = g_build_filename(assets->folder, "manifest.json", NULL);
	struct stat st;

	assets->fd = open(path, O_RDONLY | O_CLOEXEC);
	return assets->fd >= 0 && flock(assets->fd, LOCK_SH | LOCK_NB) == 0 &&
	       fstat(assets->fd, &st) == 0 && st.st_nlink > 0;
}

/* Does the set have all programs? One that was made before a workload was added is made again. */
static bool has_programs(const struct lu_assets *assets)
{
	for (const struct lu_program *const *program = lu_programs(); *program; program++) {
		g_autofree char *final =
			lu_root_resolve(assets->root, (*program)->path, NULL, NULL);

		if (!final)
			return false;
	}
	return true;
}

/* With that many kernels; one alone is a kernel by itself, without programs. */
static bool take_set(struct lu_assets *assets, unsigned kernels)
{
	json_t *format;

	if (!lock_manifest(assets))
		return false;
	assets->manifest = json_loadfd(assets->fd, 0, NULL);
	format = json_object_get(assets->manifest, "format");
	return json_integer_value(format) == LU_SET_FORMAT && take_kernel(assets, 0) &&
	       (kernels == 1 || (take_kernel(assets, 1) && has_programs(assets)));
}

struct lu_assets *lu_assets_open_link(const char *cache, const char *link_name, unsigned kernels)
{
	g_autofree char *link_path = g_build_filename(cache, link_name, NULL);
	g_autofree char *target = g_file_read_link(link_path, NULL);
	struct lu_assets *assets;

	if (!target)
		return NULL;
	assets = g_new0(struct lu_assets, 1);
	assets->folder = g_build_filename(cache, target, NULL);
	assets->root = g_build_filename(assets->folder, "root", NULL);
	if (take_set(assets, kernels))
		return assets;
	lu_assets_free(assets);
	return NULL;
}

/* The machine's current set, or NULL when there is no complete one. */
static struct lu_assets *open_cached(const struct lu_machine *machine, const char *cache)
{
	g_autofree char *link_name = lu_cache_link_name(machine);

	return lu_assets_open_link(cache, link_name, LU_SET_KERNELS);
}

/* In whatever form a kernel boots. */
bool lu_kernel_is_whole(const struct lu_kernel *kernel, GError **error)
{
	GHashTableIter iter;
	gpointer path;

	if (kernel->image && !lu_seal_check(kernel->folder, kernel->image, NULL, error))
		return false;
	if (!kernel->files)
		return true;
	g_hash_table_iter_init(&iter, kernel->files);
	while (g_hash_table_iter_next(&iter, NULL, &path))
		if (!lu_seal_check(kernel->folder, path, NULL, error))
			return false;
	return true;
}

/* What boots is what was fetched: images are checked each time, which costs a look at each. */
static bool is_whole(const struct lu_assets *assets, GError **error)
{
	return lu_kernel_is_whole(&assets->kernels[0], error) &&
	       lu_kernel_is_whole(&assets->kernels[1], error);
}

static struct lu_assets *make_and_open(const struct lu_machine *machine, const char *cache,
				       const struct lu_assets_options *options, GError **error)
{
	struct lu_assets *assets;

	if (!lu_set_make(machine, cache, options, error))
		return NULL;
	assets = open_cached(machine, cache);
	if (!assets)
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
			    "the set of assets just made in %s is incomplete", cache);
	else if (!is_whole(assets, error)) /* which seals it */
		g_clear_pointer(&assets, lu_assets_free);
	return assets;
}

/* With the lock held: an incomplete current set would prevent a new one of the same packages. */
static void discard_current(const struct lu_machine *machine, const char *cache)
{
	g_autofree char *link_name = lu_cache_link_name(machine);
	g_autofree char *link_path = g_build_filename(cache, link_name, NULL);
	g_autofree char *target = g_file_read_link(link_path, NULL);
	g_autofree char *folder = target ? g_build_filename(cache, target, NULL) : NULL;

	if (!folder)
		return;
	unlink(link_path);
	lu_cache_remove_tree(folder);
}

static struct lu_assets *fetch(const struct lu_machine *machine, const char *cache,
			       const struct lu_assets_options *options, GError **error)
{
	struct lu_assets *assets = NULL;
	int lock = lu_cache_lock(cache, options->cancellable, options->note, options->note_data,
				 error);

	if (lock < 0)
		return NULL;
	lu_cache_sweep(cache);
	/* The previous holder of the lock may have made it. */
	assets = open_cached(machine, cache);
	/* A damaged one has the name that the new one of the same packages will have. */
	if (assets && !lu_seal_check_all(assets->folder))
		g_clear_pointer(&assets, lu_assets_free);
	if (!assets)
		discard_current(machine, cache);
	if (options->refresh) {
		g_clear_pointer(&assets, lu_assets_free);
		lu_cache_forget_packages(cache);
		lu_cache_drop_damaged(cache, "kmods");
	}
	if (!assets)
		assets = make_and_open(machine, cache, options, error);
	close(lock);
	return assets;
}

static void repeat_complaints(const struct lu_assets *assets,
			      const struct lu_assets_options *options)
{
	json_t *words = json_object_get(assets->manifest, "complaints");
	g_autofree char *text = NULL;

	if (!words || !options->note)
		return;
	text = g_strdup_printf(
		"these packages may not be the newest; when they were fetched, apt reported: %s",
		json_string_value(words));
	options->note(options->note_data, text);
}

struct lu_assets *lu_assets_open(const struct lu_machine *machine,
				 const struct lu_assets_options *options, GError **error)
{
	static const struct lu_assets_options defaults;
	g_autofree char *cache = lu_assets_cache_dir();
	struct lu_assets *assets = NULL;

	if (machine->payload.file) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "machine %s boots %s of its own folder: no packages are needed",
			    machine->name, machine->payload.file);
		return NULL;
	}
	options = options ? options : &defaults;
	if (!options->refresh)
		assets = open_cached(machine, cache);
	if (assets && !is_whole(assets, error)) {
		lu_assets_free(assets);
		return NULL;
	}
	if (assets) {
		repeat_complaints(assets, options);
		return assets;
	}
	if (options->offline) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "no packages for %s (%s) in %s, and downloads are disabled: run "
			    "`lubench assets` with a network",
			    machine->name, machine->debian_arch, cache);
		return NULL;
	}
	return fetch(machine, cache, options, error);
}

void lu_assets_free(struct lu_assets *assets)
{
	if (!assets)
		return;
	for (unsigned i = 0; i < 2; i++)
		lu_kernel_clear(&assets->kernels[i]);
	if (assets->fd >= 0)
		close(assets->fd);
	json_decref(assets->manifest);
	g_free(assets->folder);
	g_free(assets->root);
	g_free(assets);
}

const struct lu_kernel *lu_assets_kernel(const struct lu_assets *assets, unsigned which)
{
	return &assets->kernels[which ? 1 : 0];
}

const char *lu_assets_folder(const struct lu_assets *assets)
{
	return assets->folder;
}

const char *lu_assets_root(const struct lu_assets *assets)
{
	return assets->root;
}

const char *lu_assets_guest_path(const char *name)
{
	for (const struct lu_program *const *program = lu_programs(); *program; program++)
		if (!strcmp((*program)->name, name))
			return (*program)->path;
	return NULL;
}

char *lu_assets_program(const struct lu_assets *assets, const char *name, GError **error)
{
	const char *path = lu_assets_guest_path(name);
	g_autofree char *final = path ? lu_root_resolve(assets->root, path, NULL, NULL) : NULL;

	if (final)
		return g_strconcat(assets->root, final, NULL);
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED, "no program %s among the assets in %s",
		    name, assets->folder);
	return NULL;
}

json_t *lu_assets_describe(const struct lu_assets *assets)
{
	return json_object_get(assets->manifest, "packages");
}
