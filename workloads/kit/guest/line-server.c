/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An epoll loop that serves lines; only the service's own state outlives a connection. */
#include "workloads/kit/guest/line-server.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REPLY_MAX 512 /* room that is reserved for a reply */
#define EVENTS	  64
#define OUT_MAX	  sizeof(((struct line_conn *)0)->out)

static const struct line_service *service;
static int epoll_fd = -1;
static bool still;
static struct line_conn *conns;
static struct {
	struct line_source source;
	int fd;
} listener;
static volatile sig_atomic_t signalled;

void line_reply(struct line_conn *conn, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(conn->out + conn->out_fill, REPLY_MAX, format, args);
	va_end(args);
	if (n > 0 && n < REPLY_MAX)
		conn->out_fill += n;
}

void line_fail(struct line_conn *conn, const char *what)
{
	line_reply(conn, "E %s\n", what);
	conn->closing = true;
}

/* Write as much as the socket accepts. false: the connection is gone. */
static bool send_out(struct line_conn *conn)
{
	ssize_t n = 0;

	if (conn->out_fill)
		n = send(conn->fd, conn->out, conn->out_fill, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	conn->out_fill -= n;
	memmove(conn->out, conn->out + n, conn->out_fill);
	return true;
}

static bool has_room(const struct line_conn *conn)
{
	return conn->out_fill < OUT_MAX - REPLY_MAX;
}

/*
 * Serves whole lines while there is room for their replies. Each reply is sent as soon as it is
 * known: after a pause hundreds of requests wait in the socket, and the first reply must not wait
 * for the last (it ends the blackout).
 */
static void serve(struct line_conn *conn)
{
	size_t done = 0;
	char *end;

	while (!conn->closing && has_room(conn) &&
	       (end = memchr(conn->in + done, '\n', conn->in_fill - done))) {
		size_t len = end - (conn->in + done);

		if (len >= LINE_SERVER_LINE)
			line_fail(conn, "a line is at most 1024 bytes");
		else
			service->serve(conn, conn->in + done, len);
		done += len + 1;
		conn->closing |= !send_out(conn);
	}
	conn->in_fill -= done;
	memmove(conn->in, conn->in + done, conn->in_fill);
	if (!conn->closing && conn->in_fill >= LINE_SERVER_LINE &&
	    !memchr(conn->in, '\n', conn->in_fill))
		line_fail(conn, "a line is at most 1024 bytes");
}

static void conn_link(struct line_conn *conn)
{
	conn->next = conns;
	conn->at = &conns;
	if (conns)
		conns->at = &conn->next;
	conns = conn;
}

static void conn_free(struct line_conn *conn)
{
	*conn->at = conn->next;
	if (conn->next)
		conn->next->at = conn->at;
	close(conn->fd);
	free(conn);
}

static uint32_t wanted(const struct line_conn *conn)
{
	uint32_t events = has_room(conn) && !conn->closing ? EPOLLIN : 0;

	return conn->out_fill ? events | EPOLLOUT : events;
}

static bool set_events(int op, int fd, uint32_t events, struct line_source *source)
{
	struct epoll_event event = {.events = events, .data.ptr = source};

	return epoll_ctl(epoll_fd, op, fd, &event) == 0;
}

/* false: the connection is gone. */
static bool flush_out(struct line_conn *conn)
{
	if (!send_out(conn) || (conn->closing && !conn->out_fill))
		return false;
	set_events(EPOLL_CTL_MOD, conn->fd, wanted(conn), &conn->source);
	return true;
}

static bool receive(struct line_conn *conn)
{
	ssize_t n = recv(conn->fd, conn->in + conn->in_fill, sizeof(conn->in) - conn->in_fill,
			 MSG_DONTWAIT);

	if (n > 0)
		conn->in_fill += n;
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void conn_event(struct line_source *source, uint32_t events)
{
	struct line_conn *conn = (struct line_conn *)source;
	bool alive = !(events & (EPOLLERR | EPOLLHUP));

	if (alive && (events & EPOLLIN) && conn->in_fill < sizeof(conn->in))
		alive = receive(conn);
	if (alive) {
		serve(conn);
		alive = flush_out(conn);
	}
	if (!alive)
		conn_free(conn);
}

struct line_conn *line_adopt(int fd)
{
	struct line_conn *conn = calloc(1, sizeof(*conn));

	if (!conn)
		return NULL;
	conn->source.event = conn_event;
	conn->fd = fd;
	conn_link(conn);
	return conn;
}

static void accept_one(struct line_source *source, uint32_t events)
{
	int fd = accept4(listener.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct line_conn *conn = fd < 0 ? NULL : line_adopt(fd);
	const int on = 1;

	if (!conn) {
		close(fd);
		return;
	}
	if (service->accepted)
		service->accepted(conn);
	setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (!set_events(EPOLL_CTL_ADD, conn->fd, EPOLLIN, &conn->source))
		conn_free(conn);
}

static int listen_on(int port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, 128) < 0) {
		fprintf(stderr, "%s: port %d: %s\n", service->name, port, strerror(errno));
		exit(1);
	}
	return fd;
}

bool line_watch(int fd, uint32_t events, struct line_source *source)
{
	if (!events)
		return epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL) == 0;
	return set_events(EPOLL_CTL_MOD, fd, events, source) ||
	       set_events(EPOLL_CTL_ADD, fd, events, source);
}

void line_pause(void)
{
	still = true;
	epoll_ctl(epoll_fd, EPOLL_CTL_DEL, listener.fd, NULL);
	for (struct line_conn *conn = conns; conn; conn = conn->next)
		epoll_ctl(epoll_fd, EPOLL_CTL_DEL, conn->fd, NULL);
}

void line_resume(void)
{
	still = false;
	set_events(EPOLL_CTL_ADD, listener.fd, EPOLLIN, &listener.source);
	for (struct line_conn *conn = conns; conn; conn = conn->next)
		set_events(EPOLL_CTL_ADD, conn->fd, wanted(conn), &conn->source);
}

struct line_conn *line_first(void)
{
	return conns;
}

int line_listener(void)
{
	return listener.fd;
}

static void on_signal(int number)
{
	signalled = number;
}

/* Signals are unblocked only while the loop waits, which is between two requests. */
static void catch_signals(void)
{
	const struct sigaction action = {.sa_handler = on_signal};
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	if (!service->signalled)
		return;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGUSR2, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static int await(struct epoll_event *events)
{
	int64_t left = service->work && !still ? service->work() : -1;
	struct timespec ts = {left / 1000000000, left % 1000000000};
	sigset_t none;

	sigemptyset(&none);
	return epoll_pwait2(epoll_fd, events, EVENTS, left < 0 ? NULL : &ts, &none);
}

/* An event that was fetched before the server was paused is delivered again afterwards. */
static void dispatch(const struct epoll_event *event)
{
	struct line_source *source = event->data.ptr;

	if (!still || (source->event != conn_event && source->event != accept_one))
		source->event(source, event->events);
}

static void begin(const struct line_service *which)
{
	struct line_conn *next;

	service = which;
	catch_signals();
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	listener.source.event = accept_one;
	listener.fd = which->listener ? which->listener : listen_on(which->port);
	line_resume();
	for (struct line_conn *conn = conns; conn; conn = next) {
		next = conn->next;
		/* what the previous process had read but not served */
		conn_event(&conn->source, 0);
	}
}

void line_serve(const struct line_service *which)
{
	begin(which);
	for (;;) {
		struct epoll_event events[EVENTS];
		int n = await(events), number = signalled;

		for (int i = 0; i < n; i++)
			dispatch(&events[i]);
		signalled = 0;
		if (number)
			service->signalled(number);
	}
}

bool line_is_number(const char *line, size_t len, char letter)
{
	size_t digits = 0;

	if (len < 3 || line[0] != letter || line[1] != ' ')
		return false;
	line += 2;
	len -= 2;
	while (digits < len && line[digits] >= '0' && line[digits] <= '9')
		digits++;
	return digits == len && digits <= 20;
}
