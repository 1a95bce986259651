/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An archive of small made-up Debian packages and an apt-get and apt-cache (shell scripts, first in
 * PATH) that serve it, so that every way of going wrong can be had without a network.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include "assets/assets.h"

struct fake_archive {
	char *dir; /* pool/, index/, bin/, cache/ (XDG_CACHE_HOME), mode, log */
};

/* One entry of a package: contents, or a symlink, or a hard link when data is NULL. */
struct fake_file {
	const char *path;
	const void *data;
	gsize size;
	const char *symlink;
	const char *hardlink;
};

/* Once a process: the folder, PATH and XDG_CACHE_HOME. */
void fake_archive_open(struct fake_archive *archive);
void fake_archive_close(struct fake_archive *archive);
/* An empty archive, an empty cache, mode "ok". */
void fake_archive_reset(struct fake_archive *archive);
/* Kernels 6.1.0-9 to 6.1.0-12 (10 has no version), a newer series, all programs
 * and their libraries. */
void fake_archive_fill(struct fake_archive *archive);
/* "ok", "truncate", "refuse", "hang", "huge", "stale". */
void fake_archive_mode(struct fake_archive *archive, const char *mode);
void fake_archive_add(struct fake_archive *archive, const char *name, const char *version,
		      const char *depends, const struct fake_file *files);
void fake_archive_remove(struct fake_archive *archive, const char *name);
/* How often apt was run with this word. */
unsigned fake_archive_calls(struct fake_archive *archive, const char *word);
/* Number of entries of the cache folder that start with prefix. */
unsigned fake_cache_count(struct fake_archive *archive, const char *prefix);

/* Writes a .deb. */
void fake_deb_write(const char *path, const struct fake_file *files);
/* An ELF shared object that needs these sonames (NULL-terminated, may be empty). */
GBytes *fake_elf(const char *const *needed);
