/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/log-value.h"
#include <regex.h>
#include <stdio.h>
#include <string.h>

#define GROUPS 4 /* the whole match, and up to three */

static bool join(const char *log, const regmatch_t *match, char *value, size_t size)
{
	*value = '\0';
	for (int i = 1; i < GROUPS && match[i].rm_so >= 0; i++) {
		size_t length = (size_t)(match[i].rm_eo - match[i].rm_so), used = strlen(value);

		if (used + length >= size)
			return false;
		snprintf(value + used, size - used, "%.*s", (int)length, log + match[i].rm_so);
	}
	return *value;
}

bool log_value(const char *log, const char *pattern, char *value, size_t size)
{
	regmatch_t match[GROUPS];
	regex_t regex;
	bool found;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NEWLINE))
		return false;
	found = regexec(&regex, log, GROUPS, match, 0) == 0 && join(log, match, value, size);
	regfree(&regex);
	return found;
}
