/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What CRIU's images say of a process's memory (criu/pagemap.c of CRIU 3.17.1): pagemap-PID.img
 * lists runs of pages in order of address; the contents of those that are present follow each other
 * in pages-ID.img, and those of the others are in the parent, the images of the round before.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* PagemapEntry.flags */
enum { PAGES_IN_PARENT = 1, PAGES_LAZY = 2, PAGES_PRESENT = 4 };

struct page_run {
	uint64_t address, pages;
	unsigned flags;
	uint64_t offset; /* in the file of pages, bytes; of pages that are present */
	unsigned round;	 /* of a resolved run: how many parents away its contents are */
};

struct page_runs {
	struct page_run *v;
	size_t n, room;
};

struct pagemap {
	unsigned pages_id;
	struct page_runs runs; /* in order of address */
};

#define ROUNDS_OF_MEMORY 66

/* A process's memory with the rounds before it: rounds[0] is the last one. */
struct memory_rounds {
	struct {
		char folder[64]; /* without links in it */
		struct pagemap map;
	} rounds[ROUNDS_OF_MEMORY];
	unsigned n;
};

size_t page_bytes(void);
/* Append a run, to the last one if it continues that. */
void page_runs_add(struct page_runs *runs, struct page_run run);
/* The first run that ends above the address; runs->n: there is none. */
size_t page_runs_from(const struct page_runs *runs, uint64_t address);
void page_runs_free(struct page_runs *runs);

/* false with errno: EBADMSG when it is not a pagemap. */
bool pagemap_load(struct pagemap *map, const char *path);
bool pagemap_save(const struct pagemap *map, const char *path);

/* The pagemap of that process in a folder of images, and in those before it as far as they have
 * one. false with errno; memory_rounds_free in any case. */
bool memory_rounds_load(struct memory_rounds *memory, const char *folder, unsigned pid);
void memory_rounds_free(struct memory_rounds *memory);
/* All runs of the last one, cut so that each says in which round and where its contents are. false:
 * a page is in no round (errno EBADMSG). */
bool memory_rounds_resolve(const struct memory_rounds *memory, struct page_runs *runs);
