/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Streams a memory image from the modelled flash into a machine's memory: a thread takes each piece
 * when the flash would have delivered it (record/flash.h), unpacks it, checks its pages and puts
 * them in place. By how much a host fell behind the flash is reported.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "host/io.h"
#include "qemu/memory-image/file.h"

struct lu_image_stream;

/*
 * io: the clock of the modelled flash. memory: a file of the image's memory_bytes that is all zero.
 * All are borrowed until the stream is freed; context is woken at the end. Work that only a host
 * has to do, since hardware has its memory anyway, is done here: pages that the image will fill are
 * allocated, and the image is read into the page cache. NULL with LU_ERROR_FAILED.
 */
struct lu_image_stream *lu_image_stream_new(const struct lu_io *io, const struct lu_image *image,
					    int memory, GMainContext *context, GError **error);
/* Starts the stream; only once. */
void lu_image_stream_start(struct lu_image_stream *stream, const struct lu_image_load *load);
bool lu_image_stream_started(const struct lu_image_stream *stream);
/* Reads the image into the page cache, which stands for the flash: reading it later must not add
 * the latency of the host's disk to the model. */
void lu_image_warm(const struct lu_image *image);
/* Has it ended, successfully or not? data: the stream. */
bool lu_image_stream_ended(void *data);
/* After its end. false: the error it ended with. */
bool lu_image_stream_result(struct lu_image_stream *stream, GError **error);
/* After its end, ns: its duration, and by how much it was behind the modelled flash. */
int64_t lu_image_stream_took_ns(const struct lu_image_stream *stream);
int64_t lu_image_stream_behind_ns(const struct lu_image_stream *stream);
/* Stops it at any point. NULL is fine. */
void lu_image_stream_free(struct lu_image_stream *stream);
