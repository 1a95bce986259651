/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A release's memory image as a file: what it is, the device state, and memory cut into pages.
 *
 *   head     one page: struct lu_image_head
 *   about    JSON: what went into it, what it expects of the disk
 *   devices  QEMU's migration stream without RAM
 *   pages    one struct lu_image_page for each page of memory, in order
 *   pieces   one struct lu_image_piece for each LU_IMAGE_PIECE stored pages
 *   the pieces themselves, in order, to the end of the file
 *
 * Everything before the first piece is needed before any page can be placed. Numbers are the
 * host's (both architectures of this project are little-endian; another one finds no magic).
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "model/memory-image.h"

#define LU_IMAGE_MAGIC "lubimg02"
#define LU_IMAGE_PAGE  4096u
#define LU_IMAGE_PIECE 64u /* pages */
#define LU_IMAGE_ZERO  UINT32_MAX

struct lu_image_head {
	char magic[8];
	uint64_t memory_bytes, pages, stored; /* pages: of memory, in the file */
	uint64_t about_at, about_bytes, devices_at, devices_bytes;
	uint64_t pages_at, pieces_at, pieces, data_at, file_bytes;
	uint64_t zstd, hash; /* of the head before it, and of all between head and data (XXH3) */
};

/* Hash of a head, and of everything between it and the data. */
uint64_t lu_image_tables_hash(const struct lu_image_head *head, const uint8_t *tables);

/* hash: XXH3 of the page; slot: index of the stored page that it equals, LU_IMAGE_ZERO: all zero,
 * not stored. */
struct lu_image_page {
	uint64_t hash;
	uint32_t slot, unused;
};

struct lu_image_piece {
	uint64_t at;
	uint32_t bytes, pages;
};

/* A memory image, mapped. */
struct lu_image {
	char *path;
	const uint8_t *bytes;
	const struct lu_image_head *head;
	const struct lu_image_page *pages;
	const struct lu_image_piece *pieces;
	json_t *about;
};

/* Contents of a memory image to write. */
struct lu_image_parts {
	struct lu_image_form form;
	json_t *about; /* borrowed */
	const uint8_t *devices;
	size_t devices_bytes;
	const uint8_t *memory;
	uint64_t memory_bytes; /* a multiple of LU_IMAGE_PAGE */
};

/* Number of pages in a memory file that are neither zero nor equal to an earlier one. */
uint64_t lu_image_distinct(int memory);
/* Write it to an empty file. LU_ERROR_FAILED says what failed and why. */
bool lu_image_write(int fd, const struct lu_image_parts *parts, GError **error);
/* Maps the file and checks everything but the pages. NULL with LU_ERROR_FAILED, which says what is
 * wrong with it. */
struct lu_image *lu_image_open(const char *path, GError **error);
void lu_image_close(struct lu_image *image);
/*
 * Unpacks piece number i into `plain` (LU_IMAGE_PIECE pages). context: a ZSTD_DCtx, made and freed
 * by the caller; NULL for an image that is not compressed. LU_ERROR_FAILED when it is damaged.
 */
bool lu_image_unpack(const struct lu_image *image, uint64_t i, void *context, uint8_t *plain,
		     GError **error);
/* Piece number i in place, of an image that is not compressed. NULL with LU_ERROR_FAILED. */
const uint8_t *lu_image_plain(const struct lu_image *image, uint64_t i, GError **error);
/* Do the contents match the page's hash? */
bool lu_image_page_good(const struct lu_image_page *page, const uint8_t *bytes);
