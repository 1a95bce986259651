/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calling a function in a child process. */
#include "host/isolated.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void child(int (*function)(void), pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The parent may have died before prctl. */
	if (getppid() != parent)
		_exit(127);
	_exit(function());
}

static bool ends_in_time(pid_t pid, int deadline_ms)
{
	int pidfd = pidfd_open(pid, 0);
	struct pollfd ended = {.fd = pidfd, .events = POLLIN};
	bool in_time = pidfd >= 0 && poll(&ended, 1, deadline_ms) == 1;

	if (pidfd >= 0)
		close(pidfd);
	return in_time;
}

int lu_isolated_call(int (*function)(void), int deadline_ms)
{
	pid_t parent = getpid(), pid = fork();
	bool in_time;
	int status = 0;

	if (pid == 0)
		child(function, parent);
	if (pid < 0)
		return LU_ISOLATED_NO_PROCESS;
	in_time = ends_in_time(pid, deadline_ms);
	if (!in_time)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return in_time && WIFEXITED(status) ? WEXITSTATUS(status) : LU_ISOLATED_FAILED;
}
