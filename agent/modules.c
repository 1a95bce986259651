/* SPDX-License-Identifier: GPL-2.0-or-later */
/* finit_module(2), in the order of a list. */
#include "agent/modules.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "agent/file.h"

/* A line of a list: a path, and after a space the module's parameters, to which more may be added
 * (of a repeated one the last counts). 1: loaded, 0: loaded already, -1 with errno. */
static int module_load(char *line, const char *more)
{
	const char *path = strsep(&line, " ");
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char params[512];
	long rc;

	if (fd < 0)
		return -1;
	snprintf(params, sizeof(params), "%s %s", line ? line : "", more);
	rc = syscall(SYS_finit_module, fd, params, 0);
	close(fd);
	if (rc < 0 && errno == EEXIST)
		return 0;
	return rc < 0 ? -1 : 1;
}

int modules_load_feature(const char *feature, const char *more, char *why, size_t size)
{
	char list[300], *text, *save, *path;
	int loaded = 0, rc = 0;

	snprintf(list, sizeof(list), "/etc/lubench/modules/%s", feature);
	text = strchr(feature, '/') ? NULL : file_read(list, NULL);
	if (!text) {
		snprintf(why, size, "this initramfs has no list %s", list);
		return -1;
	}
	for (path = strtok_r(text, "\n", &save); path; path = strtok_r(NULL, "\n", &save)) {
		rc = module_load(path, more);
		if (rc < 0) {
			snprintf(why, size, "%s: %s", path, strerror(errno));
			break;
		}
		loaded += rc;
	}
	free(text);
	return rc < 0 ? -1 : loaded;
}
