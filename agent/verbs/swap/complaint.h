/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Complaints of the kernel: warnings, oopses, reports of its checkers. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Has the kernel complained since it was booted? Then line has the first complaint that is still in
 * its log, else the evidence for one. */
bool complaint_find(char *line, size_t size);
/* Is this record of /dev/kmsg the beginning of a complaint? Then line has its text. */
bool complaint_in(const char *record, char *line, size_t size);
/* Does this text of /proc/lockdep_stats say that lockdep is off? */
bool complaint_stats_off(const char *stats);
