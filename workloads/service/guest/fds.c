/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 10,000 descriptors: 5,000 pipes, each with a byte in it. */
#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>
#include "workloads/service/guest/resource.h"

#define PIPES 5000
#define MORE  1024 /* for connections */

static int pipes[PIPES][2];

static const char *take(void)
{
	const struct rlimit limit = {2 * PIPES + MORE, 2 * PIPES + MORE};

	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return "the limit of descriptors cannot be raised";
	for (int i = 0; i < PIPES; i++) {
		char byte = (char)i;

		if (pipe(pipes[i]) < 0 || write(pipes[i][1], &byte, 1) != 1)
			return "there are no pipes to be had";
	}
	return NULL;
}

static const char *check(void)
{
	for (int i = 0; i < PIPES; i++) {
		char byte = (char)~i;

		if (read(pipes[i][0], &byte, 1) != 1 || byte != (char)i)
			return "a pipe has lost what was in it";
	}
	return NULL;
}

static struct resource fds = {"fds", take, check};
RESOURCE(fds)
