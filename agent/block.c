/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Block devices by serial: /sys/block/NAME/serial (virtio-blk). */
#include "agent/block.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "agent/file.h"

static bool serial_is(const char *name, const char *serial)
{
	char path[300], *text;
	bool same;

	snprintf(path, sizeof(path), "/sys/block/%s/serial", name);
	text = file_read(path, NULL);
	same = text && !strcmp(text, serial);
	free(text);
	return same;
}

bool block_by_serial(const char *serial, char *device, size_t size)
{
	DIR *dir = opendir("/sys/block");
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		if (!serial_is(entry->d_name, serial))
			continue;
		snprintf(device, size, "/dev/%s", entry->d_name);
		found = true;
	}
	if (dir)
		closedir(dir);
	return found;
}
