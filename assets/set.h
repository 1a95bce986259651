/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making a set of assets; private to assets/. Other folders use assets.h. */
#pragma once
#include <jansson.h>
#include "assets/apt.h"
#include "assets/assets.h"
#include "model/program.h"

#define LU_SET_FORMAT 3 /* of manifest.json and the folder; a set in another format is made again */

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
