/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers in text of procfs. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Reads up to n whole numbers that only blanks separate, from the beginning of text (NULL: none). How
 * many there were. */
size_t lu_numbers_read(const char *text, int64_t *numbers, size_t n);
