/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tree of processes: children that have children, each a link in a chain of pipes. */
#include <stddef.h>
#include <unistd.h>
#include "workloads/service/guest/resource.h"

#define CHILDREN 4
#define DEPTH	 3

static struct {
	int down, up; /* a byte that goes down comes up again */
} chains[CHILDREN];

/* Hands on what comes, down to the last and back. */
static _Noreturn void hand_on(int from, int to)
{
	char byte;

	while (read(from, &byte, 1) == 1 && write(to, &byte, 1) == 1)
		;
	_exit(0);
}

/* The chain below what is read from `from`: each process is a child of the one before it, and the
 * last one writes to `to`. */
static _Noreturn void grow(int from, int to)
{
	int next[2];

	for (int depth = 1; depth < DEPTH; depth++) {
		if (pipe(next) < 0)
			_exit(1);
		if (fork() != 0) {
			close(next[0]);
			close(to);
			hand_on(from, next[1]);
		}
		close(next[1]);
		close(from);
		from = next[0];
	}
	hand_on(from, to);
}

static const char *take(void)
{
	for (int i = 0; i < CHILDREN; i++) {
		int down[2], up[2];
		pid_t child;

		if (pipe(down) < 0 || pipe(up) < 0)
			return "there are no pipes to be had";
		child = fork();
		if (child < 0)
			return "there are no processes to be had";
		if (child == 0) {
			close(down[1]);
			close(up[0]);
			grow(down[0], up[1]);
		}
		close(down[0]);
		close(up[1]);
		chains[i].down = down[1];
		chains[i].up = up[0];
	}
	return NULL;
}

static const char *check(void)
{
	for (int i = 0; i < CHILDREN; i++) {
		char byte = (char)('a' + i), back = 0;

		if (write(chains[i].down, &byte, 1) != 1 || read(chains[i].up, &back, 1) != 1)
			return "a process is gone";
		if (back != byte)
			return "a process hands on something else";
	}
	return NULL;
}

static struct resource tree = {"tree", take, check};
RESOURCE(tree)
