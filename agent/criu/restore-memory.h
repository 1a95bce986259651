/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arranging CRIU's images so that a restore need not copy all memory before the service answers.
 * CRIU 3.17.1 itself does either only for images without rounds before them.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct restore_memory {
	uint64_t later_bytes; /* the service answers before these are in its memory */
	uint64_t moved_bytes; /* copied from later rounds over the first one's */
	char why[300];	      /* when it could not be done */
};

/*
 * For `criu lazy-pages`, which fills memory from one file for each process: the file of pages of
 * the first round is brought up to date with those of the later ones, and becomes the one that the
 * images name; pages that the first round did not have are restored at once, from a folder
 * "fresh" beside the images. false with the reason.
 */
bool restore_memory_lazy(const char *images, struct restore_memory *memory);
