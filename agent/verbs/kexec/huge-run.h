/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A physically contiguous run of memory with a known address, made of huge pages that happen to be
 * adjacent. Its contents survive a kexec: the old kernel does not reuse the pages while their file
 * is open, and nothing clears memory at the jump. So a kernel can be placed where it will run,
 * instead of being copied there by relocate_kernel.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define HUGE_PAGE (2UL << 20)

struct huge_run {
	char *base;    /* its mapping, writable */
	uint64_t phys; /* a multiple of HUGE_PAGE; the whole run is below 4 GiB */
	size_t bytes;  /* a multiple of HUGE_PAGE */
};

/* The file that holds the pages: empty, closed on exec. -1 with errno when the
 * kernel has no huge pages. */
int huge_file(void);
/*
 * Grow the file until `bytes` of its pages are adjacent, then free the others. NULL, or why not
 * (static); the file is then empty. The run stays mapped until the process ends, and exists as long
 * as the file is open in some process. Needs CAP_SYS_ADMIN (/proc/self/pagemap).
 */
const char *huge_run_make(int file, size_t bytes, struct huge_run *run);
/* Close the file and free its pages. -1 is fine. */
void huge_file_close(int file);
