/* SPDX-License-Identifier: GPL-2.0 */
/* Version 1's layout, which live patches of its code need, too. */
#ifndef LU_BLOCK_V1_H
#define LU_BLOCK_V1_H

#include "block/block.h"

struct table {
	unsigned long blocks;
	struct page **pages;
	bool given; /* the pages have been handed over */
};

#endif
