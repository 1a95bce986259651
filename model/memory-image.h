/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A release's memory image: what it contains, and how it is loaded from flash into a
 * machine (model/guest.h, LU_STANDBY_IMAGE). */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "record/flash.h"

/* How the image is built; part of its identity. */
struct lu_image_form {
	bool wanted;
	bool zstd;	       /* compress each piece */
	bool dedup;	       /* do not store pages that are zero or equal to an earlier one */
	unsigned touched_mb;   /* fill the image up to this size, MiB; 0: do not fill */
	unsigned compressible; /* percentage of the filling that is compressible */
};

struct lu_image_load {
	struct lu_flash flash;
	uint64_t readahead; /* bytes per request */
};
