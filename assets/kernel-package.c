/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packaged kernel that a plan names: a set of its own, kept under the link
 * current-ARCH-kernel-FLAVOUR-NAME-FORMAT, so that what was made for it is kept as long. */
#include <unistd.h>
#include "record/error.h"
#include "assets/cache.h"
#include "assets/set.h"

/* g_free. The name is a word without a slash. */
static char *link_name(const struct lu_machine *machine, const char *name)
{
	return g_strdup_printf("current-%s" LU_CACHE_KERNEL "%s-%s-%d", machine->debian_arch,
			       machine->kernel_flavour, name, LU_SET_FORMAT);
}

static bool gather(struct lu_set *set, const char *name, GError **error)
{
	g_autoptr(GPtrArray) packages = NULL;

	lu_set_note(set, "asking the archive for kernel %s", name);
	if (!lu_apt_update(set->apt, error))
		return false;
	packages = lu_set_named_kernel(set, name, error);
	return packages && lu_set_add(set, packages, error);
}

static bool finish(struct lu_set *set, const char *link, GError **error)
{
	json_t *kernel = lu_set_make_kernel(set, set->releases[0], error);
	g_autofree char *name =
		kernel ? lu_set_write_manifest(set, json_pack("[o]", kernel), error) : NULL;

	return name && lu_cache_publish(set->cache, set->work, name, link, error);
}

static bool make(const struct lu_machine *machine, const char *name, const char *cache,
		 const char *link, const struct lu_assets_options *options, GError **error)
{
	struct lu_set set;
	bool ok = lu_set_begin(&set, machine, cache, options, error) && gather(&set, name, error) &&
		  finish(&set, link, error);

	if (set.apt)
		lu_set_drop_apt_cache(&set);
	lu_set_clear(&set);
	return ok;
}

/* Takes assets; NULL: they are damaged. */
static struct lu_assets *checked(struct lu_assets *assets, GError **error)
{
	if (lu_kernel_is_whole(lu_assets_kernel(assets, 0), error))
		return assets;
	lu_assets_free(assets);
	return NULL;
}

static struct lu_assets *fetch(const struct lu_machine *machine, const char *name,
			       const char *cache, const char *link,
			       const struct lu_assets_options *options, GError **error)
{
	struct lu_assets *assets;
	int lock = lu_cache_lock(cache, options->cancellable, options->note, options->note_data,
				 error);

	if (lock < 0)
		return NULL;
	lu_cache_sweep(cache);
	assets = lu_assets_open_link(cache, link, 1); /* whoever held the lock may have made it */
	if (!assets && make(machine, name, cache, link, options, error)) {
		assets = lu_assets_open_link(cache, link, 1);
		if (!assets)
			g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
				    "the kernel just fetched to %s is not whole", cache);
	}
	close(lock);
	return assets ? checked(assets, error) : NULL;
}

struct lu_assets *lu_assets_open_kernel(const struct lu_machine *machine, const char *name,
					const struct lu_assets_options *options, GError **error)
{
	g_autofree char *cache = lu_assets_cache_dir();
	g_autofree char *link = link_name(machine, name);
	struct lu_assets *assets = lu_assets_open_link(cache, link, 1);

	if (assets)
		return checked(assets, error);
	if (!options->offline)
		return fetch(machine, name, cache, link, options, error);
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "kernel '%s' is not in the cache, and downloads are off; allowed: previous, "
		    "newest, the folder of a built kernel, or the same with a network",
		    name);
	return NULL;
}
