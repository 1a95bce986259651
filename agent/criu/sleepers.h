/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of a service's processes have done nothing for a while, so that a snapshot of them will
 * probably stay true. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SLEEPERS_MAX 256

struct sleeper {
	pid_t pid, parent;
	int64_t ran_ns; /* on a processor, all its threads together */
};

struct sleepers {
	struct sleeper v[SLEEPERS_MAX];
	size_t n;
};

/* All processes of the session that it leads; of more than SLEEPERS_MAX only so many. */
void sleepers_count(struct sleepers *all, pid_t leader);
/*
 * The trees of processes none of which has run between the two countings, each by its topmost
 * process: CRIU dumps whole trees. Returns how many; *slept: how many processes are in them.
 */
size_t sleepers_trees(const struct sleepers *before, const struct sleepers *after, pid_t *tops,
		      size_t *slept);
