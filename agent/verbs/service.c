/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The service under test: a child of its own session, started, stopped, frozen, or
 * adopted after a restore. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agent/group.h"
#include "agent/verbs.h"

/* Pids of the service lie far above those of any kernel's threads, so that the same pid is free in
 * the next kernel. */
#define FIRST_PID	  "9999"
#define PROBE_INTERVAL_NS 5000000
#define STILL_INTERVAL_NS 500000
#define START_DEADLINE_NS 60000000000

static struct {
	pid_t pid;
	bool stopped;
	struct request *starting, *freezing, *stopping;
	bool saving; /* it was asked to save its state before it ends */
	int port;
	int64_t begin_ns;
	unsigned probe_timer, still_timer;
} service;

/* A service.stop that waits for the end of all its processes. */
static struct {
	struct request *request;
	pid_t session;
} ending;

pid_t service_pid(void)
{
	return service.pid;
}

bool service_stopped(void)
{
	return service.stopped;
}

void service_adopt(pid_t pid, bool stopped)
{
	service.pid = pid;
	service.stopped = stopped;
}

/* Asked of the table of sockets: a connection would be one that the service has to accept, or CRIU
 * to dump. */
static bool table_listens(const char *table, unsigned port)
{
	char *text = file_read(table, NULL), *save, *line;
	unsigned local, state;
	bool found = false;

	for (line = text ? strtok_r(text, "\n", &save) : NULL; line && !found;
	     line = strtok_r(NULL, "\n", &save))
		found = sscanf(line, " %*u: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x", &local, &state) ==
				2 &&
			local == port && state == TCP_LISTEN;
	free(text);
	return found;
}

static bool port_listens(unsigned port)
{
	return table_listens("/proc/net/tcp", port) || table_listens("/proc/net/tcp6", port);
}

static void started(void)
{
	struct request *request = service.starting;

	service.starting = NULL;
	reply_ok(request, json_pack("{s:i, s:I}", "pid", (int)service.pid, "start_ns",
				    (json_int_t)(now_ns() - service.begin_ns)));
}

/* Linux tells nobody that a port began to listen, so it is asked for, with a deadline. */
static void probe_port(void *data)
{
	struct request *request = service.starting;

	service.probe_timer = 0;
	if (!service.port || port_listens(service.port)) {
		started();
	} else if (now_ns() - service.begin_ns > START_DEADLINE_NS) {
		service.starting = NULL;
		kill(-service.pid, SIGKILL);
		reply_error(request, "failed", "service.start: port %d does not listen after 60 s",
			    service.port);
	} else {
		service.probe_timer = loop_at(now_ns() + PROBE_INTERVAL_NS, probe_port, NULL);
	}
}

/* Its output goes nowhere: a pipe or a terminal would be a resource that outlives no kernel. */
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

static char **argv_of(json_t *list)
{
	char **argv = calloc(json_array_size(list) + 1, sizeof(*argv));
	json_t *word;
	size_t i;

	json_array_foreach(list, i, word)
	{
		argv[i] = (char *)json_string_value(word);
		if (!argv[i])
			break;
	}
	return argv;
}

void verb_service_start(struct request *request)
{
	char **argv = argv_of(json_object_get(request->args, "argv"));
	pid_t pid;

	if (!argv[0] || access(argv[0], X_OK)) {
		reply_error(request, "unsupported", "service.start: no program %s",
			    argv[0] ? argv[0] : "given");
		free(argv);
		return;
	}
	if (service.pid) {
		reply_error(request, "usage", "service.start: a service runs already");
		free(argv);
		return;
	}
	if (!service.pid)
		file_write("/proc/sys/kernel/ns_last_pid", FIRST_PID);
	pid = fork();
	if (pid == 0)
		service_become(argv);
	free(argv);
	if (pid < 0) {
		reply_error(request, "failed", "service.start: %s", strerror(errno));
		return;
	}
	service.pid = pid;
	service.stopped = false;
	service.starting = request;
	service.port = arg_int(request, "port", 0);
	service.begin_ns = now_ns();
	probe_port(NULL);
}

/* Its first process is dead; the others have been sent the same signal. Their connections are
 * closed by their ends, so it has not stopped before. */
static void see_all_gone(void *data)
{
	struct request *request = ending.request;

	if (!group_is_dead(ending.session)) {
		loop_at(now_ns() + STILL_INTERVAL_NS, see_all_gone, NULL);
		return;
	}
	ending.request = NULL;
	reply_ok(request, NULL);
}

static void service_gone(int code, int status)
{
	struct request *request;
	int wait_status = code == CLD_EXITED ? status << 8 : status & 0x7f;

	if ((request = service.starting))
		reply_error(request, "failed", "service.start: it ended with status %#x",
			    wait_status);
	if ((request = service.freezing))
		reply_error(request, "failed", "service.freeze: it ended with status %#x",
			    wait_status);
	if (service.stopping && service.saving && wait_status) {
		reply_error(service.stopping, "failed",
			    "service.stop: it ended with status %#x instead of saving its state",
			    wait_status);
		service.stopping = NULL;
	} else if (!service.stopping) {
		push_event(json_pack("{s:s, s:i, s:i}", "event", "exit", "pid", (int)service.pid,
				     "status", wait_status));
	}
	ending.request = service.stopping;
	ending.session = service.pid;
	loop_cancel(service.probe_timer);
	loop_cancel(service.still_timer);
	memset(&service, 0, sizeof(service));
	if (ending.request)
		see_all_gone(NULL);
}

/* The kernel tells its parent only that the first process has stopped. The others have been sent
 * the same signal before, and are there within a time slice. */
static void see_all_stopped(void *data)
{
	struct request *request = service.freezing;

	service.still_timer = 0;
	if (!group_is_stopped(service.pid)) {
		service.still_timer = loop_at(now_ns() + STILL_INTERVAL_NS, see_all_stopped, NULL);
		return;
	}
	service.freezing = NULL;
	reply_ok(request,
		 json_pack("{s:I}", "freeze_ns", (json_int_t)(now_ns() - service.begin_ns)));
}

bool service_child_event(pid_t pid, int code, int status)
{
	if (!service.pid || pid != service.pid)
		return false;
	if (code == CLD_CONTINUED) {
		service.stopped = false;
	} else if (code == CLD_STOPPED) {
		service.stopped = true;
		if (service.freezing && !service.still_timer)
			see_all_stopped(NULL);
	} else if (code == CLD_EXITED || code == CLD_KILLED || code == CLD_DUMPED) {
		service_gone(code, status);
	}
	return true;
}

void verb_service_stop(struct request *request)
{
	if (!service.pid && !ending.request) {
		reply_ok(request, NULL);
		return;
	}
	if (service.stopping || ending.request) {
		reply_error(request, "usage", "service.stop: it is being stopped already");
		return;
	}
	service.stopping = request;
	service.saving = arg_bool(request, "save", false);
	kill(-service.pid, service.saving ? SIGTERM : SIGKILL);
	if (service.saving)
		kill(-service.pid, SIGCONT);
}

void verb_service_freeze(struct request *request)
{
	if (!service.pid)
		reply_error(request, "failed", "service.freeze: no service runs");
	else if (service.freezing || service.starting)
		reply_error(request, "usage", "service.freeze: it is being started or frozen");
	else if (service.stopped)
		reply_ok(request, json_pack("{s:i}", "freeze_ns", 0));
	else {
		service.begin_ns = now_ns();
		service.freezing = request;
		kill(-service.pid, SIGSTOP);
	}
}

bool service_wake(void)
{
	if (service.pid && kill(-service.pid, SIGCONT) < 0)
		return false;
	service.stopped = false;
	return true;
}

void verb_service_thaw(struct request *request)
{
	if (service_wake())
		reply_ok(request, NULL);
	else
		reply_error(request, "failed", "service.thaw: %s", strerror(errno));
}

void verb_service_status(struct request *request)
{
	reply_ok(request, json_pack("{s:i, s:s}", "pid", (int)service.pid, "state",
				    !service.pid      ? "none"
				    : service.stopped ? "stopped"
						      : "running"));
}
