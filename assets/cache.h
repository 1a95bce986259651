/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cache folder and its rules:
 *
 *   deb/SHA256.deb               verified packages
 *   sets/ARCH-HASH/              complete sets, never changed once there: manifest.json, root/,
 *                                FORM-RELEASE of what kernel images held packed (kernel-form.h)
 *                                and seals/, by which damage is seen (seal.h)
 *   current-ARCH-FLAVOUR-FORMAT  symlink to the set in use, swapped by rename
 *   current-ARCH-packages-FORMAT-HASH
 *                                likewise of packages that a user named (packages.h)
 *   headers/RELEASE/, kmods/RELEASE@HASH/
 *                                what modules were built against, and those built for a kernel
 *   kdat/RELEASE@HASH            a kernel's features, as CRIU found them (qemu/boot/kdat.h)
 *   apt/ARCH/                    apt's private state
 *   work-XXXXXX/                 a set being made; what the holder of the lock finds of these was
 *                                left by a run that died
 *   lock                         held (flock) by whoever makes a set
 */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

struct lu_machine;

/* Takes the lock, waiting for another holder (reported through note) until cancelled. Returns the
 * descriptor to close, or -1. */
int lu_cache_lock(const char *cache, GCancellable *cancellable,
		  void (*note)(void *data, const char *text), void *note_data, GError **error);
/* With the lock held: removes leftovers of runs that died. */
void lu_cache_sweep(const char *cache);
/* With the lock held: removes sets that no current-* names and no run has open, packages of no set,
 * and folders made for kernels of no set. */
void lu_cache_prune(const char *cache);
/* In the names of links to packages that a user named. */
#define LU_CACHE_PACKAGES "-packages-"
/* Of links to kernels that plans have named. */
#define LU_CACHE_KERNEL "-kernel-"
/* With the lock held: removes both kinds of links, so that the archive is asked for newer versions. */
void lu_cache_forget_packages(const char *cache);
/* Removes folders below that folder of the cache in which a file is not what it was (seal.h). */
void lu_cache_drop_damaged(const char *cache, const char *folder);
/* Removes a folder with its contents, without following symlinks. */
void lu_cache_remove_tree(const char *path);
/* Moves the completed set `work` to sets/NAME, unless one is there undamaged, and switches the
 * machine's current link to it. */
bool lu_cache_publish(const char *cache, const char *work, const char *name, const char *link_name,
		      GError **error);
/* "current-ARCH-FLAVOUR-3": with the format, so that two versions of lubench do not consider each
 * other's sets broken; g_free. */
char *lu_cache_link_name(const struct lu_machine *machine);
/* LU_ERROR_FAILED unless the cache's file system has room for bytes. */
bool lu_cache_has_room(const char *cache, int64_t bytes, const char *what, GError **error);
