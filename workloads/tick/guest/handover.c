/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The old version's side of a handover, run by the events of the loop that also serves. */
#include "workloads/tick/guest/handover.h"
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum doing { IDLE, ROUND, REST, SOCKETS };

static struct {
	struct line_source source;
	int fd;
	struct tick_state *state;
	enum doing doing;
	bool stands;
	uint64_t cursor, sent;	/* buckets */
	struct line_conn *conn; /* the next to be sent */
	uint64_t conns;
	bool pending; /* message, payload and pass wait for room in the socket */
	struct wire_message message;
	int pass;
	char payload[WIRE_MAX];
} old = {.fd = -1};

/* The new version is gone or violates the protocol: continue as if it had never been started. */
static void abandon(void)
{
	line_watch(old.fd, 0, &old.source);
	close(old.fd);
	old.fd = -1;
	old.pending = false;
	old.doing = IDLE;
	tick_state_untrack(old.state);
	if (old.stands)
		line_resume();
	old.stands = false;
}

static void put(enum wire_type type, uint64_t a, uint64_t b, uint32_t bytes, int pass)
{
	old.message = (struct wire_message){type, bytes, a, b};
	old.pass = pass;
	old.pending = true;
}

/* Queue a run of dirty buckets from the cursor on; false: there are none left. */
static bool put_run(void)
{
	const struct tick_state *state = old.state;
	const uint8_t *at = memchr(state->dirty + old.cursor, 1, state->buckets - old.cursor);
	size_t size = tick_bucket_bytes(state->version), n = 0;
	uint64_t first = at ? (uint64_t)(at - state->dirty) : 0;

	if (!at)
		return false;
	while (n < WIRE_RUN && first + n < state->buckets && state->dirty[first + n]) {
		tick_bucket_save(old.state, first + n, old.payload + n * size);
		n++;
	}
	put(WIRE_DATA, first, n, n * size, -1);
	old.cursor = first + n;
	old.sent += n;
	return true;
}

static void put_state(void)
{
	const struct wire_state state = {old.state->counter, old.state->hash, old.state->sum};

	memcpy(old.payload, &state, sizeof(state));
	put(WIRE_STATE, 0, 0, sizeof(state), line_listener());
	old.doing = SOCKETS;
	old.conn = line_first();
	old.conns = 0;
}

static void put_conn(void)
{
	const struct line_conn *conn = old.conn;
	const struct wire_conn head = {conn->hash, conn->in_fill, conn->out_fill, conn->closing};
	char *at = old.payload;

	memcpy(at, &head, sizeof(head));
	memcpy(at + sizeof(head), conn->in, conn->in_fill);
	memcpy(at + sizeof(head) + conn->in_fill, conn->out, conn->out_fill);
	put(WIRE_CONN, 0, 0, sizeof(head) + conn->in_fill + conn->out_fill, conn->fd);
	old.conn = conn->next;
	old.conns++;
}

static void put_next(void)
{
	if (old.doing == SOCKETS && old.conn) {
		put_conn();
	} else if (old.doing == SOCKETS) {
		put(WIRE_END, old.conns, 0, 0, -1);
		old.doing = IDLE;
	} else if (!put_run() && old.doing == REST) {
		put_state();
	} else if (!old.pending) {
		put(WIRE_SENT, old.sent, 0, 0, -1);
		old.doing = IDLE;
	}
}

/* One message at a time, so that requests are served in between; while paused, as many
 * as the socket accepts. */
static void pump(void)
{
	do {
		if (!old.pending && old.doing)
			put_next();
		if (!old.pending)
			break;
		if (!wire_send(old.fd, &old.message, old.payload, old.pass, MSG_DONTWAIT)) {
			if (errno != EAGAIN && errno != EINTR)
				abandon();
			return;
		}
		old.pending = false;
	} while (old.stands);
}

static void send_dirty(enum doing what)
{
	old.doing = what;
	old.cursor = old.sent = 0;
}

static void stand(void)
{
	if (!old.stands)
		line_pause();
	old.stands = true;
	put(WIRE_PAUSED, 0, 0, 0, -1);
}

/* false: the message is not allowed in this state. */
static bool obey(const struct wire_message *message)
{
	if (old.doing || old.pending)
		return false;
	if (message->type == WIRE_ROUND)
		send_dirty(ROUND);
	else if (message->type == WIRE_PAUSE)
		stand();
	else if (message->type == WIRE_REST && old.stands)
		send_dirty(REST);
	else if (message->type == WIRE_TAKE && old.stands)
		return wire_send(old.fd, &(struct wire_message){WIRE_GONE, 0, 0, 0}, NULL, -1, 0) &&
		       (_exit(0), true);
	else
		return false;
	return true;
}

static void on_event(struct line_source *source, uint32_t events)
{
	static char payload[WIRE_MAX];
	struct wire_message message;
	int n = -1;

	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		n = wire_receive(old.fd, &message, payload, NULL, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) ||
		    (n > 0 && !obey(&message))) {
			abandon();
			return;
		}
	}
	pump();
	if (old.fd >= 0)
		line_watch(old.fd, EPOLLIN | (old.doing || old.pending ? EPOLLOUT : 0),
			   &old.source);
}

static int connect_to(const char *path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (strlen(path) < sizeof(to.sun_path))
		strcpy(to.sun_path, path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Only a process of the same user can be the next version of this one. */
static bool is_ours(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == getuid();
}

void handover_begin(struct tick_state *state, const struct wire_config *config, const char *path)
{
	if (old.fd >= 0)
		return;
	old.fd = connect_to(path);
	old.state = state;
	old.source.event = on_event;
	if (old.fd < 0)
		return;
	if (!is_ours(old.fd) || !tick_state_track(state) ||
	    !line_watch(old.fd, EPOLLIN | EPOLLOUT, &old.source)) {
		abandon();
		return;
	}
	memcpy(old.payload, config, sizeof(*config));
	put(WIRE_HELLO, 0, 0, sizeof(*config), -1);
}
