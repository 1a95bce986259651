/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/group.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "agent/file.h"

struct status {
	char state;
	long session;
};

/* proc(5): /proc/PID/stat; a name in it may hold spaces and parentheses. */
static bool read_status(const char *pid, struct status *status)
{
	char path[64], *text, *at, *end;
	bool ok = false;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	text = file_read(path, NULL);
	at = text ? strrchr(text, ')') : NULL;
	if (at && at[1] == ' ' && at[2]) {
		status->state = at[2];
		strtol(at + 3, &end, 10); /* parent */
		strtol(end, &end, 10);	  /* process group */
		status->session = strtol(end, &end, 10);
		ok = true;
	}
	free(text);
	return ok;
}

void group_each(pid_t leader, bool (*each)(void *data, pid_t pid), void *data)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	struct status status;

	while (proc && (entry = readdir(proc))) {
		if (entry->d_name[0] < '0' || entry->d_name[0] > '9' ||
		    !read_status(entry->d_name, &status) || status.session != leader)
			continue;
		if (!each(data, (pid_t)strtol(entry->d_name, NULL, 10)))
			break;
	}
	if (proc)
		closedir(proc);
}

struct census {
	const char *states; /* the states that count */
	bool all;
};

static bool counts(void *data, pid_t pid)
{
	struct census *census = data;
	char number[16];
	struct status status;

	snprintf(number, sizeof(number), "%d", (int)pid);
	census->all = !read_status(number, &status) || strchr(census->states, status.state);
	return census->all;
}

static bool all_are(pid_t leader, const char *states)
{
	struct census census = {states, true};

	group_each(leader, counts, &census);
	return census.all;
}

bool group_is_stopped(pid_t leader)
{
	return all_are(leader, "TtZX");
}

bool group_is_dead(pid_t leader)
{
	return all_are(leader, "ZX");
}
