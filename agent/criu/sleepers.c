/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/criu/sleepers.h"
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "agent/file.h"
#include "agent/group.h"

/* proc(5): the first number of schedstat is the time on a processor. */
static int64_t ran(pid_t pid)
{
	char path[80];
	struct dirent *entry;
	int64_t sum = 0;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	while (tasks && (entry = readdir(tasks))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%.20s/schedstat", (int)pid,
			 entry->d_name);
		sum += file_number(path, 0);
	}
	if (tasks)
		closedir(tasks);
	return sum;
}

static pid_t parent_of(pid_t pid)
{
	char path[40], *text, *at;
	pid_t parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	text = file_read(path, NULL);
	at = text ? strrchr(text, ')') : NULL;
	if (at && strlen(at) > 4)
		parent = (pid_t)strtol(at + 3, NULL, 10);
	free(text);
	return parent;
}

static bool add(void *data, pid_t pid)
{
	struct sleepers *all = data;

	all->v[all->n++] = (struct sleeper){pid, parent_of(pid), ran(pid)};
	return all->n < SLEEPERS_MAX;
}

void sleepers_count(struct sleepers *all, pid_t leader)
{
	all->n = 0;
	group_each(leader, add, all);
}

static const struct sleeper *find(const struct sleepers *all, pid_t pid)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].pid == pid)
			return &all->v[i];
	return NULL;
}

/* One that has come in between has run. */
static bool has_run(const struct sleepers *before, const struct sleeper *now)
{
	const struct sleeper *then = find(before, now->pid);

	return !then || then->ran_ns != now->ran_ns;
}

/* Each that has run wakes all above it, since their trees hold it. */
static void mark_awake(const struct sleepers *before, const struct sleepers *after, bool *awake)
{
	for (size_t i = 0; i < after->n; i++) {
		const struct sleeper *at = &after->v[i];

		if (!has_run(before, at))
			continue;
		/* a table read while processes come and go could hold a circle: n steps suffice */
		for (size_t steps = 0; at && steps < after->n; steps++) {
			awake[at - after->v] = true;
			at = find(after, at->parent);
		}
	}
}

size_t sleepers_trees(const struct sleepers *before, const struct sleepers *after, pid_t *tops,
		      size_t *slept)
{
	bool awake[SLEEPERS_MAX] = {false};
	size_t n = 0;

	*slept = 0;
	mark_awake(before, after, awake);
	for (size_t i = 0; i < after->n; i++) {
		const struct sleeper *above = find(after, after->v[i].parent);

		if (awake[i])
			continue;
		(*slept)++;
		if (!above || awake[above - after->v])
			tops[n++] = after->v[i].pid;
	}
	return n;
}
