/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A physically contiguous run of memory whose address is known, made of huge pages that happen to
 * be neighbours. What is written there stays there over a kexec: the old kernel gives the pages to
 * nobody else while their file is open, and nothing clears memory at the jump. So a kernel can be
 * put where it will run, instead of being copied there by relocate_kernel.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define HUGE_PAGE (2UL << 20)

struct huge_run {
	char *base;    /* mapped here for writing */
	uint64_t phys; /* a multiple of HUGE_PAGE; all of the run lies below 4 GiB */
	size_t bytes;  /* a multiple of HUGE_PAGE */
};

/* The file that holds the pages: empty, closed on exec. -1 with errno when the
 * kernel has no huge pages. */
int huge_file(void);
/*
 * Give the file as many pages as it takes until `bytes` of them are neighbours, then
 * free the others. NULL, or why not (static); the file is empty then. The run stays
 * mapped until the process ends, and is there as long as the file is open somewhere.
 * Needs CAP_SYS_ADMIN (/proc/self/pagemap).
 */
const char *huge_run_make(int file, size_t bytes, struct huge_run *run);
/* Close the file and give its pages back. -1 is fine. */
void huge_file_close(int file);
