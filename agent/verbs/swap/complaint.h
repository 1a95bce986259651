/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel has complained of. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Has it, since it was booted? Then line has the words: the first that is still in its log, else
 * how it is known. */
bool complaint_find(char *line, size_t size);
/* Is this record of /dev/kmsg the head of a complaint? Then line has its text. */
bool complaint_in(const char *record, char *line, size_t size);
/* Does this text of /proc/lockdep_stats say that lockdep checks no more? */
bool complaint_stats_off(const char *stats);
