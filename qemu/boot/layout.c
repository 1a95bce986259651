/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store begins low, not at the top: QEMU puts the initramfs at the top of low memory and the
 * firmware its tables, and neither knows about memmap=. A q35 with 2816 MB or more has only 2048 of
 * them below the PCI hole and the rest from 4 GB.
 */
#include "record/error.h"
#include "qemu/boot/layout.h"

enum {
	LOW_MB = 256,	/* for the kernel, below the store */
	ABOVE_MB = 256, /* for initramfs and tables, above it */
	SPLIT_FROM_MB = 2816,
	SPLIT_LOW_MB = 2048,
	HIGH_AT_MB = 4096,
	STORE_STEP_MB = 16, /* what a device-dax or pmem region is aligned to everywhere */
};

static unsigned round_up(unsigned value, unsigned step)
{
	return step ? (value + step - 1) / step * step : value;
}

static bool place(struct lu_layout *layout)
{
	bool split = layout->memory_mb >= SPLIT_FROM_MB;
	unsigned low_mb = split ? SPLIT_LOW_MB : layout->memory_mb;

	if (LOW_MB + layout->store_mb + ABOVE_MB <= low_mb) {
		layout->store_at_mb = LOW_MB;
		return true;
	}
	if (!split || layout->memory_mb - SPLIT_LOW_MB < layout->store_mb)
		return false;
	layout->store_at_mb = HIGH_AT_MB;
	return true;
}

bool lu_layout_make(struct lu_layout *layout, const struct lu_machine *machine, unsigned memory_mb,
		    unsigned store_mb, GError **error)
{
	layout->store_mb = round_up(store_mb, STORE_STEP_MB);
	layout->memory_mb = round_up(memory_mb + layout->store_mb, machine->memory_step_mb);
	layout->store_at_mb = 0;
	if (!store_mb || place(layout))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "store=pmem: %u MB of persistent memory find no place beside %u MB of memory "
		    "on %s; "
		    "more memory_mb or store=disk",
		    layout->store_mb, memory_mb, machine->name);
	return false;
}
