/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store is placed low, not at the top: QEMU puts the initramfs and the firmware its tables at
 * the top of low memory, and neither knows about memmap=. Where memory has two parts, the store may
 * also go to the beginning of the second one.
 */
#include "record/error.h"
#include "model/layout.h"

enum {
	LOW_MB = 256,	    /* for the kernel, below the store */
	ABOVE_MB = 256,	    /* for initramfs and tables, above it */
	STORE_STEP_MB = 16, /* satisfies the alignment of pmem regions on every machine */
};

static unsigned round_up(unsigned value, unsigned step)
{
	return step ? (value + step - 1) / step * step : value;
}

static bool place(struct lu_layout *layout, const struct lu_memory_split *split)
{
	bool in_two = split->from_mb && layout->memory_mb >= split->from_mb;
	unsigned low_mb = in_two ? split->low_mb : layout->memory_mb;

	if (LOW_MB + layout->store_mb + ABOVE_MB <= low_mb) {
		layout->store_at_mb = LOW_MB;
		return true;
	}
	if (!in_two || layout->memory_mb - split->low_mb < layout->store_mb)
		return false;
	layout->store_at_mb = split->high_at_mb;
	return true;
}

bool lu_layout_make(struct lu_layout *layout, const struct lu_machine *machine, unsigned memory_mb,
		    unsigned store_mb, GError **error)
{
	layout->store_mb = round_up(store_mb, STORE_STEP_MB);
	layout->memory_mb = round_up(memory_mb + layout->store_mb, machine->memory_step_mb);
	layout->store_at_mb = 0;
	if (!store_mb || place(layout, &machine->memory_split))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "store=pmem: %u MB of persistent memory do not fit into %u MB of memory on %s; "
		    "raise memory_mb or use store=disk",
		    layout->store_mb, memory_mb, machine->name);
	return false;
}

unsigned lu_layout_least(const struct lu_machine *machine, unsigned memory_mb, unsigned store_mb)
{
	unsigned step = MAX(machine->memory_step_mb, 1);
	unsigned most = LOW_MB + ABOVE_MB + machine->memory_split.high_at_mb + 2 * store_mb;
	struct lu_layout layout;

	for (unsigned mb = memory_mb; mb <= MAX(most, memory_mb); mb = round_up(mb + 1, step))
		if (lu_layout_make(&layout, machine, mb, store_mb, NULL))
			return mb;
	return 0;
}
