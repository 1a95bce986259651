/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An image on its way from the modelled flash into a machine's memory: a thread that takes each
 * piece when the flash would have delivered it (record/flash.h), unpacks it, checks its pages and
 * puts them in place. A host that cannot keep up falls behind, and says by how much.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "host/io.h"
#include "qemu/memory-image/file.h"

struct lu_image_stream;

/*
 * io: the clock that the flash is on. memory: a file of the image's memory_bytes that is all zero. All are borrowed until the stream is
 * freed; context is woken at the end. What a host has to do once for memory that hardware has
 * anyway is done here: pages that the image will fill are allocated, and the image is read into the
 * page cache. NULL with LU_ERROR_FAILED.
 */
struct lu_image_stream *lu_image_stream_new(const struct lu_io *io, const struct lu_image *image,
					    int memory, GMainContext *context, GError **error);
/* Off it goes, once. */
void lu_image_stream_start(struct lu_image_stream *stream, const struct lu_image_load *load);
bool lu_image_stream_started(const struct lu_image_stream *stream);
/* What the host has in its page cache stands for what is on the flash: reading it must not add the
 * host's own disk to the model. */
void lu_image_warm(const struct lu_image *image);
/* Has it ended, well or not? data: the stream. */
bool lu_image_stream_ended(void *data);
/* After its end. false: the error it ended with. */
bool lu_image_stream_result(struct lu_image_stream *stream, GError **error);
/* After its end, ns: what it took, and by how much it was behind the flash. */
int64_t lu_image_stream_took_ns(const struct lu_image_stream *stream);
int64_t lu_image_stream_behind_ns(const struct lu_image_stream *stream);
/* Stops it wherever it is. NULL is fine. */
void lu_image_stream_free(struct lu_image_stream *stream);
