/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/criu/huge-pages.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent/file.h"

#define UNWANTED "\nTHP_enabled:\t0\n"
#define MARK	 "no-huge-pages"

bool huge_pages_unwanted(pid_t pid)
{
	char path[40], *status;
	bool unwanted;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	status = file_read(path, NULL);
	unwanted = status && strstr(status, UNWANTED);
	free(status);
	return unwanted;
}

void huge_pages_keep(const char *images, pid_t pid)
{
	char path[100];
	int fd;

	snprintf(path, sizeof(path), "%s/" MARK, images);
	unlink(path);
	if (!huge_pages_unwanted(pid))
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
}

bool huge_pages_kept_out(const char *images)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/" MARK, images);
	return access(path, F_OK) == 0;
}
