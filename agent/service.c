/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/service.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agent/channel.h"
#include "agent/child.h"
#include "agent/file.h"
#include "agent/group.h"
#include "agent/loop.h"

/* The service's pids are far above those of any kernel's
 * threads, so that they are free in the next kernel. */
#define FIRST_PID "9999"

static struct {
	pid_t pid;
	bool stopped;
} service;
/* What CRIU does to it, or did last. */
static struct criu_reads {
	const char *what; /* "pre-dump", NULL: nothing yet */
	bool now;
	int64_t end_ns;
} reads;
/* How the last one ended. */
static struct {
	pid_t pid; /* 0: none has */
	int status;
	int64_t ns;
	struct criu_reads reads;
} last;
static const struct service_watch *watch;

pid_t service_pid(void)
{
	return service.pid;
}

bool service_stopped(void)
{
	return service.stopped;
}

void service_read_by_criu(const char *what, bool begins)
{
	reads = (struct criu_reads){what, begins, now_ns()};
}

/* A process that CRIU has stopped returns from its system call with EINTR when it goes on. */
#define EINTR_WORDS                                                                                \
	": CRIU's stop interrupts system calls, and a service must not take EINTR for the end"
#define SOON_NS 2000000000LL

static void say_when(char *text, size_t size)
{
	const struct criu_reads *criu = &last.reads;
	long long after = criu->what ? last.ns - criu->end_ns : SOON_NS;

	if (criu->now)
		snprintf(text, size, "during CRIU's %s" EINTR_WORDS, criu->what);
	else if (after < SOON_NS)
		snprintf(text, size, "%lld ms after CRIU's %s" EINTR_WORDS, after / 1000000,
			 criu->what);
	else
		snprintf(text, size, "%lld ms ago", (long long)(now_ns() - last.ns) / 1000000);
}

const char *service_none(void)
{
	static char text[320];
	char when[200];
	bool exited = WIFEXITED(last.status);

	if (!last.pid)
		return "no service runs";
	say_when(when, sizeof(when));
	snprintf(text, sizeof(text), "no service runs: process %d, which was it, ended by %s %d %s",
		 (int)last.pid, exited ? "exit status" : "signal",
		 exited ? WEXITSTATUS(last.status) : WTERMSIG(last.status), when);
	return text;
}

void service_watch(const struct service_watch *who)
{
	watch = who;
}

static void gone(int code, int status)
{
	pid_t pid = service.pid;
	int wait_status = code == CLD_EXITED ? status << 8 : status & 0x7f;

	service.pid = 0;
	service.stopped = false;
	last.pid = pid;
	last.status = wait_status;
	last.ns = now_ns();
	last.reads = reads;
	if (!watch || !watch->gone(pid, wait_status))
		push_event(json_pack("{s:s, s:i, s:i}", "event", "exit", "pid", (int)pid, "status",
				     wait_status));
}

bool service_child_event(pid_t pid, int code, int status)
{
	if (!service.pid || pid != service.pid)
		return false;
	if (code == CLD_CONTINUED) {
		service.stopped = false;
	} else if (code == CLD_STOPPED) {
		service.stopped = true;
		if (watch)
			watch->stopped();
	} else if (code == CLD_EXITED || code == CLD_KILLED || code == CLD_DUMPED) {
		gone(code, status);
	}
	return true;
}

void service_adopt(pid_t pid, bool stopped)
{
	service.pid = pid;
	service.stopped = stopped;
	child_observe(service_child_event);
}

/* Its output goes to /dev/null: a pipe or a terminal
 * could not be restored under the next kernel. */
void service_become(char *const argv[])
{
	int null = open("/dev/null", O_RDWR);

	setsid();
	child_prepare();
	dup2(null, 1);
	dup2(null, 2);
	if (null > 2)
		close(null);
	execv(argv[0], argv);
	_exit(127);
}

bool service_spawn(char *const argv[])
{
	pid_t pid;

	file_write("/proc/sys/kernel/ns_last_pid", FIRST_PID);
	pid = fork();
	if (pid == 0)
		service_become(argv);
	if (pid < 0)
		return false;
	service_adopt(pid, false);
	return true;
}

/* Those in other groups: finding them takes longer than all that the many wait for. */
static void wake_rest(void *data)
{
	if (service.pid && !service.stopped)
		group_signal(service.pid, SIGCONT, "");
}

bool service_wake(void)
{
	if (!service.pid)
		return true;
	if (kill(-service.pid, SIGCONT) < 0)
		return false;
	service.stopped = false;
	loop_at(now_ns(), wake_rest, NULL);
	return true;
}
