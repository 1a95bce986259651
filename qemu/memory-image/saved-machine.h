/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parses a machine that QEMU has saved without its shared memory (x-ignore-shared). QEMU's
 * migration stream is a header and sections (migration/savevm.c, ram.c in QEMU); only their headers
 * and the section of RAM are parsed, devices are passed on as they are.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Types of sections, and flags in RAM's. */
enum {
	LU_QEMU_EOF = 0,
	LU_QEMU_START = 1,
	LU_QEMU_PART = 2,
	LU_QEMU_END = 3,
	LU_QEMU_FULL = 4,
	LU_QEMU_SUBSECTION = 5,
	LU_QEMU_DESCRIPTION = 6,
	LU_QEMU_CONFIGURATION = 7,
	LU_QEMU_COMMAND = 8,
	LU_QEMU_FOOTER = 0x7e,

	LU_QEMU_RAM_ZERO = 0x02,
	LU_QEMU_RAM_SIZES = 0x04,
	LU_QEMU_RAM_PAGE = 0x08,
	LU_QEMU_RAM_EOS = 0x10,
	LU_QEMU_RAM_CONTINUE = 0x20,
};

#define LU_QEMU_MAGIC	 0x5145564du
#define LU_QEMU_VERSION	 3u
#define LU_QEMU_PAGE	 4096u
#define LU_QEMU_RAM_NAME "ram"

/* A range of the parsed bytes. */
struct lu_span {
	const uint8_t *at;
	size_t len;
};

struct lu_ram_block {
	struct lu_span name;
	uint64_t bytes;
	bool carried; /* its pages are in the stream */
};

struct lu_saved {
	struct lu_span machine;	   /* its type, with the version: no alias */
	uint32_t section, version; /* of RAM */
	GArray *blocks;		   /* struct lu_ram_block, in order */
	GArray *pages; /* struct lu_span: contents of a section of RAM, up to its end mark */
	struct lu_span devices; /* whole sections */
};

/*
 * Points into bytes, which must outlive it. LU_ERROR_UNSUPPORTED when this QEMU saves something
 * that is not known here (an iterative section other than RAM's), or when this is not a migration
 * stream. False: nothing to clear.
 */
bool lu_saved_parse(struct lu_saved *saved, const uint8_t *bytes, size_t len, GError **error);
void lu_saved_clear(struct lu_saved *saved);
/* The block of that size whose pages are not in the stream; NULL: there is none. */
const struct lu_ram_block *lu_saved_memory(const struct lu_saved *saved, uint64_t bytes);
