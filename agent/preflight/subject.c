/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/preflight/subject.h"
#include <ctype.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "agent/file.h"

#define SECOND_NS  INT64_C(1000000000)
#define START_TIME 20 /* of the fields after the name: proc(5), stat (22) */

/* The word of proc(5)'s stat that many words behind the name; 0: there is none. */
static uint64_t stat_field(pid_t pid, unsigned after)
{
	char path[64], *text, *at;
	uint64_t value = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	text = file_read(path, NULL);
	at = text ? strrchr(text, ')') : NULL;
	for (unsigned i = 0; at && i < after; i++)
		at = strchr(at + 1, ' ');
	if (at)
		value = strtoull(at + 1, NULL, 10);
	free(text);
	return value;
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * SECOND_NS + now.tv_nsec;
}

/* The start is counted from the boot, files carry the time of day. */
static int64_t begin_of(pid_t pid)
{
	int64_t ticks = (int64_t)stat_field(pid, START_TIME);

	return clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME) +
	       ticks * (SECOND_NS / sysconf(_SC_CLK_TCK));
}

bool subject_process(struct preflight_process *process, pid_t leader,
		     const struct group_member *member)
{
	char path[64], *name;

	*process = (struct preflight_process){
		.pid = member->pid,
		.leader = leader,
		.descends = member->descends,
		.state = member->state,
		.begin_ns = begin_of(leader),
	};
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)member->pid);
	name = file_read(path, NULL);
	if (!name)
		return false;
	name[strcspn(name, "\n")] = '\0';
	snprintf(process->name, sizeof(process->name), "%s", name);
	free(name);
	process->pidfd = (int)syscall(SYS_pidfd_open, member->pid, 0);
	return true;
}

void subject_process_clear(struct preflight_process *process)
{
	if (process->pidfd >= 0)
		close(process->pidfd);
	process->pidfd = -1;
}

bool subject_file(struct preflight_file *file, const struct preflight_process *process, int fd,
		  const char *name)
{
	file->process = process;
	file->fd = fd;
	file->copy = -1;
	snprintf(file->path, sizeof(file->path), "/proc/%d/%s", (int)process->pid, name);
	return subject_link(file, AT_FDCWD, file->path) && stat(file->path, &file->st) == 0;
}

bool subject_link(struct preflight_file *file, int dir, const char *name)
{
	ssize_t len = readlinkat(dir, name, file->link, sizeof(file->link) - 1);

	file->link[len < 0 ? 0 : len] = '\0';
	return len >= 0;
}

void subject_file_clear(struct preflight_file *file)
{
	if (file->copy >= 0)
		close(file->copy);
	file->copy = -1;
}

bool preflight_info(const struct preflight_file *file, const char *key, int base, uint64_t *value)
{
	char path[80], *text, *at;
	size_t len = strlen(key);

	if (file->fd < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", (int)file->process->pid, file->fd);
	text = file_read(path, NULL);
	for (at = text; at && (strncmp(at, key, len) || at[len] != ':');)
		at = (at = strchr(at, '\n')) ? at + 1 : NULL;
	if (at)
		*value = strtoull(at + len + 1, NULL, base);
	free(text);
	return at;
}

int preflight_copy(struct preflight_file *file)
{
	if (file->copy < 0 && file->fd >= 0 && file->process->pidfd >= 0)
		file->copy = (int)syscall(SYS_pidfd_getfd, file->process->pidfd, file->fd, 0);
	return file->copy;
}

short preflight_poll(struct preflight_file *file, short events)
{
	struct pollfd poll_one = {.fd = preflight_copy(file), .events = events};

	return poll_one.fd >= 0 && poll(&poll_one, 1, 0) > 0 ? poll_one.revents & events : 0;
}

const char *preflight_status(const struct preflight_process *process, const char *key)
{
	static char line[256];
	char path[64], *text, *at;
	size_t len = strlen(key);

	*line = '\0';
	snprintf(path, sizeof(path), "/proc/%d/status", (int)process->pid);
	text = file_read(path, NULL);
	for (at = text; at && (strncmp(at, key, len) || at[len] != ':');)
		at = (at = strchr(at, '\n')) ? at + 1 : NULL;
	if (at) {
		for (at += len + 1; isblank((unsigned char)*at); at++)
			;
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
	}
	free(text);
	return line;
}

const char *preflight_link(pid_t pid, const char *name)
{
	static char texts[2][256];
	static unsigned turn;
	char path[64], *text = texts[turn++ % 2];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	len = readlink(path, text, sizeof(texts[0]) - 1);
	text[len < 0 ? 0 : len] = '\0';
	return text;
}
