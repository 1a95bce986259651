/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An inotify watch. */
#include <fcntl.h>
#include <stddef.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include "workloads/service/guest/resource.h"

#define FOLDER "/watched"

static int notify = -1;

static const char *take(void)
{
	mkdir(FOLDER, 0755);
	notify = inotify_init1(IN_NONBLOCK);
	return notify >= 0 && inotify_add_watch(notify, FOLDER, IN_CREATE) >= 0
		       ? NULL
		       : "inotify_add_watch fails";
}

/* What is made there has to be told. */
static const char *check(void)
{
	char event[4096];
	int fd = open(FOLDER "/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0)
		return "the folder is gone";
	close(fd);
	unlink(FOLDER "/file");
	return read(notify, event, sizeof(event)) > 0 ? NULL : "the watch tells nothing";
}

static struct resource inotify = {"inotify", take, check};
RESOURCE(inotify)
