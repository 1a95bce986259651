/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine that runs before its memory is there: a thread plays the source of a QEMU post-copy
 * migration whose pages come from the modelled flash (record/flash.h), one request outstanding.
 * What QEMU asks for is read next, and between that all else in order. What stands for the flash:
 * the host's page cache (lu_image_warm), and the time at which the thread hands a page over. The
 * zero pages are known from the image's tables and cost nothing.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "host/io.h"
#include "qemu/memory-image/file.h"

struct lu_image_lazy;

/* Could it be run that way? LU_ERROR_UNSUPPORTED: why not. */
bool lu_image_lazy_possible(const struct lu_image *image, GError **error);
/*
 * io: the clock that the flash is on. fd: our end of the migration's socket, taken. image is borrowed until it is freed. context is
 * woken whenever one of the questions below has another answer. LU_ERROR_UNSUPPORTED when the saved
 * machine is nothing that can be run that way.
 */
struct lu_image_lazy *lu_image_lazy_new(const struct lu_io *io, const struct lu_image *image,
					int fd, const struct lu_image_load *load,
					GMainContext *context, GError **error);
/* Is the machine ready to be run, or has all ended? data: itself. */
bool lu_image_lazy_ready(void *data);
/* Run it. */
void lu_image_lazy_go(struct lu_image_lazy *lazy);
/* Is nothing left on flash, or has it failed? */
bool lu_image_lazy_ended(void *data);
/* false: the error that it ended with, so far. */
bool lu_image_lazy_result(struct lu_image_lazy *lazy, GError **error);

/* Times are from lu_image_lazy_go on. */
struct lu_image_lazy_figures {
	int64_t took_ns, behind_ns;	 /* until the last page; later than the flash by */
	unsigned waits;			 /* pages that were asked for and had to be read */
	int64_t wait_ns, longest_ns;	 /* for them: all together, the longest */
	unsigned zeros;			 /* asked for, and zero */
	uint64_t bytes_asked, bytes_all; /* read because it was asked for; read */
};
/* After its end. */
struct lu_image_lazy_figures lu_image_lazy_figures(const struct lu_image_lazy *lazy);
/* Stops it wherever it is; a machine that still misses memory cannot go on. NULL is fine. */
void lu_image_lazy_free(struct lu_image_lazy *lazy);
