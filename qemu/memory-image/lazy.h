/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine that runs before its memory is loaded: a thread acts as the source of a QEMU post-copy
 * migration whose pages come from the modelled flash (record/flash.h), one read outstanding. Pages
 * that QEMU requests are read first, all others in order. The host's page cache stands for the
 * flash (lu_image_warm), and the time at which the thread delivers a page for its latency. Zero
 * pages are known from the image's tables and cost nothing.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "host/io.h"
#include "qemu/memory-image/file.h"

struct lu_image_lazy;

/* Can the image be loaded lazily? LU_ERROR_UNSUPPORTED says why not. */
bool lu_image_lazy_possible(const struct lu_image *image, GError **error);
/*
 * io: the clock of the modelled flash. fd: our end of the migration's socket, taken. image is
 * borrowed until lu_image_lazy_free. context is woken whenever an answer of the functions below
 * changes. LU_ERROR_UNSUPPORTED when the saved machine cannot be run lazily.
 */
struct lu_image_lazy *lu_image_lazy_new(const struct lu_io *io, const struct lu_image *image,
					int fd, const struct lu_image_load *load,
					GMainContext *context, GError **error);
/* Is the machine ready to run, or has loading ended? data: the struct lu_image_lazy. */
bool lu_image_lazy_ready(void *data);
/* Run the machine. */
void lu_image_lazy_go(struct lu_image_lazy *lazy);
/* Has all of memory been loaded, or has loading failed? data as above. */
bool lu_image_lazy_ended(void *data);
/* false: the error that loading has ended with. */
bool lu_image_lazy_result(struct lu_image_lazy *lazy, GError **error);

/* Times are from lu_image_lazy_go on. */
struct lu_image_lazy_figures {
	int64_t took_ns, behind_ns;	 /* until the last page; behind the modelled flash by */
	unsigned waits;			 /* requested pages that had to be read */
	int64_t wait_ns, longest_ns;	 /* for them: in total, the longest */
	unsigned zeros;			 /* requested pages that were zero */
	uint64_t bytes_asked, bytes_all; /* read on request; read in all */
};
/* After loading has ended. */
struct lu_image_lazy_figures lu_image_lazy_figures(const struct lu_image_lazy *lazy);
/* Stops loading; a machine that still misses memory cannot continue. NULL is fine. */
void lu_image_lazy_free(struct lu_image_lazy *lazy);
