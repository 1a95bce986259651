/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file in /sys/kernel/lu_swap that stays open and is read repeatedly. */
#include "workloads/kit/guest/instance.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int instance_open(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/kernel/lu_swap/%s/version", name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

void instance_version(int fd, char version[INSTANCE_VERSION])
{
	ssize_t n = pread(fd, version, INSTANCE_VERSION - 1, 0);

	version[n > 0 ? n : 0] = '\0';
	version[strcspn(version, "\n")] = '\0';
	if (!*version)
		snprintf(version, INSTANCE_VERSION, "none");
}
