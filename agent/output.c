/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/output.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAST_LINES 4

/* Takes CRIU's warnings out of output, of which it has some about each kernel and each socket, and
 * empty lines; returns how many warnings that were. */
static unsigned drop_warnings(char *output)
{
	unsigned warnings = 0;
	char *to = output, *end;

	for (char *line = output; *line; line = end) {
		bool warning = !strncmp(line, "Warn  (", strlen("Warn  ("));

		end = line + strcspn(line, "\n");
		end += *end == '\n';
		warnings += warning;
		if (warning || *line == '\n')
			continue;
		memmove(to, line, (size_t)(end - line));
		to += end - line;
	}
	*to = '\0';
	return warnings;
}

char *output_tail(const char *output)
{
	char *text = strdup(output), *joined = NULL, *begin;
	unsigned warnings = text ? drop_warnings(text) : 0, lines = 0;
	size_t end = text ? strlen(text) : 0, size;
	FILE *to = text ? open_memstream(&joined, &size) : NULL;

	while (end && text[end - 1] == '\n')
		text[--end] = '\0';
	for (begin = text + end; begin > text; begin--)
		if (begin[-1] == '\n' && ++lines == LAST_LINES)
			break;
	for (; to && *begin; begin++)
		*begin == '\n' ? fputs("; ", to) : fputc(*begin, to);
	if (to && warnings)
		fprintf(to, "%s(%u warning%s of CRIU)", end ? " " : "", warnings,
			warnings == 1 ? "" : "s");
	if (to)
		fclose(to);
	free(text);
	return joined;
}
