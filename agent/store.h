/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checkpoint store: where it is mounted, and whether. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define STORE_DIR "/store"

/* Mounted by store_mount, and not unmounted since. */
bool store_is_open(void);
/* Bytes in use and of all of it, 0 when nothing is mounted there (by whomever). */
uint64_t store_used(void);
uint64_t store_size(void);
/* As mount(2). NULL or why not (static). */
const char *store_mount(const char *source, const char *type, const char *options);
/* Fine when it is not open. NULL or why not (static). */
const char *store_unmount(void);
