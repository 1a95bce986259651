/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Debian's headers of a kernel: linux-headers-RELEASE, the -common package that it depends on, and
 * linux-kbuild with the programs that the build runs on this host. The first two are of the guest's
 * architecture, the last of the host's.
 */
#include "assets/headers.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "record/error.h"
#include "assets/cache.h"
#include "assets/set.h"
#include "assets/unpack.h"
#include "host/child.h"

static char *debian_arch(GCancellable *cancellable, GError **error)
{
	static const char *const argv[] = {"dpkg", "--print-architecture", NULL};
	struct lu_child child = {.argv = argv, .timeout_s = 30, .cancellable = cancellable};
	char *arch = lu_child_says(&child, error);

	return arch ? g_strstrip(arch) : NULL;
}

static struct lu_package *take(GPtrArray *packages, const char *name)
{
	for (guint i = 0; i < packages->len; i++) {
		struct lu_package *package = packages->pdata[i];

		if (g_str_equal(package->name, name))
			return g_ptr_array_steal_index(packages, i);
	}
	return NULL;
}

/* Finds one package by name; the package lists are
 * refreshed when they do not have it. NULL with error. */
static struct lu_package *look_up(struct lu_set *set, const char *name, GError **error)
{
	const char *names[] = {name, NULL};

	for (int round = 0; round < 2; round++) {
		g_autoptr(GPtrArray) found = lu_apt_show(set->apt, names, error);
		struct lu_package *package = found ? take(found, name) : NULL;

		if (package || !found)
			return package;
		if (set->options->offline || round)
			break;
		if (!lu_apt_update(set->apt, error))
			return NULL;
	}
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "modules for the guest need package %s (%s), which %s", name, set->apt->arch,
		    set->options->offline ? "is not in the cache, and downloads are disabled"
					  : "this host's archive does not have");
	return NULL;
}

/* Fetches and unpacks it. Returns the packages that it depends on (g_strfreev). */
static char **add_one(struct lu_set *set, const char *name, GError **error)
{
	g_autoptr(GPtrArray) one = g_ptr_array_new_with_free_func((GDestroyNotify)lu_package_free);
	struct lu_package *package = look_up(set, name, error);
	char **needs;

	if (!package)
		return NULL;
	g_ptr_array_add(one, package);
	needs = g_strdupv(package->needs);
	if (lu_set_add(set, one, error))
		return needs;
	g_strfreev(needs);
	return NULL;
}

static bool add_needed(struct lu_set *set, char **needs, const char *prefix, GError **error)
{
	for (; *needs; needs++) {
		g_auto(GStrv) more = NULL;

		if (!g_str_has_prefix(*needs, prefix))
			continue;
		more = add_one(set, *needs, error);
		if (!more)
			return false;
	}
	return true;
}

static bool add_kbuild(struct lu_set *set, char **needs, GError **error)
{
	g_autofree char *arch = debian_arch(set->options->cancellable, error);
	struct lu_apt *guests = set->apt, *host;
	bool ok;

	if (!arch)
		return false;
	if (g_str_equal(arch, guests->arch))
		return add_needed(set, needs, "linux-kbuild-", error);
	host = lu_set_open_apt(set, arch, error);
	if (!host)
		return false;
	set->apt = host;
	ok = add_needed(set, needs, "linux-kbuild-", error);
	set->apt = guests;
	lu_apt_free(host);
	return ok;
}

/* The packaged Makefile includes /usr/src/…, which is in another place here. */
static bool mend_makefile(const char *root, const char *release, GError **error)
{
	g_autofree char *path =
		g_strdup_printf("%s/usr/src/linux-headers-%s/Makefile", root, release);
	g_autofree char *text = NULL;
	g_autoptr(GError) cause = NULL;
	g_autoptr(GString) mended = NULL;

	if (g_file_get_contents(path, &text, NULL, &cause)) {
		mended = g_string_new(text);
		g_string_replace(mended, "include /usr/src/", "include ../", 0);
		if (g_file_set_contents(path, mended->str, -1, &cause))
			return true;
	}
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "headers of %s: %s", release, cause->message);
	return false;
}

static bool gather(struct lu_set *set, const char *release, GError **error)
{
	g_autofree char *name = g_strconcat("linux-headers-", release, NULL);
	g_auto(GStrv) needs = add_one(set, name, error);

	return needs && add_needed(set, needs, "linux-headers-", error) &&
	       add_kbuild(set, needs, error) && mend_makefile(set->root, release, error);
}

static bool publish(const struct lu_set *set, const char *path, GError **error)
{
	g_autofree char *parent = g_path_get_dirname(path);

	g_mkdir_with_parents(parent, 0755);
	return rename(set->work, path) == 0 || lu_write_error(errno, path, set->cache, error);
}

static bool fetch(const struct lu_kmods *kmods, const char *cache, const char *path, GError **error)
{
	const char *release = kmods->kernel->release;
	struct lu_set set;
	bool ok = lu_set_begin(&set, kmods->machine, cache, kmods->options, error);

	lu_set_note(&set, "fetching the headers of %s", release);
	ok = ok && gather(&set, release, error) && publish(&set, path, error);
	lu_set_clear(&set);
	return ok;
}

char *lu_headers_get(const struct lu_kmods *kmods, const char *cache, GError **error)
{
	g_autofree char *path = g_build_filename(cache, "headers", kmods->kernel->release, NULL);
	g_autofree char *name = g_strconcat("linux-headers-", kmods->kernel->release, NULL);

	if (access(path, R_OK) < 0 && !fetch(kmods, cache, path, error))
		return NULL;
	return g_build_filename(path, "root/usr/src", name, NULL);
}
