/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/zoneinfo: "Node 0, zone  Movable", and under it a line for each figure. A zone without
 * pages has no "start_pfn". */
#include "agent/verbs/kexec/zone.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_header(const char *line, char name[32])
{
	return sscanf(line, "Node %*d, zone %31s", name) == 1;
}

static bool is_figure(const char *line, const char *word, uint64_t *value)
{
	size_t len = strlen(word);
	char *end;

	line += strspn(line, " ");
	if (strncmp(line, word, len))
		return false;
	*value = strtoull(line + len, &end, 10);
	return end > line + len;
}

/* Reads from the line after a header up to the next header. */
static bool read_zone(const char *line, struct zone *zone)
{
	bool begins = false, spans = false;
	char other[32];

	for (; line && !is_header(++line, other); line = strchr(line, '\n')) {
		spans = spans || is_figure(line, "spanned", &zone->frames);
		begins = begins || is_figure(line, "start_pfn:", &zone->first);
	}
	return begins && spans && zone->frames > 0;
}

bool zone_find(const char *zoneinfo, const char *name, struct zone *zone)
{
	char this[32];

	for (const char *line = zoneinfo; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (is_header(line, this) && !strcmp(this, name) &&
		    read_zone(strchr(line, '\n'), zone))
			return true;
	}
	return false;
}
