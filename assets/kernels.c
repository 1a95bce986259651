/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Selects the two kernels of an update: the one that the flavour's metapackage depends on, and the
 * preceding release of the same upstream series ("6.1"), both as the archive has them now.
 */
#include <string.h>
#include "record/error.h"
#include "assets/set.h"

#define PREFIX "linux-image-"

static void missing(const struct lu_set *set, const char *what, GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "this host's archive has no %s for %s%s%s", what, set->machine->debian_arch,
		    set->apt->complaints ? "; apt: " : "",
		    set->apt->complaints ? set->apt->complaints : "");
}

/* "6.1.0-56-FLAVOUR" of "linux-image-6.1.0-56-FLAVOUR", or NULL for another
 * flavour, -dbg, -unsigned. */
static char *release_of(const char *package, const char *flavour)
{
	g_autofree char *suffix = g_strconcat("-", flavour, NULL);
	const char *release = package + strlen(PREFIX);

	if (!g_str_has_prefix(package, PREFIX) || !g_ascii_isdigit(*release) ||
	    !g_str_has_suffix(package, suffix))
		return NULL;
	return g_strdup(release);
}

/* Length of "6.1." in "6.1.0-56-FLAVOUR". */
static size_t series_length(const char *release)
{
	size_t major = strcspn(release, ".");
	size_t minor = release[major] ? strcspn(release + major + 1, ".-+") : 0;

	return major + 1 + minor + 1;
}

/* A release is VERSION-FLAVOUR; a longer flavour ("rt-cloud" for "cloud") is another kernel. */
static bool same_flavour(const char *release, const char *flavour)
{
	size_t rest = strlen(release) - strlen(flavour) - 1;

	for (size_t i = 0; i + 1 < rest; i++)
		if (release[i] == '-' && g_ascii_isalpha(release[i + 1]))
			return false;
	return true;
}

bool lu_kernels_adjacent(char **names, const char *flavour, const char *newest, char **older)
{
	size_t series = series_length(newest);

	g_clear_pointer(older, g_free);
	for (; *names; names++) {
		g_autofree char *release = release_of(*names, flavour);

		if (!release || !same_flavour(release, flavour) ||
		    strncmp(release, newest, series) || strverscmp(release, newest) >= 0)
			continue;
		if (!*older || strverscmp(release, *older) > 0) {
			g_free(*older);
			*older = g_steal_pointer(&release);
		}
	}
	return *older != NULL;
}

static char *newest_release(struct lu_set *set, GError **error)
{
	const char *flavour = set->machine->kernel_flavour;
	g_autofree char *meta = g_strconcat(PREFIX, flavour, NULL);
	const char *names[] = {meta, NULL};
	g_autoptr(GPtrArray) found = lu_apt_show(set->apt, names, error);
	struct lu_package *package;

	if (!found)
		return NULL;
	package = lu_package_find(found, meta);
	for (char **need = package ? package->needs : NULL; need && *need; need++) {
		char *release = release_of(*need, flavour);

		if (release)
			return release;
	}
	missing(set, meta, error);
	return NULL;
}

/* Removes name from names: apt knows it, but has no version of it to install. */
static void forget(char **names, const char *name)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			(*names)[0] = '\0';
}

/* Newer Debian releases split the kernel image's package, which then depends on
 * linux-binary-RELEASE, linux-modules-RELEASE, … */
static bool add_parts(struct lu_set *set, GPtrArray *kernels, const char *release, GError **error)
{
	g_autofree char *name = g_strconcat(PREFIX, release, NULL);
	struct lu_package *kernel = lu_package_find(kernels, name);
	g_autoptr(GPtrArray) parts = g_ptr_array_new();
	g_autoptr(GPtrArray) found = NULL;

	for (char **need = kernel->needs; *need; need++)
		if (g_str_has_prefix(*need, "linux-") && strstr(*need, release))
			g_ptr_array_add(parts, *need);
	if (!parts->len)
		return true;
	g_ptr_array_add(parts, NULL);
	found = lu_apt_show(set->apt, (const char *const *)parts->pdata, error);
	if (!found)
		return false;
	g_ptr_array_extend_and_steal(kernels, g_steal_pointer(&found));
	return true;
}

/* The newest release before set->releases[1] that apt can install; adds its package to kernels. */
static bool pick_older(struct lu_set *set, GPtrArray *kernels, GError **error)
{
	const char *newest = set->releases[1];
	g_auto(GStrv) names = lu_apt_names(set->apt, PREFIX, error);

	if (!names)
		return false;
	while (lu_kernels_adjacent(names, set->machine->kernel_flavour, newest,
				   &set->releases[0])) {
		g_autofree char *name = g_strconcat(PREFIX, set->releases[0], NULL);
		const char *query[] = {name, NULL};
		g_autoptr(GPtrArray) found = lu_apt_show(set->apt, query, error);

		if (!found)
			return false;
		if (found->len) {
			g_ptr_array_extend_and_steal(kernels, g_steal_pointer(&found));
			return true;
		}
		forget(names, name);
	}
	missing(set, "second kernel of the same series and flavour", error);
	return false;
}

GPtrArray *lu_set_pick_kernels(struct lu_set *set, GError **error)
{
	g_autoptr(GPtrArray) kernels = NULL;
	g_autofree char *name = NULL;

	set->releases[1] = newest_release(set, error);
	if (!set->releases[1])
		return NULL;
	name = g_strconcat(PREFIX, set->releases[1], NULL);
	kernels = lu_apt_show(set->apt, (const char *[]){name, NULL}, error);
	if (!kernels)
		return NULL;
	if (!kernels->len) {
		missing(set, name, error);
		return NULL;
	}
	if (!pick_older(set, kernels, error) || !add_parts(set, kernels, set->releases[0], error) ||
	    !add_parts(set, kernels, set->releases[1], error))
		return NULL;
	return g_steal_pointer(&kernels);
}

static gint by_version(gconstpointer a, gconstpointer b)
{
	return strverscmp(*(const char *const *)a, *(const char *const *)b);
}

/* Releases of the flavour, oldest first; NULL-terminated strings. */
static GPtrArray *releases(struct lu_set *set)
{
	const char *flavour = set->machine->kernel_flavour;
	g_auto(GStrv) names = lu_apt_names(set->apt, PREFIX, NULL);
	GPtrArray *list = g_ptr_array_new_with_free_func(g_free);

	for (char **name = names; name && *name; name++) {
		g_autofree char *release = release_of(*name, flavour);

		/* A metapackage's has no third number: "6.12-FLAVOUR". */
		if (release && same_flavour(release, flavour) &&
		    release[series_length(release) - 1] == '.')
			g_ptr_array_add(list, g_steal_pointer(&release));
	}
	g_ptr_array_sort(list, by_version);
	g_ptr_array_add(list, NULL);
	return list;
}

static void unknown(struct lu_set *set, const char *name, GError **error)
{
	g_autoptr(GPtrArray) all = releases(set);
	g_autofree char *list = g_strjoinv(", ", (char **)all->pdata);

	g_set_error(
		error, LU_ERROR, LU_ERROR_USAGE,
		"kernel '%s' is not in the archive of this host; allowed: previous, newest, the "
		"folder of a built kernel, or of flavour %s: %s",
		name, set->machine->kernel_flavour, list);
}

/* Of a metapackage the release that it depends on, else its own. */
static char *release_named(const struct lu_package *package, const char *flavour)
{
	for (char **need = package->needs; need && *need; need++) {
		char *release = release_of(*need, flavour);

		if (release)
			return release;
	}
	return release_of(package->name, flavour);
}

/* "linux-image-NAME", with the flavour unless it has it; g_free. */
static char *package_of(const struct lu_set *set, const char *name)
{
	g_autofree char *suffix = g_strconcat("-", set->machine->kernel_flavour, NULL);

	return g_strconcat(PREFIX, name, g_str_has_suffix(name, suffix) ? "" : suffix, NULL);
}

/* Sets set->releases[0]. */
static bool find_named(struct lu_set *set, const char *name, GError **error)
{
	g_autofree char *wanted = package_of(set, name);
	g_autoptr(GPtrArray) found = lu_apt_show(set->apt, (const char *[]){wanted, NULL}, error);
	struct lu_package *package = found ? lu_package_find(found, wanted) : NULL;

	if (!found)
		return false;
	if (package)
		set->releases[0] = release_named(package, set->machine->kernel_flavour);
	if (!set->releases[0])
		unknown(set, name, error);
	return set->releases[0] != NULL;
}

GPtrArray *lu_set_named_kernel(struct lu_set *set, const char *name, GError **error)
{
	g_autoptr(GPtrArray) kernels = NULL;
	g_autofree char *image = NULL;

	if (!find_named(set, name, error))
		return NULL;
	image = g_strconcat(PREFIX, set->releases[0], NULL);
	kernels = lu_apt_show(set->apt, (const char *[]){image, NULL}, error);
	if (!kernels)
		return NULL;
	if (!lu_package_find(kernels, image)) {
		missing(set, image, error);
		return NULL;
	}
	return add_parts(set, kernels, set->releases[0], error) ? g_steal_pointer(&kernels) : NULL;
}
