/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Handover from the running version of the service to a new one, step by step
 * (docs/reference/handover-protocol.md). The two versions talk to each other; the agent tells the
 * new one when.
 *
 * handover.begin {argv[]} (of the new version) → begin_ns, from, to (versions), pid once it has
 *     connected to the service, which continues
 * handover.copy {rounds} (at most) → copy_ns, rounds, bytes, last_buckets, copy_transform_ns:
 *     state is copied while the service continues
 * handover.stand {} → stand_ns: the service is paused between two requests
 * handover.rest {} → rest_ns, bytes, rest_transform_ns, connections, half_read, unsent: the new
 *     version has all state and has verified it
 * handover.take {} → take_ns, pid, version: the new version is the service and answers
 * handover.end {} → end_ns, descriptors, descriptors_before: the old version has been reaped;
 *     descriptors that the new one has, and that the old one had
 * handover.abort {} → {}: the new version has been ended, the service continues. Undoes everything
 *     up to handover.rest.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agent/child.h"
#include "agent/loop.h"
#include "agent/service.h"
#include "agent/verb.h"

#define CONTROL_FD     3
#define SOCKET_PATH    "/run/service.handover"
#define LINE_MAX_BYTES 512

static struct {
	pid_t pid, old; /* the new version, 0: none; the old one, once it was asked to end */
	int control;	/* -1: the new version has closed it */
	bool old_gone, taken;
	int old_fds; /* descriptors that the old version held */
	struct request *request, *ending, *aborting;
	int64_t begin_ns;
	char line[LINE_MAX_BYTES];
	size_t fill;
} next = {.control = -1};

static int count_fds(pid_t pid)
{
	char path[40];
	DIR *dir;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir)
		return -1;
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2; /* "." and ".." */
}

static void close_control(void)
{
	if (next.control < 0)
		return;
	loop_unwatch(next.control);
	close(next.control);
	next.control = -1;
}

static void forget(void)
{
	close_control();
	unlink(SOCKET_PATH);
	memset(&next, 0, sizeof(next));
	next.control = -1;
}

/* Answers once the old version is reaped and the new one has closed its control socket. */
static void end_if_done(void)
{
	struct request *request = next.ending;

	if (!request || !next.old_gone || next.control >= 0)
		return;
	reply_ok(request,
		 json_pack("{s:I, s:i, s:i}", "end_ns", (json_int_t)(now_ns() - next.begin_ns),
			   "descriptors", count_fds(next.pid), "descriptors_before", next.old_fds));
	forget();
}

/* "NAME VALUE NAME VALUE …" */
static json_t *figures(char *text)
{
	json_t *result = json_object();
	char *save, *name, *value;

	for (name = strtok_r(text, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		value = strtok_r(NULL, " ", &save);
		if (value)
			json_object_set_new(result, name, json_integer(strtoll(value, NULL, 10)));
	}
	return result;
}

static void answered(struct request *request, json_t *result)
{
	const char *step = strchr(request->verb, '.') + 1;
	char name[40];

	snprintf(name, sizeof(name), "%s_ns", step);
	json_object_set_new(result, name, json_integer(now_ns() - next.begin_ns));
	if (!strcmp(step, "take")) {
		service_adopt(next.pid, false);
		next.taken = true;
	}
	json_object_set_new(result, "pid", json_integer(next.pid));
	reply_ok(request, result);
}

static void on_line(char *line)
{
	struct request *request = next.request;

	if (!strcmp(line, "ready")) {
		kill(service_pid(), SIGUSR2);
		return;
	}
	next.request = NULL;
	if (!request)
		return;
	if (!strncmp(line, "ok", 2))
		answered(request, figures(line + 2));
	else
		reply_error(request, "failed", "%s: %s", request->verb,
			    strncmp(line, "failed ", 7) ? line : line + 7);
}

static void on_control(void *data)
{
	ssize_t n = read(next.control, next.line + next.fill, sizeof(next.line) - 1 - next.fill);
	char *end;

	if (n <= 0) { /* a death is reported by SIGCHLD */
		close_control();
		end_if_done();
		return;
	}
	next.fill += n;
	next.line[next.fill] = '\0';
	while ((end = strchr(next.line, '\n'))) {
		*end = '\0';
		on_line(next.line);
		next.fill -= end + 1 - next.line;
		memmove(next.line, end + 1, next.fill + 1);
	}
	if (next.fill == sizeof(next.line) - 1)
		next.fill = 0; /* no line is that long */
}

static void new_version_gone(int status)
{
	struct request *request = next.request, *aborting = next.aborting;

	if (request)
		reply_error(request, "failed", "%s: the new version ended with status %d",
			    request->verb, status);
	if (aborting)
		reply_ok(aborting, NULL);
	if (next.ending)
		reply_error(next.ending, "failed", "handover.end: the new version has ended");
	forget();
}

/* Its last message may still be unread. */
static void read_last_words(void)
{
	struct pollfd fd = {.fd = next.control, .events = POLLIN};

	while (next.control >= 0 && poll(&fd, 1, 0) > 0)
		on_control(NULL);
}

static bool child_event(pid_t pid, int code, int status)
{
	bool ended = code == CLD_EXITED || code == CLD_KILLED || code == CLD_DUMPED;

	if (!next.pid || !ended || (pid != next.pid && pid != next.old))
		return false;
	if (pid == next.old) {
		next.old_gone = true;
		end_if_done();
		return true;
	}
	if (next.taken) /* it is the service now, whose end is reported as such */
		return service_child_event(pid, code, status);
	read_last_words();
	new_version_gone(status);
	return true;
}

static void become_next(char *const argv[], int control)
{
	if (control == CONTROL_FD)
		fcntl(control, F_SETFD, 0);
	else
		dup2(control, CONTROL_FD);
	service_become(argv);
}

/* The service's command line, with the descriptor of its control socket. */
static char **argv_of(const json_t *list)
{
	size_t n = json_array_size(list), i;
	char **argv = calloc(n + 3, sizeof(*argv));
	json_t *word;

	json_array_foreach((json_t *)list, i, word) argv[i] =
		(char *)(json_string_value(word) ?: "");
	argv[n] = "--takeover";
	argv[n + 1] = "3";
	return argv;
}

static void spawn(struct request *request, char **argv)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		reply_error(request, "failed", "handover.begin: %s", strerror(errno));
		return;
	}
	next.pid = fork();
	if (next.pid == 0)
		become_next(argv, pair[1]);
	close(pair[1]);
	if (next.pid < 0) {
		close(pair[0]);
		next.pid = 0;
		reply_error(request, "failed", "handover.begin: %s", strerror(errno));
		return;
	}
	next.control = pair[0];
	next.request = request;
	next.begin_ns = now_ns();
	next.old_fds = count_fds(service_pid());
	child_observe(child_event);
	loop_watch(next.control, on_control, NULL);
}

static void handover_begin(struct request *request)
{
	char **argv = argv_of(json_object_get(request->args, "argv"));

	if (next.pid)
		reply_error(request, "usage", "handover.begin: a handover is in progress already");
	else if (!service_pid() || service_stopped())
		reply_error(request, "failed", "handover.begin: %s", service_none());
	else if (access(argv[0], X_OK))
		reply_error(request, "unsupported", "handover.begin: no program %s", argv[0]);
	else
		spawn(request, argv);
	free(argv);
}

static void step(struct request *request, const char *command)
{
	if (!next.pid || next.taken) {
		reply_error(request, "usage", "%s: no handover is in progress", request->verb);
	} else if (next.request || next.aborting) {
		reply_error(request, "usage", "%s: a step is in progress", request->verb);
	} else {
		next.request = request;
		next.begin_ns = now_ns();
		if (write(next.control, command, strlen(command)) < 0)
			close_control(); /* its end, which answers, is about to be reported */
	}
}

static void handover_copy(struct request *request)
{
	char command[40];

	snprintf(command, sizeof(command), "copy %d\n", (int)arg_int(request, "rounds", 1));
	step(request, command);
}

static void handover_stand(struct request *request)
{
	step(request, "stand\n");
}

static void handover_rest(struct request *request)
{
	step(request, "rest\n");
}

/* The old version may be reaped before the answer of the new one is read. */
static void handover_take(struct request *request)
{
	if (next.pid && !next.taken && !next.request)
		next.old = service_pid();
	step(request, "take\n");
}

static void handover_end(struct request *request)
{
	if (!next.taken) {
		reply_error(request, "usage", "handover.end: nothing was taken over");
		return;
	}
	next.ending = request;
	next.begin_ns = now_ns();
	end_if_done();
}

/* The old version continues when the new one ends. */
static void handover_abort(struct request *request)
{
	if (!next.pid) {
		reply_ok(request, NULL);
	} else if (next.taken || next.aborting) {
		reply_error(request, "usage",
			    "handover.abort: the handover cannot be undone any more");
	} else {
		next.aborting = request;
		kill(next.pid, SIGKILL);
	}
}

const struct lu_agent_verbs lu_agent_verbs_handover = {
	"handover",
	{
		{"handover.begin", handover_begin},
		{"handover.copy", handover_copy},
		{"handover.stand", handover_stand},
		{"handover.rest", handover_rest},
		{"handover.take", handover_take},
		{"handover.end", handover_end},
		{"handover.abort", handover_abort},
		{},
	},
};
