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
