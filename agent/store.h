/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checkpoint store and its mount. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define STORE_DIR "/store"
/* What fills it on purpose (verb store.damage), until checkpoint.discard. */
#define STORE_BALLAST STORE_DIR "/ballast"

/* Has store_mount mounted it, and is it still mounted? */
bool store_is_open(void);
/* Bytes in use, and size in bytes; 0 when nothing is
 * mounted there (by the agent or by a script). */
uint64_t store_used(void);
uint64_t store_size(void);
/* Bytes that can be written yet; of a store in memory no more than the kernel has to give. */
uint64_t store_free(void);
/* As mount(2). NULL or why not (static). */
const char *store_mount(const char *source, const char *type, const char *options);
/* No error when it is not mounted. NULL or why not (static). */
const char *store_unmount(void);
