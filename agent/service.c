/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/service.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agent/channel.h"
#include "agent/child.h"
#include "agent/file.h"
#include "agent/group.h"
#include "agent/loop.h"

/* The services' pids are far above those of any kernel's
 * threads, so that they are free in the next kernel. */
#define FIRST_PID "9999"

/* What CRIU does to a service, or did last. */
struct criu_reads {
	const char *what; /* "pre-dump", NULL: nothing yet */
	bool now;
	int64_t end_ns;
};

static struct service {
	char name[SERVICE_NAME_MAX + 1];
	int port;
	pid_t pid; /* 0: it does not run */
	bool stopped;
	struct criu_reads reads;
	/* How the last one of that name ended. */
	struct {
		pid_t pid; /* 0: none has */
		int status;
		int64_t ns;
		struct criu_reads reads;
	} last;
} services[SERVICES_MAX];
/* The first is the one without a name. */
static unsigned count = 1;
static struct service *service = services;
static const struct service_watch *watch;

bool service_turn_to(const char *name)
{
	unsigned i = 0;

	while (i < count && strcmp(services[i].name, name))
		i++;
	if (i == SERVICES_MAX || strlen(name) > SERVICE_NAME_MAX)
		return false;
	if (i == count)
		snprintf(services[count++].name, sizeof(services->name), "%s", name);
	service = &services[i];
	return true;
}

const char *service_name(void)
{
	return service->name;
}

const char *service_own(const char *what)
{
	static char name[SERVICE_NAME_MAX + 40];

	snprintf(name, sizeof(name), "%s%s%s", service->name, *service->name ? "." : "", what);
	return name;
}

unsigned service_number(void)
{
	return (unsigned)(service - services);
}

void service_set_port(int port)
{
	service->port = port;
}

int service_port(void)
{
	return service->port;
}

pid_t service_pid(void)
{
	return service->pid;
}

bool service_stopped(void)
{
	return service->stopped;
}

void service_read_by_criu(const char *what, bool begins)
{
	service->reads = (struct criu_reads){what, begins, now_ns()};
}

/* A process that CRIU has stopped returns from its system call with EINTR when it goes on. */
#define EINTR_WORDS                                                                                \
	": CRIU's stop interrupts system calls, and a service must not take EINTR for the end"
#define SOON_NS 2000000000LL

static void say_when(char *text, size_t size)
{
	const struct criu_reads *criu = &service->last.reads;
	long long after = criu->what ? service->last.ns - criu->end_ns : SOON_NS;

	if (criu->now)
		snprintf(text, size, "during CRIU's %s" EINTR_WORDS, criu->what);
	else if (after < SOON_NS)
		snprintf(text, size, "%lld ms after CRIU's %s" EINTR_WORDS, after / 1000000,
			 criu->what);
	else
		snprintf(text, size, "%lld ms ago",
			 (long long)(now_ns() - service->last.ns) / 1000000);
}

const char *service_none(void)
{
	static char text[320 + SERVICE_NAME_MAX];
	char what[SERVICE_NAME_MAX + 40] = "no service runs", when[200];
	int status = service->last.status;
	bool exited = WIFEXITED(status);

	if (*service->name)
		snprintf(what, sizeof(what), "service %s does not run", service->name);
	if (!service->last.pid) {
		snprintf(text, sizeof(text), "%s", what);
		return text;
	}
	say_when(when, sizeof(when));
	snprintf(text, sizeof(text), "%s: process %d, which was it, ended by %s %d %s", what,
		 (int)service->last.pid, exited ? "exit status" : "signal",
		 exited ? WEXITSTATUS(status) : WTERMSIG(status), when);
	return text;
}

void service_watch(const struct service_watch *who)
{
	watch = who;
}

static void gone(struct service *which, int code, int status)
{
	pid_t pid = which->pid;
	int wait_status = code == CLD_EXITED ? status << 8 : status & 0x7f;

	which->pid = 0;
	which->stopped = false;
	which->last.pid = pid;
	which->last.status = wait_status;
	which->last.ns = now_ns();
	which->last.reads = which->reads;
	if (!watch || !watch->gone(pid, wait_status))
		push_event(json_pack("{s:s, s:i, s:i}", "event", "exit", "pid", (int)pid, "status",
				     wait_status));
}

static struct service *service_of(pid_t pid)
{
	for (unsigned i = 0; i < count; i++)
		if (services[i].pid && services[i].pid == pid)
			return &services[i];
	return NULL;
}

bool service_child_event(pid_t pid, int code, int status)
{
	struct service *which = service_of(pid);

	if (!which)
		return false;
	if (code == CLD_CONTINUED) {
		which->stopped = false;
	} else if (code == CLD_STOPPED) {
		which->stopped = true;
		if (watch)
			watch->stopped(pid);
	} else if (code == CLD_EXITED || code == CLD_KILLED || code == CLD_DUMPED) {
		gone(which, code, status);
	}
	return true;
}

void service_adopt(pid_t pid, bool stopped)
{
	service->pid = pid;
	service->stopped = stopped;
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
	const struct service *which = data;

	if (which->pid && !which->stopped)
		group_signal(which->pid, SIGCONT, "");
}

bool service_wake(void)
{
	if (!service->pid)
		return true;
	if (kill(-service->pid, SIGCONT) < 0)
		return false;
	service->stopped = false;
	loop_at(now_ns(), wake_rest, service);
	return true;
}
