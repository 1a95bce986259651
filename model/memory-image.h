/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A release's memory image: what it holds, and how it comes from flash into a machine
 * (model/guest.h, LU_STANDBY_IMAGE). */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "record/flash.h"

/* What the image is made like; part of its identity. */
struct lu_image_form {
	bool wanted;
	bool zstd;	       /* each piece compressed */
	bool dedup;	       /* pages that are zero or like an earlier one are not stored */
	unsigned touched_mb;   /* what is stored, filled up to this, MiB; 0: as it comes */
	unsigned compressible; /* per cent of the filling that repeats itself */
};

struct lu_image_load {
	struct lu_flash flash;
	uint64_t readahead; /* bytes of a request */
};
