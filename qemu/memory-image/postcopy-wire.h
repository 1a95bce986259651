/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The wire format between the source of a post-copy migration and QEMU. The
 * stream is made from a saved machine (qemu/memory-image/saved-machine.h), so
 * that QEMU runs it while its memory is still being loaded from elsewhere.
 * Formats are those of migration/savevm.c, ram.c and migration.c in QEMU.
 */
#pragma once
#include "qemu/memory-image/saved-machine.h"

/* Header, and all memory that is in the saved machine; `missing` is the block that is not. QEMU
 * answers with a pong when it has loaded them. */
void lu_postcopy_begin(GByteArray *out, const struct lu_saved *saved,
		       const struct lu_ram_block *missing);
/* The devices, and RUN: from then on QEMU requests missing pages. */
void lu_postcopy_run(GByteArray *out, const struct lu_saved *saved);

/* Pages of one block: begin, any number of them, end. A page must not be sent twice. */
struct lu_postcopy_pages {
	GByteArray *out;
	const struct lu_saved *saved;
	const struct lu_ram_block *block;
	unsigned count;
};
struct lu_postcopy_pages lu_postcopy_pages_begin(GByteArray *out, const struct lu_saved *saved,
						 const struct lu_ram_block *block);
/* bytes: LU_QEMU_PAGE of them, NULL: all zero. */
void lu_postcopy_page(struct lu_postcopy_pages *pages, uint64_t offset, const uint8_t *bytes);
void lu_postcopy_pages_end(struct lu_postcopy_pages *pages);
/* What has not been sent is zero. */
void lu_postcopy_end(GByteArray *out, const struct lu_saved *saved);

enum lu_postcopy_kind {
	LU_POSTCOPY_MORE, /* not whole yet */
	LU_POSTCOPY_PONG,
	LU_POSTCOPY_REQUEST, /* it requests memory */
	LU_POSTCOPY_SHUT,    /* it has all pages; status 0: successfully */
	LU_POSTCOPY_OTHER,
};

struct lu_postcopy_answer {
	enum lu_postcopy_kind kind;
	char *block; /* of a request, NULL: the same as last time; the caller's */
	uint64_t offset;
	uint32_t bytes, status;
};

/* The next answer, which is removed from `in`. */
struct lu_postcopy_answer lu_postcopy_answer(GByteArray *in);
