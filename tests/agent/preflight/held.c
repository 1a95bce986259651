/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/agent/preflight/held.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agent/group.h"

static _Noreturn void be(bool (*set_up)(long data), long data, int ready)
{
	int null = open("/dev/null", O_RDWR);
	char has;

	setsid();
	for (int i = 0; i < 3; i++)
		dup2(null, i);
	if (dup2(ready, 3) != 3 || chdir("/"))
		_exit(1);
	close_range(4, ~0U, 0);
	fcntl(3, F_SETFD, FD_CLOEXEC);
	has = !set_up || set_up(data);
	if (write(3, &has, 1) == 1)
		close(3);
	for (;;)
		pause();
}

/* It must not say that all is ready, too: nobody may be there to hear it any more. */
bool held_child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	return pid > 0;
}

pid_t held_start(bool (*set_up)(long data), long data)
{
	int ready[2];
	char has = 0;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC))
		return 0;
	pid = fork();
	if (pid == 0)
		be(set_up, data, ready[1]);
	close(ready[1]);
	if (read(ready[0], &has, 1) != 1)
		has = 0;
	close(ready[0]);
	if (pid > 0 && !has) {
		held_end(pid);
		pid = 0;
	}
	return pid > 0 ? pid : 0;
}

void held_end(pid_t pid)
{
	group_signal(pid, SIGKILL, "");
	waitpid(pid, NULL, 0);
}
