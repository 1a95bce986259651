/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A service: started, stopped, frozen. With "service": NAME among its arguments a request is about
 * that one of several, without about the one that has no name (agent/verb.c).
 *
 * service.start {argv[], port, file?, notify: bool?, timeout_ms: int?} → pid, start_ns after the
 *     port listens, the file, if one is named, exists, and with notify the service has said READY=1
 *     to $NOTIFY_SOCKET (within 60 s, or timeout_ms). Undone by service.stop.
 * service.stop {save: bool?} → {}: all its processes have ended. save: by SIGTERM, and the
 *     service has to save its state and end with status 0.
 * service.freeze {} → freeze_ns once stopped (SIGSTOP, every thread of every process of its
 *     session and of all that descend from it). Undone by service.thaw.
 * service.thaw {} → {}
 * service.status {} → pid, state: "running"|"stopped"|"none", descriptors: int? (open files of all
 *     its processes), huge_pages: bool? (it may have transparent ones)
 */
#include <dirent.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent/criu/huge-pages.h"
#include "agent/file.h"
#include "agent/group.h"
#include "agent/loop.h"
#include "agent/ready.h"
#include "agent/service.h"
#include "agent/verb.h"

#define PROBE_INTERVAL_NS 5000000
#define STILL_INTERVAL_NS 500000
#define START_TIMEOUT_MS  60000
#define NOTIFY_SOCKET	  "/run/lubench/notify"

/* Requests that wait for the service. */
static struct {
	struct request *starting, *freezing, *stopping;
	pid_t pid;   /* which one, once it runs */
	bool saving; /* it has to save its state before it ends */
	int port;
	int64_t begin_ns, timeout_ms; /* of the start */
	unsigned probe_timer, still_timer;
} asked;

/* A service.stop that waits for the end of all its processes. */
static struct {
	struct request *request;
	pid_t session;
} ending;

/* Looks at the table of sockets: a probing connection would be one that the service has to accept,
 * or CRIU to dump. */
static bool table_listens(const char *table, unsigned port)
{
	char *text = file_read(table, NULL), *save, *line;
	unsigned local, state;
	bool found = false;

	for (line = text ? strtok_r(text, "\n", &save) : NULL; line && !found;
	     line = strtok_r(NULL, "\n", &save))
		/* NOLINTNEXTLINE(cert-err34-c): eight digits, as the kernel prints them */
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
	struct request *request = asked.starting;

	asked.starting = NULL;
	ready_end();
	reply_ok(request, json_pack("{s:i, s:I}", "pid", (int)service_pid(), "start_ns",
				    (json_int_t)(now_ns() - asked.begin_ns)));
}

/* NULL, or what it has not done yet. */
static const char *missing(const struct request *request)
{
	const char *file = arg_str(request, "file", NULL);

	if (asked.port && !port_listens(asked.port))
		return "does not listen";
	if (!ready_said())
		return "listens, but has not said that it is ready";
	return file && access(file, F_OK) ? "listens, but its file does not exist" : NULL;
}

/* Linux has no notification of a listening port, so it is polled, with a deadline. */
static void probe_port(void *data)
{
	struct request *request = asked.starting;
	const char *why = missing(request);

	verb_turn(request);
	asked.probe_timer = 0;
	if (!why) {
		started();
	} else if (now_ns() - asked.begin_ns > asked.timeout_ms * 1000000) {
		asked.starting = NULL;
		ready_end();
		group_signal(service_pid(), SIGKILL, "");
		reply_error(request, "failed", "service.start: port %d %s after %lld ms",
			    asked.port, why, (long long)asked.timeout_ms);
	} else {
		asked.probe_timer = loop_at(now_ns() + PROBE_INTERVAL_NS, probe_port, NULL);
	}
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

/* Its first process is dead; the others have been sent the same signal. It has stopped only when
 * all have ended, which closes their connections. */
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

/* Answers all requests that wait for the service, with
 * an error for those that cannot succeed any more. */
static bool gone(pid_t pid, int status)
{
	bool expected = asked.stopping;

	if (pid != asked.pid)
		return false;
	ready_end();
	if (asked.starting)
		reply_error(asked.starting, "failed", "service.start: it ended with status %#x",
			    status);
	if (asked.freezing)
		reply_error(asked.freezing, "failed", "service.freeze: it ended with status %#x",
			    status);
	if (asked.stopping && asked.saving && status) {
		reply_error(asked.stopping, "failed",
			    "service.stop: it ended with status %#x instead of saving its state",
			    status);
		asked.stopping = NULL;
	}
	ending.request = asked.stopping;
	ending.session = pid;
	loop_cancel(asked.probe_timer);
	loop_cancel(asked.still_timer);
	memset(&asked, 0, sizeof(asked));
	if (ending.request)
		see_all_gone(NULL);
	return expected;
}

/* The kernel reports only the stop of the first process to its parent. Those of its group have been
 * sent the same signal and stop within a time slice; the others get it here, and who was forked
 * meanwhile. */
static void see_all_stopped(void *data)
{
	struct request *request = asked.freezing;

	asked.still_timer = 0;
	if (!group_is_stopped(asked.pid)) {
		group_signal(asked.pid, SIGSTOP, GROUP_STOPPED);
		asked.still_timer = loop_at(now_ns() + STILL_INTERVAL_NS, see_all_stopped, NULL);
		return;
	}
	asked.freezing = NULL;
	reply_ok(request, json_pack("{s:I}", "freeze_ns", (json_int_t)(now_ns() - asked.begin_ns)));
}

static void stopped(pid_t pid)
{
	if (asked.freezing && pid == asked.pid && !asked.still_timer)
		see_all_stopped(NULL);
}

static const struct service_watch watch = {stopped, gone};

static void start(struct request *request, char **argv)
{
	if ((arg_bool(request, "notify", false) && !ready_begin(NOTIFY_SOCKET)) ||
	    !service_spawn(argv)) {
		reply_error(request, "failed", "service.start: %s", strerror(errno));
		ready_end();
		return;
	}
	service_watch(&watch);
	asked.starting = request;
	asked.pid = service_pid();
	asked.port = (int)arg_int(request, "port", 0);
	service_set_port(asked.port);
	asked.timeout_ms = arg_int(request, "timeout_ms", START_TIMEOUT_MS);
	asked.begin_ns = now_ns();
	probe_port(NULL);
}

static void service_start(struct request *request)
{
	char **argv = argv_of(json_object_get(request->args, "argv"));

	if (!argv[0] || access(argv[0], X_OK))
		reply_error(request, "unsupported", "service.start: no program %s",
			    argv[0] ? argv[0] : "given");
	else if (service_pid())
		reply_error(request, "usage", "service.start: a service runs already");
	else
		start(request, argv);
	free(argv);
}

static void service_stop(struct request *request)
{
	if (!service_pid() && !ending.request) {
		reply_ok(request, NULL);
		return;
	}
	if (asked.stopping || ending.request) {
		reply_error(request, "usage", "service.stop: it is being stopped already");
		return;
	}
	service_watch(&watch);
	asked.stopping = request;
	asked.pid = service_pid();
	asked.saving = arg_bool(request, "save", false);
	if (!asked.saving) {
		group_signal(service_pid(), SIGKILL, "");
		return;
	}
	kill(-service_pid(), SIGTERM);
	kill(-service_pid(), SIGCONT);
}

static void service_freeze(struct request *request)
{
	if (!service_pid())
		reply_error(request, "failed", "service.freeze: %s", service_none());
	else if (asked.freezing || asked.starting)
		reply_error(request, "usage", "service.freeze: it is being started or frozen");
	else if (service_stopped())
		reply_ok(request, json_pack("{s:i}", "freeze_ns", 0));
	else {
		service_watch(&watch);
		asked.begin_ns = now_ns();
		asked.freezing = request;
		asked.pid = service_pid();
		kill(-service_pid(), SIGSTOP);
	}
}

static void service_thaw(struct request *request)
{
	if (service_wake())
		reply_ok(request, NULL);
	else
		reply_error(request, "failed", "service.thaw: %s", strerror(errno));
}

static bool add_descriptors(void *data, pid_t pid)
{
	json_int_t *all = data;
	struct dirent *entry;
	char path[40];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		*all += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return true;
}

static void service_status(struct request *request)
{
	json_t *result = json_pack("{s:i, s:s}", "pid", (int)service_pid(), "state",
				   !service_pid()      ? "none"
				   : service_stopped() ? "stopped"
						       : "running");
	json_int_t descriptors = 0;

	if (service_pid()) {
		group_each(service_pid(), add_descriptors, &descriptors);
		json_object_set_new(result, "descriptors", json_integer(descriptors));
		json_object_set_new(result, "huge_pages",
				    json_boolean(!huge_pages_unwanted(service_pid())));
	}
	reply_ok(request, result);
}

const struct lu_agent_verbs lu_agent_verbs_service = {
	"service",
	{
		{"service.start", service_start},
		{"service.stop", service_stop},
		{"service.freeze", service_freeze},
		{"service.thaw", service_thaw},
		{"service.status", service_status},
		{},
	},
};
