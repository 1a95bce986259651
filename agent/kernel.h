/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running kernel's command line and memory. */
#pragma once
#include <stdint.h>

/* Value of KEY=value in /proc/cmdline, malloc'd, or NULL; the last one counts, as in the kernel. */
char *cmdline_get(const char *key);
/* lubench.generation= on the command line, 0 without it. */
unsigned generation(void);
/* A figure of /proc/meminfo in bytes, 0 when there is no such line. */
uint64_t meminfo_bytes(const char *key);
/* MemTotal - MemAvailable, bytes. */
uint64_t memory_used(void);
