/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A value that a line of the kernel's log says. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* What the groups of this POSIX extended expression match in the first line of the log that it
 * matches, joined. false: no line matches, it is no expression, or the value does not fit. */
bool log_value(const char *log, const char *pattern, char *value, size_t size);
