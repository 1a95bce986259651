/* SPDX-License-Identifier: GPL-2.0 */
/* Version 1's layout; a live patch of its code needs it, too. */
#ifndef LU_BLOCK_V1_H
#define LU_BLOCK_V1_H

#include "block/block.h"

struct table {
	unsigned long blocks;
	struct page **pages;
	bool given; /* the pages are another's now */
};

#endif
