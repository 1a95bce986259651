/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the source of a post-copy migration says to QEMU, and what QEMU answers: the stream is
 * made of a saved machine (qemu/memory-image/saved-machine.h), so that QEMU runs it while its
 * memory still comes from somewhere else. Forms are those of migration/savevm.c, ram.c and
 * migration.c in QEMU.
 */
#pragma once
#include "qemu/memory-image/saved-machine.h"

/* Header, and all memory that the saved machine carries; `missing` is what it does not have yet.
 * QEMU answers with a pong when it has it. */
void lu_postcopy_begin(GByteArray *out, const struct lu_saved *saved,
		       const struct lu_ram_block *missing);
/* The devices, and run: from then on QEMU asks for what it misses. */
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
	LU_POSTCOPY_REQUEST, /* it waits for memory */
	LU_POSTCOPY_SHUT,    /* it has all; status 0: and is content */
	LU_POSTCOPY_OTHER,
};

struct lu_postcopy_answer {
	enum lu_postcopy_kind kind;
	char *block; /* of a request, NULL: the same as last time; the caller's */
	uint64_t offset;
	uint32_t bytes, status;
};

/* The next one, which is taken out of `in`. */
struct lu_postcopy_answer lu_postcopy_answer(GByteArray *in);
