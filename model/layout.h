/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's memory: how much there is, and where in it a checkpoint store in persistent memory
 * lies. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include "model/machine.h"

/* What a stock kernel, its initramfs and the agent use besides the workload's state, MiB. */
#define LU_GUEST_RESERVE_MB 192

struct lu_layout {
	unsigned memory_mb;   /* for QEMU's -m, the store included */
	unsigned store_at_mb; /* physical address of the store, 0: none */
	unsigned store_mb;
};

/* The least memory, MiB, from memory_mb on in the machine's steps, in which a store of that size
 * fits; memory_mb itself if it fits there; 0: none is enough. */
unsigned lu_layout_least(const struct lu_machine *machine, unsigned memory_mb, unsigned store_mb);
/* store_mb 0: no store in memory. LU_ERROR_UNSUPPORTED when it does not fit. */
bool lu_layout_make(struct lu_layout *layout, const struct lu_machine *machine, unsigned memory_mb,
		    unsigned store_mb, GError **error);
