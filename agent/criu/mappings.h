/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process's mappings in CRIU's images (mm-PID.img: images/mm.proto, images/vma.proto). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "agent/criu/image-file.h"

struct mapping {
	uint64_t start, end;
	uint32_t flags;	 /* of mmap(2) */
	uint32_t status; /* CRIU's */
	uint64_t advice; /* of madvise(2), a bit each; 0: none */
	struct image_message entry;
};

struct mappings {
	struct image_file file;
	struct image_message mm; /* in it; the entries are in that */
	struct mapping *v;	 /* in order of address */
	size_t n;
};

/* false with errno: EBADMSG when it is not that image. */
bool mappings_load(struct mappings *mappings, const char *path);
void mappings_free(struct mappings *mappings);
/* The mapping that holds the address; NULL: none does. */
const struct mapping *mappings_find(const struct mappings *mappings, uint64_t address);
/* Private and anonymous, and CRIU can fill it on demand (vma_entry_can_be_lazy of
 * criu/include/vma.h). */
bool mapping_is_lazy(const struct mapping *mapping);

/* A part of a mapping that becomes a private mapping of a file. */
struct mapped_part {
	uint64_t start, end;
	uint64_t offset; /* in the file */
};

/* Write them with those parts, in order of address, as private mappings of the file that
 * files.img has under that id. false with errno. */
bool mappings_save(const struct mappings *mappings, const struct mapped_part *parts, size_t n,
		   uint32_t file_id, const char *path);
/* Append a regular file to the list of a folder's files.img. Returns its id, 0 with errno. */
uint32_t mappings_add_file(const char *folder, const char *path);
