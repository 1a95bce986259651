/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One `criu swrk`, and the messages exchanged with it. */
#include "agent/criu/worker.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "agent/child.h"
#include "agent/criu/criu.h"
#include "agent/criu/environment.h"
#include "agent/criu/protobuf.h"
#include "agent/loop.h"

#define CONFIG	      "/run/criu.conf"
#define CORK_DRAWN_NS 4000000

/* Numbers of images/rpc.proto (CRIU 3.17.1). */
enum { TYPE_DUMP = 1, TYPE_RESTORE = 2, TYPE_NOTIFY = 6 };
enum { REQ_TYPE = 1, REQ_OPTS = 2, REQ_NOTIFY_SUCCESS = 3 };
enum {
	OPT_IMAGES = 1,
	OPT_PID = 2,
	OPT_LEAVE_RUNNING = 3,
	OPT_TCP = 5,
	OPT_FILE_LOCKS = 8,
	OPT_LOG_LEVEL = 9,
	OPT_LOG_FILE = 10,
	OPT_PAGE_SERVER = 11,
	OPT_NOTIFY = 12,
	OPT_PARENT = 14,
	OPT_TRACK_MEM = 15,
	OPT_WORK_DIR = 17,
	OPT_SKIP_IN_FLIGHT = 46,
	OPT_CONFIG = 51,
	OPT_NETWORK_LOCK = 64,
};
enum { PAGE_SERVER_FD = 4, LOCK_NFTABLES = 2 };
enum { RESP_TYPE = 1, RESP_SUCCESS = 2, RESP_RESTORE = 4, RESP_NOTIFY = 5, RESP_WHY = 9 };
enum { RESTORE_PID = 1, NOTIFY_SCRIPT = 1 };

struct worker {
	int fd;
	int inherit; /* ours, too */
	unsigned cork_timer;
	int images,
		work; /* folders, open as long as CRIU may access them through our /proc/PID/fd */
	const struct worker_ops *ops;
	void *data;
	bool ordered, held;
};

static void forget(struct worker *worker)
{
	loop_cancel(worker->cork_timer);
	loop_unwatch(worker->fd);
	close(worker->fd);
	if (worker->images >= 0)
		close(worker->images);
	if (worker->work >= 0)
		close(worker->work);
	free(worker);
}

static void end(struct worker *worker, bool ok, pid_t pid, const char *why)
{
	const struct worker_ops *ops = worker->ops;
	void *data = worker->data;

	forget(worker);
	ops->ended(data, ok, pid, why);
}

static bool say(struct worker *worker, const struct pb *message)
{
	return !message->overflow &&
	       send(worker->fd, message->data, message->len, MSG_NOSIGNAL) == (ssize_t)message->len;
}

static void answer_notify(struct worker *worker)
{
	struct pb message = {.len = 0};

	pb_int(&message, REQ_TYPE, TYPE_NOTIFY);
	pb_int(&message, REQ_NOTIFY_SUCCESS, 1);
	say(worker, &message);
}

/* CRIU waits for an answer at each of its stages; we
 * delay the one after a dump until worker_release. */
static void on_notify(struct worker *worker, const uint8_t *reply, size_t len)
{
	static const char dumped[] = "post-dump";
	struct pb_field notify, script;

	if (!pb_find(reply, len, RESP_NOTIFY, &notify) || !notify.bytes ||
	    !pb_find(notify.bytes, notify.len, NOTIFY_SCRIPT, &script) ||
	    script.len != strlen(dumped) || memcmp(script.bytes, dumped, script.len)) {
		answer_notify(worker);
		return;
	}
	loop_cancel(worker->cork_timer);
	worker->held = true;
	worker->ops->dumped(worker->data);
}

static void on_result(struct worker *worker, const uint8_t *reply, size_t len)
{
	struct pb_field ok, why, restored, pid = {0};
	bool said = pb_find(reply, len, RESP_WHY, &why) && why.bytes;
	char words[400] = "";

	if (said)
		snprintf(words, sizeof(words), "%.*s", (int)why.len, (const char *)why.bytes);
	if (pb_find(reply, len, RESP_RESTORE, &restored) && restored.bytes)
		pb_find(restored.bytes, restored.len, RESTORE_PID, &pid);
	end(worker, pb_find(reply, len, RESP_SUCCESS, &ok) && ok.value, pid.value,
	    said ? words : NULL);
}

static void on_reply(void *data)
{
	struct worker *worker = data;
	uint8_t reply[4096];
	ssize_t len = recv(worker->fd, reply, sizeof(reply), 0);
	struct pb_field type;

	if (len < 0 && errno == EINTR)
		return;
	if (len <= 0)
		end(worker, false, 0, "criu ended without a message");
	else if (pb_find(reply, len, RESP_TYPE, &type) && type.value == TYPE_NOTIFY)
		on_notify(worker, reply, len);
	else
		on_result(worker, reply, len);
}

/* The end of its socket counts, not that of the process. */
static bool spawn(int fd, const struct worker_how *how)
{
	char number[16];
	const char *const argv[] = {CRIU, "swrk", number, NULL};
	const struct criu_environment environment = {
		.ahead = true, .nolock = how->nolock, .no_huge_pages = how->no_huge_pages};
	bool ok;

	snprintf(number, sizeof(number), "%d", fd);
	criu_environment_set(&environment);
	fcntl(fd, F_SETFD, 0);
	ok = how->inherit >= 0 ? child_spawn_with(argv, how->inherit, NULL, NULL) >= 0
			       : child_spawn(argv, NULL, NULL) >= 0;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	criu_environment_unset();
	return ok;
}

struct worker *worker_start(const struct worker_how *how, const struct worker_ops *ops, void *data)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	int pair[2];

	if (!worker || access(CRIU, X_OK) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		free(worker);
		return NULL;
	}
	*worker = (struct worker){.fd = pair[0],
				  .inherit = how->inherit,
				  .images = -1,
				  .work = -1,
				  .ops = ops,
				  .data = data};
	loop_watch(worker->fd, on_reply, worker);
	if (!spawn(pair[1], how)) {
		forget(worker);
		worker = NULL;
	}
	close(pair[1]);
	return worker;
}

/* Options that the RPC has no field for. */
static const char *config(bool buildid)
{
	FILE *file = fopen(CONFIG, "we");

	if (file) {
		fprintf(file, "file-validation %s\n", buildid ? "buildid" : "filesize");
		fclose(file);
	}
	return CONFIG;
}

static void add_common(struct worker *worker, const struct worker_order *order, struct pb *opts)
{
	worker->images = open(order->images, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	worker->work = open(CRIU_WORK, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	pb_int(opts, OPT_IMAGES, worker->images);
	pb_int(opts, OPT_WORK_DIR, worker->work);
	pb_int(opts, OPT_LOG_LEVEL, 1);
	pb_text(opts, OPT_LOG_FILE, order->log);
	pb_int(opts, OPT_TCP, order->tcp);
	/* What the service has not accepted by now: its peer learns of it by a reset. */
	pb_int(opts, OPT_SKIP_IN_FLIGHT, order->tcp);
	pb_int(opts, OPT_FILE_LOCKS, 1);
	pb_int(opts, OPT_NETWORK_LOCK, LOCK_NFTABLES);
	pb_text(opts, OPT_CONFIG, config(order->buildid));
}

static bool give(struct worker *worker, int type, const struct pb *opts)
{
	struct pb message = {.len = 0};

	pb_int(&message, REQ_TYPE, type);
	pb_message(&message, REQ_OPTS, opts);
	worker->ordered = true;
	return say(worker, &message);
}

/*
 * CRIU corks the page server's socket, and its last message, "flush and close", then lies there
 * until the kernel's 200 ms are over (criu/page-xfer.c, disconnect_from_page_server). The socket is
 * ours as well. Linux has no notification of a corked socket, so it is uncorked every few
 * milliseconds while CRIU dumps.
 */
static void uncork(void *data)
{
	struct worker *worker = data;
	int off = 0;

	setsockopt(worker->inherit, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
	worker->cork_timer = loop_at(now_ns() + CORK_DRAWN_NS, uncork, worker);
}

bool worker_dump(struct worker *worker, const struct worker_order *order)
{
	struct pb opts = {.len = 0}, server = {.len = 0};

	add_common(worker, order, &opts);
	pb_int(&opts, OPT_PID, order->pid);
	pb_int(&opts, OPT_LEAVE_RUNNING, !order->end);
	pb_int(&opts, OPT_NOTIFY, 1);
	if (order->parent) {
		pb_int(&opts, OPT_TRACK_MEM, 1);
		pb_text(&opts, OPT_PARENT, order->parent);
	}
	if (order->pages >= 0) {
		pb_int(&server, PAGE_SERVER_FD, order->pages);
		pb_message(&opts, OPT_PAGE_SERVER, &server);
		uncork(worker);
	}
	return give(worker, TYPE_DUMP, &opts);
}

bool worker_restore(struct worker *worker, const struct worker_order *order)
{
	struct pb opts = {.len = 0};

	add_common(worker, order, &opts);
	return give(worker, TYPE_RESTORE, &opts);
}

void worker_release(struct worker *worker)
{
	if (!worker->held)
		return;
	worker->held = false;
	answer_notify(worker);
}

void worker_dismiss(struct worker *worker)
{
	if (!worker->ordered)
		forget(worker);
}
