/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/group.h"
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "agent/file.h"

#define GROUP_DEAD "ZX"

struct status {
	pid_t pid, parent, session;
	char state;
	bool member, descends;
};

/* All processes of this system. */
struct census {
	struct status *all;
	size_t n, room;
};

/* proc(5): /proc/PID/stat; a name in it may hold spaces and parentheses. */
static bool read_status(const char *pid, struct status *status)
{
	char path[64], *text, *at, *end;
	bool ok = false;

	snprintf(path, sizeof(path), "/proc/%.16s/stat", pid);
	text = file_read(path, NULL);
	at = text ? strrchr(text, ')') : NULL;
	if (at && at[1] == ' ' && at[2]) {
		status->pid = (pid_t)strtol(pid, NULL, 10);
		status->state = at[2];
		status->parent = (pid_t)strtol(at + 3, &end, 10);
		strtol(end, &end, 10); /* process group */
		status->session = (pid_t)strtol(end, &end, 10);
		ok = true;
	}
	free(text);
	return ok;
}

static void take(struct census *census, const struct status *status)
{
	if (census->n == census->room) {
		size_t room = census->room ? 2 * census->room : 128;
		struct status *all = reallocarray(census->all, room, sizeof(*all));

		if (!all)
			return;
		census->all = all;
		census->room = room;
	}
	census->all[census->n++] = *status;
}

static void count_all(struct census *census)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		struct status status = {0};

		if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9' &&
		    read_status(entry->d_name, &status))
			take(census, &status);
	}
	if (proc)
		closedir(proc);
}

static bool descends(const struct census *census, pid_t pid)
{
	for (size_t i = 0; i < census->n; i++)
		if (census->all[i].pid == pid)
			return census->all[i].descends;
	return false;
}

/* A parent may stand behind its child in the list, so once more until nobody is new. */
static size_t mark(struct census *census, pid_t leader)
{
	bool found = true;
	size_t members = 0;

	while (found) {
		found = false;
		for (size_t i = 0; i < census->n; i++) {
			struct status *at = &census->all[i];

			if (at->descends || (at->pid != leader && !descends(census, at->parent)))
				continue;
			at->descends = found = true;
		}
	}
	for (size_t i = 0; i < census->n; i++) {
		struct status *at = &census->all[i];

		at->member = at->descends || at->session == leader;
		members += at->member;
	}
	return members;
}

struct group_member *group_members(pid_t leader, size_t *n)
{
	struct census census = {0};
	struct group_member *members;
	size_t i = 0;

	count_all(&census);
	*n = mark(&census, leader);
	members = *n ? calloc(*n, sizeof(*members)) : NULL;
	for (const struct status *at = census.all; members && i < *n; at++)
		if (at->member)
			members[i++] = (struct group_member){at->pid, at->state, at->descends};
	free(census.all);
	if (!members)
		*n = 0;
	return members;
}

void group_each(pid_t leader, bool (*each)(void *data, pid_t pid), void *data)
{
	size_t n;
	struct group_member *members = group_members(leader, &n);

	for (size_t i = 0; i < n && each(data, members[i].pid); i++)
		;
	free(members);
}

void group_signal(pid_t leader, int signal, const char *except)
{
	size_t n;
	struct group_member *members = group_members(leader, &n);

	for (size_t i = 0; i < n; i++)
		if (!strchr(except, members[i].state))
			kill(members[i].pid, signal);
	free(members);
}

static bool all_are(pid_t leader, const char *states)
{
	size_t n;
	struct group_member *members = group_members(leader, &n);
	bool all = true;

	for (size_t i = 0; i < n && all; i++)
		all = strchr(states, members[i].state);
	free(members);
	return all;
}

bool group_is_stopped(pid_t leader)
{
	return all_are(leader, GROUP_STOPPED);
}

bool group_is_dead(pid_t leader)
{
	return all_are(leader, GROUP_DEAD);
}
