/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CRIU's image files (criu/image.c, criu/protobuf.c of CRIU 3.17.1): two magic numbers, then
 * messages, each behind its length. The messages are Protocol Buffers (agent/criu/protobuf.h).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMAGE_MAGIC 0x54564319 /* of every image file; the second one says which it is */

struct image_file {
	uint8_t *data;
	size_t len, room;
};

struct image_message {
	const uint8_t *bytes;
	size_t len;
};

/* A whole file; false with errno: EBADMSG when it is not an image file. */
bool image_load(struct image_file *file, const char *path);
void image_free(struct image_file *file);
/* The messages in turn; *at is 0 to begin. false: the end, or one that is cut short. */
bool image_next(const struct image_file *file, size_t *at, struct image_message *message);

/* An empty file with that second magic number. */
void image_begin(struct image_file *file, uint32_t magic);
/* Append a message. */
void image_put(struct image_file *file, const void *bytes, size_t len);
/* Write it in place of what is there; false with errno. */
bool image_save(const struct image_file *file, const char *path);

/* Bytes that grow, for messages longer than a struct pb; zero it to begin, image_free it. */
void image_append(struct image_file *bytes, const void *from, size_t len);
