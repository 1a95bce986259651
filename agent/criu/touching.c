/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/criu/touching.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "agent/file.h"
#include "agent/group.h"

static char state_of(const char *stat)
{
	const char *behind = strrchr(stat, ')'); /* a name may have any character */

	return behind && behind[1] ? behind[2] : '\0';
}

static bool is_at_work(pid_t pid, const char *thread)
{
	char path[80], *stat, *asleep_in = NULL;
	bool at_work;

	snprintf(path, sizeof(path), "/proc/%d/task/%.16s/stat", (int)pid, thread);
	stat = file_read(path, NULL);
	at_work = stat && state_of(stat) == 'R';
	free(stat);
	if (at_work)
		return true;
	snprintf(path, sizeof(path), "/proc/%d/task/%.16s/wchan", (int)pid, thread);
	asleep_in = file_read(path, NULL);
	at_work = asleep_in && !strcmp(asleep_in, "handle_userfault");
	free(asleep_in);
	return at_work;
}

static bool look_at(void *data, pid_t pid)
{
	bool *at_work = data;
	struct dirent *entry;
	char path[40];
	DIR *threads;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	threads = opendir(path);
	while (threads && !*at_work && (entry = readdir(threads)))
		*at_work = *entry->d_name != '.' && is_at_work(pid, entry->d_name);
	if (threads)
		closedir(threads);
	return !*at_work;
}

bool service_touches(pid_t leader)
{
	bool at_work = false;

	group_each(leader, look_at, &at_work);
	return at_work;
}
