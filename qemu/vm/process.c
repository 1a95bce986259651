/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fork and exec with a death signal, a pidfd and a bounded capture of the child's output. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/close_range.h>
#include "record/error.h"
#include "qemu/vm/process.h"
#include "host/wait.h"

enum {
	CAPTURE_BYTES = 64 * 1024,
	QUOTED_BYTES = 600,
};

struct lu_process {
	pid_t pid;
	int pidfd;
	int capture; /* memfd that is the child's stdout and stderr */
	bool ended;
	siginfo_t end;
};

/* What the child needs between fork and exec, where nothing may be allocated. */
struct start {
	const char *path;
	char *const *argv;
	const int *keep;
	size_t n;
	int null, capture, report;
	pid_t parent;
};

/*
 * A memfd that cannot grow: a child that prints without end gets EPERM instead of our memory. The
 * shared file offset says how much was written.
 */
static int capture_new(GError **error)
{
	int fd = memfd_create("qemu-output", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && !ftruncate(fd, CAPTURE_BYTES) &&
	    !fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK))
		return fd;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "memfd: %s", g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static void default_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Async-signal-safe: other threads of ours may have held locks at the fork. */
static _Noreturn void child(const struct start *start)
{
	int saved;

	default_signals();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != start->parent)
		_exit(127);
	setsid();
	dup2(start->null, 0);
	dup2(start->capture, 1);
	dup2(start->capture, 2);
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	for (size_t i = 0; i < start->n; i++)
		fcntl(start->keep[i], F_SETFD, 0);
	execv(start->path, start->argv);
	saved = errno;
	if (write(start->report, &saved, sizeof(saved)) < 0)
		_exit(126);
	_exit(127);
}

/* The report pipe closes on a successful exec; otherwise it carries errno. */
static bool exec_worked(int report, const char *path, GError **error)
{
	int why;
	ssize_t n;

	do
		n = read(report, &why, sizeof(why));
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "%s did not start: %s", path,
		    n == sizeof(why) ? g_strerror(why) : "no report from it");
	return false;
}

static bool launch(struct lu_process *process, struct start *start, GError **error)
{
	int report[2];

	if (pipe2(report, O_CLOEXEC) < 0) {
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "pipe: %s", g_strerror(errno));
		return false;
	}
	start->report = report[1];
	start->parent = getpid();
	process->pid = fork();
	if (process->pid == 0)
		child(start);
	close(report[1]);
	if (process->pid > 0)
		process->pidfd = pidfd_open(process->pid, 0);
	if (process->pid < 0 || process->pidfd < 0) {
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "cannot start %s: %s", start->path,
			    g_strerror(errno));
		close(report[0]);
		return false;
	}
	bool worked = exec_worked(report[0], start->path, error);

	close(report[0]);
	return worked;
}

struct lu_process *lu_process_spawn(const char *const *argv, const int *keep, size_t n,
				    GError **error)
{
	g_autofree char *path = g_find_program_in_path(argv[0]);
	struct lu_process *process;
	struct start start = {.path = path, .argv = (char *const *)argv, .keep = keep, .n = n};

	if (!path) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "%s is not installed (not found in PATH)", argv[0]);
		return NULL;
	}
	process = g_new0(struct lu_process, 1);
	process->pid = -1;
	process->pidfd = -1;
	process->capture = start.capture = capture_new(error);
	start.null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (process->capture < 0 || !launch(process, &start, error))
		g_clear_pointer(&process, lu_process_free);
	if (start.null >= 0)
		close(start.null);
	return process;
}

void lu_process_free(struct lu_process *process)
{
	if (!process)
		return;
	if (process->pid > 0 && !lu_process_ended(process)) {
		kill(process->pid, SIGKILL);
		/* SIGKILL cannot be ignored; a child in an
		 * uninterruptible wait ends when that wait does */
		while (waitid(P_PID, process->pid, &process->end, WEXITED) < 0 && errno == EINTR)
			;
	}
	if (process->pidfd >= 0)
		close(process->pidfd);
	if (process->capture >= 0)
		close(process->capture);
	g_free(process);
}

pid_t lu_process_pid(const struct lu_process *process)
{
	return process->pid;
}

int lu_process_pidfd(const struct lu_process *process)
{
	return process->pidfd;
}

bool lu_process_ended(struct lu_process *process)
{
	if (process->ended)
		return true;
	process->end.si_pid = 0;
	if (waitid(P_PID, process->pid, &process->end, WEXITED | WNOHANG) == 0)
		process->ended = process->end.si_pid != 0;
	else
		process->ended = errno == ECHILD;
	return process->ended;
}

/* A reaped pid may be someone else's by now. */
void lu_process_kill(struct lu_process *process)
{
	if (!lu_process_ended(process))
		pidfd_send_signal(process->pidfd, SIGKILL, NULL, 0);
}

bool lu_process_wait(struct lu_process *process, int64_t timeout_ns)
{
	int64_t deadline_ns = lu_monotonic_ns() + timeout_ns;
	struct pollfd ended = {.fd = process->pidfd, .events = POLLIN};

	while (!lu_process_ended(process)) {
		int64_t left = deadline_ns - lu_monotonic_ns();

		if (left <= 0)
			return false;
		poll(&ended, 1, (int)(left / LU_NS_PER_MS + 1));
	}
	return true;
}

static char *how_it_ended(const struct lu_process *process)
{
	if (!process->ended)
		return g_strdup("still running");
	if (process->end.si_code == CLD_EXITED)
		return g_strdup_printf("exit status %d", process->end.si_status);
	return g_strdup_printf("killed by signal %d", process->end.si_status);
}

/* The last part of the capture, as one line. */
static char *complaint(const struct lu_process *process)
{
	off_t end = lseek(process->capture, 0, SEEK_CUR);
	off_t begin = MAX(end - QUOTED_BYTES, 0);
	char text[QUOTED_BYTES + 1];
	ssize_t n = end > 0 ? pread(process->capture, text, end - begin, begin) : 0;

	text[MAX(n, 0)] = '\0';
	g_strdelimit(text, "\r\n", ' ');
	return g_utf8_make_valid(g_strstrip(text), -1);
}

char *lu_process_last_words(const struct lu_process *process)
{
	g_autofree char *end = how_it_ended(process);
	g_autofree char *said = complaint(process);

	return *said ? g_strdup_printf("%s: %s", end, said) : g_strdup(end);
}
