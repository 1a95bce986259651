/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A model of flash storage: how long reads take. It paces real bytes, and the simulator uses it
 * too. The sources of the presets are in docs/design/memory-image.md.
 */
#pragma once
#include <stdint.h>

struct lu_flash {
	const char *name;
	double bandwidth;   /* bytes a second */
	int64_t latency_ns; /* of each request; one is outstanding at a time */
};

/* "compactflash", "emmc", "nvme"; ends with .name == NULL. */
extern const struct lu_flash lu_flash_presets[];
/* NULL: no preset of that name. */
const struct lu_flash *lu_flash_find(const char *name);
/* Time until the first `bytes` of a sequential read, in requests of `request` bytes (at least
 * 1), have arrived, ns. */
int64_t lu_flash_read_ns(const struct lu_flash *flash, uint64_t bytes, uint64_t request);
