/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hashes of one file's pages, and a list of files in memory. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SUMS_PAGE 4096
#define SUMS_PATH 112

/* As it is in the manifest's file; machines on both sides have the same byte order. */
struct sums_head {
	char path[SUMS_PATH]; /* "images/pages-1.img" */
	uint64_t len;
};

struct sums {
	struct sums_head head;
	uint64_t *pages; /* ceil(len / SUMS_PAGE) */
};

struct sums_list {
	struct sums *all;
	size_t n;
};

size_t sums_page_count(uint64_t len);
/* Reads a file, or a link's text, below that folder. false with errno: it cannot be read. */
bool sums_read(const char *store, const char *path, struct sums *sums);
/* Takes sums' pages. false: out of memory. */
bool sums_add(struct sums_list *list, const struct sums *sums);
const struct sums *sums_find(const struct sums_list *list, const char *path);
void sums_clear(struct sums_list *list);
/* To and from a file. false with errno; EBADMSG: it is not what was written. */
bool sums_save(const struct sums_list *list, const char *path);
bool sums_load(struct sums_list *list, const char *path);
