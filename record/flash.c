/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/flash.h"
#include <stddef.h>
#include <string.h>

const struct lu_flash lu_flash_presets[] = {
	{"compactflash", 16.67e6, 500000},
	{"emmc", 250e6, 91000},
	{"nvme", 1500e6, 100000},
	{},
};

const struct lu_flash *lu_flash_find(const char *name)
{
	for (const struct lu_flash *flash = lu_flash_presets; flash->name; flash++)
		if (!strcmp(flash->name, name))
			return flash;
	return NULL;
}

int64_t lu_flash_read_ns(const struct lu_flash *flash, uint64_t bytes, uint64_t request)
{
	uint64_t requests = (bytes + request - 1) / request;

	return (int64_t)requests * flash->latency_ns +
	       (int64_t)((double)bytes * 1e9 / flash->bandwidth);
}
