/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Assets: the Debian packages that guests are made of. apt fetches them into a private state from
 * the archive that the host is configured for and checks their signatures; they are unpacked
 * without root and cached by content in $XDG_CACHE_HOME/lubench.
 */
#pragma once
#include <gio/gio.h>
#include <jansson.h>
#include <stdbool.h>
#include "model/machine.h"

struct lu_assets; /* an open, complete set for one machine */

struct lu_kernel {
	char *release;	   /* "6.1.0-56-FLAVOUR" */
	char *image;	   /* path of the packaged image */
	GHashTable *files; /* name of a form (kernel-form.h) → path of the kernel in it */
	char *modules;	   /* path of lib/modules/RELEASE, which has modules.dep */
	char *folder; /* of the set in the cache, which has the seals (seal.h); NULL: built here */
	char *tree;   /* folder where it was built from source (kernel-tree.h), NULL: Debian's */
	char *sha256; /* of its image when it was built; Debian's packages have theirs */
};

struct lu_assets_options {
	GCancellable *cancellable;
	bool offline;
	bool refresh; /* ask the archive for newer versions even if a set is cached */
	void (*note)(void *data, const char *text);
	void *note_data;
};

/*
 * The set for a machine: two adjacent kernels and the programs' packages. Serialised by a file
 * lock, so that two concurrent runs fetch only once. A new set is made in another folder and
 * renamed, so the cache is never incomplete. LU_ERROR_UNSUPPORTED or FAILED: which package, apt's
 * message, or that the disk is full (how much is needed and how much is free).
 */
struct lu_assets *lu_assets_open(const struct lu_machine *machine,
				 const struct lu_assets_options *options, GError **error);
/*
 * A packaged kernel of the machine's flavour by itself, as lu_assets_kernel(…, 0): a release
 * ("6.12.117+deb12-FLAVOUR", or without the flavour), or a series for which the archive names
 * the newest ("6.12"). Fetched and cached as a set is. LU_ERROR_USAGE lists the releases that the
 * archive has, LU_ERROR_UNSUPPORTED when it is not cached and downloads are off.
 */
struct lu_assets *lu_assets_open_kernel(const struct lu_machine *machine, const char *name,
					const struct lu_assets_options *options, GError **error);
void lu_assets_free(struct lu_assets *assets); /* NULL is fine */
/* which: 0 the older, 1 the newer. */
const struct lu_kernel *lu_assets_kernel(const struct lu_assets *assets, unsigned which);
/* Path of the kernel image in that form, borrowed. LU_ERROR_UNSUPPORTED lists the forms. */
const char *lu_kernel_file(const struct lu_kernel *kernel, const char *form, GError **error);
/* SHA-256 of one of its images; g_free. LU_ERROR_FAILED: it cannot be read, or the cache is
 * damaged. */
char *lu_kernel_hash(const struct lu_kernel *kernel, const char *path, GError **error);
/* Folder of the set, which has the seals of what is in it. */
const char *lu_assets_folder(const struct lu_assets *assets);
/* Root of the unpacked userland packages (usr/sbin/criu below it). */
const char *lu_assets_root(const struct lu_assets *assets);
/* Path on the host of a program by its short name ("criu", "redis-server", "mke2fs", "kexec"), or
 * NULL with error. */
char *lu_assets_program(const struct lu_assets *assets, const char *name, GError **error);
/* Path in the guest of a program by its short name ("/usr/sbin/criu"), static, or NULL for an
 * unknown one. */
const char *lu_assets_guest_path(const char *name);
/* [{"package","version","architecture","sha256"}], borrowed. */
json_t *lu_assets_describe(const struct lu_assets *assets);
/* Cache folder of lubench ($XDG_CACHE_HOME/lubench); caller frees. */
char *lu_assets_cache_dir(void);
