/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Children of /init: programs run for a verb, and orphans.
 * Their ends are read as SIGCHLD from a signalfd. */
#include "agent/child.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agent/loop.h"

#define OUTPUT_MAX    8192
#define OBSERVERS_MAX 4

struct child {
	struct child *next;
	pid_t pid;
	int out; /* read end of what it prints */
	size_t fill;
	char output[OUTPUT_MAX + 1];
	child_fn fn;
	void *data;
};

static struct child *children;
static child_observer observers[OBSERVERS_MAX];
static unsigned observer_count;
static int signal_fd = -1;

bool status_ok(int status)
{
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Keeps the last bytes: a program reports why it failed at the end of its output. */
static void on_output(void *data)
{
	struct child *child = data;
	char bytes[4096];
	ssize_t n = read(child->out, bytes, sizeof(bytes));
	size_t over;

	if (n == 0)
		loop_unwatch(child->out);
	if (n <= 0)
		return;
	over = child->fill + n > OUTPUT_MAX ? child->fill + n - OUTPUT_MAX : 0;
	memmove(child->output, child->output + over, child->fill - over);
	memcpy(child->output + child->fill - over, bytes, n);
	child->fill += n - over;
}

static void read_rest(struct child *child)
{
	struct pollfd fd = {.fd = child->out, .events = POLLIN};
	size_t before;

	do {
		before = child->fill;
		if (poll(&fd, 1, 0) > 0 && (fd.revents & POLLIN))
			on_output(child);
	} while (child->fill != before && child->fill < OUTPUT_MAX);
}

static void child_ended(pid_t pid, int status)
{
	for (struct child **at = &children; *at; at = &(*at)->next) {
		struct child *child = *at;

		if (child->pid != pid)
			continue;
		*at = child->next;
		read_rest(child);
		loop_unwatch(child->out);
		close(child->out);
		child->output[child->fill] = '\0';
		if (child->fn)
			child->fn(child->data, status, child->output);
		free(child);
		return;
	}
}

static int wait_status(const siginfo_t *info)
{
	return info->si_code == CLD_EXITED ? info->si_status << 8 : info->si_status & 0x7f;
}

void child_observe(child_observer fn)
{
	for (unsigned i = 0; i < observer_count; i++)
		if (observers[i] == fn)
			return;
	if (observer_count == OBSERVERS_MAX)
		abort();
	observers[observer_count++] = fn;
}

static bool observed(const siginfo_t *info)
{
	for (unsigned i = observer_count; i-- > 0;)
		if (observers[i](info->si_pid, info->si_code, info->si_status))
			return true;
	return false;
}

static void on_sigchld(void *data)
{
	struct signalfd_siginfo drained;
	siginfo_t info;

	while (read(signal_fd, &drained, sizeof(drained)) == sizeof(drained))
		;
	for (;;) {
		info.si_pid = 0;
		if (waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WCONTINUED | WNOHANG) < 0 ||
		    !info.si_pid)
			return;
		if (observed(&info))
			continue;
		if (info.si_code != CLD_STOPPED && info.si_code != CLD_CONTINUED)
			child_ended(info.si_pid, wait_status(&info));
	}
}

void child_init(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	loop_watch(signal_fd, on_sigchld, NULL);
}

void child_prepare(void)
{
	sigset_t none;
	int null = open("/dev/null", O_RDONLY);

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(null, 0);
	if (null > 2)
		close(null);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("LC_ALL", "C", 1);
}

static void in_child(int out, const char *const argv[], int (*body)(void *data), void *body_data)
{
	child_prepare();
	dup2(out, 1);
	dup2(out, 2);
	if (body)
		_exit(body(body_data));
	if (argv)
		execv(argv[0], (char *const *)argv);
	dprintf(2, "cannot run %s: %s\n", argv ? argv[0] : "nothing", strerror(errno));
	_exit(127);
}

static pid_t start(const char *const argv[], int (*body)(void *data), void *body_data, child_fn fn,
		   void *data)
{
	struct child *child = calloc(1, sizeof(*child));
	int out[2];
	pid_t pid;

	if (!child || pipe2(out, O_CLOEXEC) < 0) {
		free(child);
		return -1;
	}
	pid = fork();
	if (pid == 0)
		in_child(out[1], argv, body, body_data);
	close(out[1]);
	if (pid < 0) {
		close(out[0]);
		free(child);
		return -1;
	}
	child->pid = pid;
	child->out = out[0];
	child->fn = fn;
	child->data = data;
	child->next = children;
	children = child;
	loop_watch(child->out, on_output, child);
	return pid;
}

pid_t child_spawn(const char *const argv[], child_fn fn, void *data)
{
	return start(argv, NULL, NULL, fn, data);
}

pid_t child_spawn_with(const char *const argv[], int inherit, child_fn fn, void *data)
{
	pid_t pid;

	fcntl(inherit, F_SETFD, 0);
	pid = child_spawn(argv, fn, data);
	fcntl(inherit, F_SETFD, FD_CLOEXEC);
	return pid;
}

pid_t child_call(int (*body)(void *data), void *body_data, child_fn fn, void *data)
{
	return start(NULL, body, body_data, fn, data);
}
