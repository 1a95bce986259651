/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making a set of assets; private to assets/. Other folders use assets.h. */
#pragma once
#include <jansson.h>
#include "assets/apt.h"
#include "assets/assets.h"
#include "model/program.h"

#define LU_SET_FORMAT  3 /* of manifest.json and the folder; a set in another format is made again */
#define LU_SET_KERNELS 2 /* of a machine\'s set */

/* All programs of a set, ends with NULL: those that
 * any guest may run, and those of each workload. */
const struct lu_program *const *lu_programs(void);

/* A set being made. */
struct lu_set {
	const struct lu_machine *machine;
	const struct lu_assets_options *options;
	struct lu_apt *apt;
	char *cache;
	char *work;	     /* folder of the set that is being made */
	char *root;	     /* work/root */
	GPtrArray *packages; /* struct lu_package, those unpacked in root */
	GHashTable *owners;  /* guest path of a program or library → struct lu_package */
	GPtrArray *programs; /* guest paths of what needs libraries; NULL: those of lu_programs() */
	char *releases[2];   /* older, newer */
};

/* A new set with an empty folder work-XXXXXX in the cache, whose lock
 * the caller holds, and an apt for the machine. machine and options
 * are borrowed. The caller has to call lu_set_clear() in any case. */
bool lu_set_begin(struct lu_set *set, const struct lu_machine *machine, const char *cache,
		  const struct lu_assets_options *options, GError **error);
/* An apt in the set's cache for that architecture; lu_apt_free. */
struct lu_apt *lu_set_open_apt(const struct lu_set *set, const char *arch, GError **error);
/* Frees it, with its folder unless that has been renamed. */
void lu_set_clear(struct lu_set *set);
/* Report progress to the caller that asked for the set. */
void lu_set_note(const struct lu_set *set, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* assets/kernels.c: the newest two of the flavour's series. Fills set->releases,
 * returns their packages. */
GPtrArray *lu_set_pick_kernels(struct lu_set *set, GError **error);
/* The newest of names ("linux-image-RELEASE") that is before newest, of its series and flavour, in
 * *older; g_free. */
bool lu_kernels_adjacent(char **names, const char *flavour, const char *newest, char **older);

/* assets/libraries.c: packages of the libraries that programs in root still need; empty when
 * nothing is missing. */
GPtrArray *lu_set_missing_libraries(struct lu_set *set, GError **error);

/* assets/fetch.c: gets packages (cached or downloaded), checks SHA-256, unpacks them into
 * set->root, appends them to set->packages (ownership of the elements moves). */
bool lu_set_add(struct lu_set *set, GPtrArray *packages, GError **error);

/* assets/make.c: adds what lu_set_missing_libraries() finds until nothing is missing. */
bool lu_set_add_libraries(struct lu_set *set, GError **error);
/* [{"package","version","architecture","sha256"}], sorted; new reference. */
json_t *lu_set_describe(const struct lu_set *set);
/* apt's index of its lists is larger than they are, and made anew at need. */
void lu_set_drop_apt_cache(const struct lu_set *set);

/* assets/make.c: makes the machine's set and publishes it. The caller holds the cache's lock. */
bool lu_set_make(const struct lu_machine *machine, const char *cache,
		 const struct lu_assets_options *options, GError **error);

/* assets/kernels.c: the packages of the kernel that the machine's flavour has under that name: a
 * release, with or without the flavour, or what a metapackage names ("6.12"). Sets
 * set->releases[0]. NULL: LU_ERROR_USAGE lists what there is. */
GPtrArray *lu_set_named_kernel(struct lu_set *set, const char *name, GError **error);
/* assets/make.c: a kernel's entry in the manifest, once its packages are unpacked; new reference. */
json_t *lu_set_make_kernel(struct lu_set *set, const char *release, GError **error);
/* Writes the set's manifest with these entries (a list, taken); the set's name in the cache, g_free,
 * or NULL. */
char *lu_set_write_manifest(struct lu_set *set, json_t *kernels, GError **error);

/* assets/assets.c: the set that a link in the cache names, NULL: none that is whole. kernels: how
 * many it has; one is a kernel by itself (assets/kernel-package.c). */
struct lu_assets *lu_assets_open_link(const char *cache, const char *link_name, unsigned kernels);
/* Its images are what they were; seals those that have no seal yet. LU_ERROR_FAILED: cache damaged. */
bool lu_kernel_is_whole(const struct lu_kernel *kernel, GError **error);
