/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the running kernel says of itself: its command line, its memory. */
#pragma once
#include <stdint.h>

/* Value of KEY=value in /proc/cmdline, malloc'd, or NULL; the last one counts, as in the kernel. */
char *cmdline_get(const char *key);
/* lubench.generation= of the command line, 0 without it. */
unsigned generation(void);
/* A figure of /proc/meminfo in bytes, 0 when there is none of that name. */
uint64_t meminfo_bytes(const char *key);
/* MemTotal - MemAvailable, bytes. */
uint64_t memory_used(void);
