/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An io_uring, but only on another kernel than the one it was started on: what carries it over once
 * cannot do so a second time. */
#include <linux/io_uring.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "workloads/service/guest/resource.h"

#define LOOK_NS 100000000LL
#define ENTRIES 8

static struct utsname first;
static int ring = -1;

static const char *take(void)
{
	return uname(&first) < 0 ? "the kernel has no name" : NULL;
}

static long long look(void)
{
	struct io_uring_params params = {0};
	struct utsname now;

	if (ring < 0 && uname(&now) == 0 && strcmp(now.release, first.release) != 0)
		ring = (int)syscall(SYS_io_uring_setup, ENTRIES, &params);
	return LOOK_NS;
}

static const char *check(void)
{
	return NULL;
}

static struct resource later = {"later", take, check, look};
RESOURCE(later)
