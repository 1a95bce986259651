/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process's own limits (ulimit). */
#pragma once
#include <stdbool.h>

/*
 * Do the limits on files, address space and processes suffice? GLib ends the process without a word
 * to its user when one of these is refused, so it is said before, in one line on standard error.
 * From here on a file that may grow no more is an error of write(), not the end of the process.
 */
bool lu_limits_suffice(void);
