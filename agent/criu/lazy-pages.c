/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of one `criu lazy-pages`. */
#include "agent/criu/lazy-pages.h"
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "agent/child.h"
#include "agent/criu/criu.h"
#include "agent/criu/environment.h"
#include "agent/group.h"
#include "agent/loop.h"
#include "agent/service.h"

#define LOG    "lazy-pages.log"
#define SOCKET CRIU_WORK "/lazy-pages.socket"
/* One for each process of the service. */
#define HELD_MAX 64

static struct {
	pid_t pid; /* 0: none runs */
	int status_fd;
	pid_t serves; /* the service that depends on it; 0: none yet */
	void (*ready)(const char *why);
	void (*waits)(const char *why);
	int held[HELD_MAX];
	unsigned n;
	int64_t end_ns;
	char why[400]; /* "": it ended well */
} filler = {.status_fd = -1};

static void let_go(void)
{
	while (filler.n)
		close(filler.held[--filler.n]);
}

static void forget_status(void)
{
	if (filler.status_fd < 0)
		return;
	loop_unwatch(filler.status_fd);
	close(filler.status_fd);
	filler.status_fd = -1;
}

static void note_why(const char *output)
{
	char *reasons = criu_errors(CRIU_WORK "/" LOG);

	snprintf(filler.why, sizeof(filler.why), "criu lazy-pages: %s",
		 reasons && *reasons ? reasons
		 : *output	     ? output
				     : "it ended without a message");
	free(reasons);
}

static void answer(void (**fn)(const char *why))
{
	void (*call)(const char *why) = *fn;

	*fn = NULL;
	if (call)
		call(*filler.why ? filler.why : NULL);
}

static void ended(void *data, int status, const char *output)
{
	filler.pid = 0;
	filler.end_ns = now_ns();
	forget_status();
	if (!status_ok(status)) {
		note_why(output);
		if (filler.serves)
			group_signal(filler.serves, SIGKILL, "");
	}
	filler.serves = 0;
	let_go();
	answer(&filler.ready);
	answer(&filler.waits);
}

/* A byte says that it listens; the end of the pipe, that it will not. */
static void on_status(void *data)
{
	char byte;
	bool listens = read(filler.status_fd, &byte, 1) == 1;

	forget_status();
	if (listens)
		answer(&filler.ready);
}

bool lazy_pages_start(const char *images, void (*ready)(const char *why))
{
	const struct criu_environment environment = {.low = true};
	char number[16];
	const char *const argv[] = {CRIU, "lazy-pages", "-D",  images,	      "-W",   CRIU_WORK,
				    "-o", LOG,		"-v1", "--status-fd", number, NULL};
	int status[2];

	if (filler.pid || pipe2(status, O_CLOEXEC) < 0)
		return false;
	snprintf(number, sizeof(number), "%d", status[1]);
	unlink(SOCKET);
	unlink(CRIU_WORK "/" LOG);
	*filler.why = '\0';
	filler.end_ns = 0;
	filler.ready = ready;
	criu_environment_set(&environment);
	filler.pid = child_spawn_with(argv, status[1], ended, NULL);
	criu_environment_unset();
	close(status[1]);
	filler.status_fd = status[0];
	if (filler.pid > 0) {
		loop_watch(status[0], on_status, NULL);
		return true;
	}
	filler.pid = 0;
	close(status[0]);
	filler.status_fd = -1;
	return false;
}

/* Copies of the descriptors of all its userfaultfds. */
static void hold_faults(int process)
{
	char path[80], target[64];
	struct dirent *entry;
	ssize_t len;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)filler.pid);
	folder = opendir(path);
	while (folder && filler.n < HELD_MAX && (entry = readdir(folder))) {
		len = readlinkat(dirfd(folder), entry->d_name, target, sizeof(target) - 1);
		target[len > 0 ? len : 0] = '\0';
		if (!strstr(target, "[userfaultfd]"))
			continue;
		filler.held[filler.n] = (int)syscall(SYS_pidfd_getfd, process,
						     (int)strtol(entry->d_name, NULL, 10), 0);
		filler.n += filler.held[filler.n] >= 0;
	}
	if (folder)
		closedir(folder);
}

void lazy_pages_hold(void)
{
	int process;

	if (!filler.pid)
		return;
	filler.serves = service_pid();
	process = (int)syscall(SYS_pidfd_open, filler.pid, 0);
	if (process < 0)
		return;
	hold_faults(process);
	close(process);
}

void lazy_pages_stop(void)
{
	if (filler.pid)
		kill(filler.pid, SIGKILL);
}

bool lazy_pages_runs(void)
{
	return filler.pid;
}

int64_t lazy_pages_end_ns(void)
{
	return filler.pid || *filler.why ? 0 : filler.end_ns;
}

void lazy_pages_wait(void (*fn)(const char *why))
{
	filler.waits = fn;
	if (!filler.pid)
		answer(&filler.waits);
}
