/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers in text of procfs. */
#include "host/numbers.h"
#include <glib.h>

size_t lu_numbers_read(const char *text, int64_t *numbers, size_t n)
{
	size_t found = 0;
	char *end;

	for (; text && found < n; text = end) {
		int64_t number = g_ascii_strtoll(text, &end, 10);

		if (end == text)
			break;
		numbers[found++] = number;
	}
	return found;
}
