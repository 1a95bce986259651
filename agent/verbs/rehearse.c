/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rehearsal: a stand-in for the service is dumped and restored on this machine, so that
 * everything that the blackout needs has been done once. A fresh kernel pages CRIU in, touches code
 * and allocates caches for the first time; under TCG, QEMU also translates the code then.
 *
 * replica.rehearse {nolock: bool} → rehearse_ns: it has been dumped, restored and ended
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "agent/child.h"
#include "agent/criu/criu.h"
#include "agent/criu/worker.h"
#include "agent/file.h"
#include "agent/loop.h"
#include "agent/store.h"
#include "agent/verb.h"

#define FOLDER STORE_DIR "/rehearsal"
#define LOG    "rehearsal.log"

static struct {
	struct request *request;
	int64_t begin_ns;
	int ready; /* closed by the stand-in when it is ready */
	pid_t pid; /* of the stand-in, 0: it has ended */
	bool dumped;
} job = {.ready = -1};

/* A connection to itself over the loopback interface, with its listener. */
static bool connect_to_itself(int fds[3])
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);

	fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	fds[1] = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(fds[0], (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fds[0], 1) < 0 ||
	    getsockname(fds[0], (struct sockaddr *)&at, &len) < 0 ||
	    connect(fds[1], (struct sockaddr *)&at, sizeof(at)) < 0)
		return false;
	fds[2] = accept(fds[0], NULL, NULL);
	return fds[2] >= 0;
}

/* Resources that services have: a session of their own, sockets, an epoll, a pipe, queued bytes.
 * None of the agent's descriptors, which CRIU could not dump. */
static int stand_in(void *data)
{
	struct epoll_event event = {.events = EPOLLIN};
	int ready = *(int *)data, fds[3], pair[2], epoll;

	close_range(0, ready - 1, 0);
	close_range(ready + 1, ~0U, 0);
	setsid();
	epoll = epoll_create1(0);
	if (!connect_to_itself(fds) || pipe(pair) < 0 || send(fds[1], "queued", 6, 0) != 6)
		return 1;
	epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &event);
	close(ready);
	for (;;)
		pause();
}

static void answer(bool ok, const char *why)
{
	struct request *request = job.request;

	job.request = NULL;
	remove_tree(FOLDER);
	if (!request)
		return;
	if (ok)
		reply_ok(request,
			 json_pack("{s:I}", "rehearse_ns", (json_int_t)(now_ns() - job.begin_ns)));
	else
		reply_error(request, "refused", "replica.rehearse: %s", why);
}

static struct worker *start_worker(const struct worker_ops *ops)
{
	const struct worker_how how = {.inherit = -1,
				       .nolock = arg_bool(job.request, "nolock", false)};

	return worker_start(&how, ops, NULL);
}

static const struct worker_order order = {
	.images = FOLDER,
	.log = LOG,
	.tcp = true,
	.pages = -1,
};

/* The restored process is an orphan, which the agent only reaps. */
static void restored(void *data, bool ok, pid_t pid, const char *why)
{
	criu_scale_windows(true);
	if (ok && pid > 0)
		kill(pid, SIGKILL);
	answer(ok, why ? why : "criu cannot restore it");
}

static void restore(void)
{
	static const struct worker_ops ops = {.ended = restored};
	struct worker *worker = start_worker(&ops);

	criu_scale_windows(false);
	if (!worker || !worker_restore(worker, &order))
		answer(false, "criu does not start");
}

/* Its pid is free for the restore only once it has been reaped. */
static void restore_when_gone(void)
{
	if (job.dumped && !job.pid && job.request)
		restore();
}

static void stand_in_ended(void *data, int status, const char *output)
{
	job.pid = 0;
	restore_when_gone();
}

static void dump_ended(void *data, bool ok, pid_t pid, const char *why)
{
	job.dumped = ok;
	if (ok) {
		restore_when_gone();
		return;
	}
	if (job.pid)
		kill(job.pid, SIGKILL);
	answer(false, why ? why : "criu cannot dump it");
}

static struct worker *dumping;

static void dumped(void *data)
{
	worker_release(dumping);
}

static void on_ready(void *data)
{
	static const struct worker_ops ops = {dumped, dump_ended};
	struct worker_order dump = order;

	loop_unwatch(job.ready);
	close(job.ready);
	job.ready = -1;
	dump.pid = job.pid;
	dump.end = true;
	dumping = job.pid ? start_worker(&ops) : NULL;
	if (!dumping || !worker_dump(dumping, &dump))
		answer(false, job.pid ? "criu does not start" : "the stand-in ended");
}

static bool start_stand_in(void)
{
	int ready[2];

	if (pipe2(ready, O_CLOEXEC) < 0)
		return false;
	job.pid = child_call(stand_in, &ready[1], stand_in_ended, NULL);
	close(ready[1]);
	job.ready = ready[0];
	loop_watch(job.ready, on_ready, NULL);
	return job.pid > 0;
}

static void replica_rehearse(struct request *request)
{
	if (job.request || job.pid) {
		reply_error(request, "refused", "replica.rehearse: a rehearsal is running already");
		return;
	}
	if (!store_is_open() || access(CRIU, X_OK) < 0) {
		reply_error(request, "refused", "replica.rehearse: no store is open, or no " CRIU);
		return;
	}
	mkdir(FOLDER, 0700);
	job.request = request;
	job.begin_ns = now_ns();
	job.dumped = false;
	if (!start_stand_in())
		answer(false, "cannot fork");
}

const struct lu_agent_verbs lu_agent_verbs_rehearse = {
	"rehearse",
	{
		{"replica.rehearse", replica_rehearse},
		{},
	},
};
