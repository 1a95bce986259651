/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/service.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "agent/channel.h"
#include "agent/child.h"
#include "agent/file.h"

/* The service's pids are far above those of any kernel's
 * threads, so that they are free in the next kernel. */
#define FIRST_PID "9999"

static struct {
	pid_t pid;
	bool stopped;
} service;
static const struct service_watch *watch;

pid_t service_pid(void)
{
	return service.pid;
}

bool service_stopped(void)
{
	return service.stopped;
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

bool service_wake(void)
{
	if (service.pid && kill(-service.pid, SIGCONT) < 0)
		return false;
	service.stopped = false;
	return true;
}
