/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/preflight/maps.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "55d0-55d1 r-xp 00000000 fe:00 123   /usr/bin/tick" */
static bool read_head(const char *line, struct preflight_mapping *mapping)
{
	int path = 0;

	/* NOLINTNEXTLINE(cert-err34-c): numbers as the kernel prints them */
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %*x %*x:%*x %" SCNu64 " %n", &mapping->begin,
		   &mapping->end, mapping->perms, &mapping->inode, &path) != 4)
		return false;
	snprintf(mapping->path, sizeof(mapping->path), "%.*s", (int)strcspn(line + path, "\n"),
		 line + path);
	mapping->resident = mapping->anonymous = mapping->swapped = 0;
	*mapping->flags = '\0';
	return true;
}

static void read_line(const char *line, struct preflight_mapping *mapping)
{
	static const char flags[] = "VmFlags:";
	uint64_t kib;

	if (!strncmp(line, flags, sizeof(flags) - 1))
		snprintf(mapping->flags, sizeof(mapping->flags), "%.*s",
			 (int)strcspn(line + sizeof(flags) - 1, "\n"), line + sizeof(flags) - 1);
	/* NOLINTBEGIN(cert-err34-c): as above */
	else if (sscanf(line, "Rss: %" SCNu64, &kib) == 1)
		mapping->resident = kib << 10;
	else if (sscanf(line, "Anonymous: %" SCNu64, &kib) == 1)
		mapping->anonymous = kib << 10;
	else if (sscanf(line, "Swap: %" SCNu64, &kib) == 1)
		mapping->swapped = kib << 10;
	/* NOLINTEND(cert-err34-c) */
}

void maps_each(const struct preflight_process *process,
	       void (*each)(void *data, const struct preflight_mapping *mapping), void *data)
{
	static struct preflight_mapping mapping;
	char path[64], *line = NULL;
	bool begun = false;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps", (int)process->pid);
	file = fopen(path, "re");
	while (file && getline(&line, &size, file) > 0) {
		struct preflight_mapping next;

		if (!read_head(line, &next)) {
			read_line(line, &mapping);
			continue;
		}
		if (begun)
			each(data, &mapping);
		mapping = next;
		mapping.process = process;
		begun = true;
	}
	if (begun)
		each(data, &mapping);
	free(line);
	if (file)
		fclose(file);
}
