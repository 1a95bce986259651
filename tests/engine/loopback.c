/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scripted service: one poll() loop under a lock that the script's calls take. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/engine/loopback.h"
#include "tests/kit/virtual-io.h"

struct peer {
	int fd;
	unsigned id;
	bool dead; /* fell into the black hole */
	GByteArray *in;
};

struct loopback {
	const struct lu_io *io;
	const struct lu_workload *workload;
	const json_t *params;
	const char *release;
	void *service;
	int listener, wake;
	uint16_t port;
	GPtrArray *peers;
	unsigned accepted;
	bool stall, trickle, garbage, blackhole, end;
	GMutex lock;
	GThread *thread;
};

static int listen_tcp(uint16_t *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(*port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

	g_assert_cmpint(fd, >=, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	g_assert_cmpint(listen(fd, 64), ==, 0);
	getsockname(fd, (struct sockaddr *)&address, &len);
	*port = ntohs(address.sin_port);
	return fd;
}

static int listen_on(const struct lu_io *io, uint16_t *port)
{
	return io == &lu_io_host ? listen_tcp(port) : virtual_io_listen(io, port);
}

static void peer_free(gpointer data)
{
	struct peer *peer = data;

	close(peer->fd);
	g_byte_array_unref(peer->in);
	g_free(peer);
}

static void accept_all(struct loopback *lb)
{
	int fd, on = 1;

	while ((fd = accept4(lb->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct peer *peer = g_new0(struct peer, 1);

		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		*peer = (struct peer){fd, lb->accepted++, lb->blackhole, g_byte_array_new()};
		g_ptr_array_add(lb->peers, peer);
	}
}

static void put(const struct peer *peer, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(peer->fd, bytes, len, MSG_NOSIGNAL);
		struct pollfd writable = {peer->fd, POLLOUT, 0};

		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		} else if (errno != EAGAIN || poll(&writable, 1, -1) <= 0) {
			return;
		}
	}
}

static void answer(struct loopback *lb, const struct peer *peer, const GByteArray *reply)
{
	if (lb->garbage) {
		put(peer, (const uint8_t *)"\x7fnoise\r\nnoise\r\n", 15);
		lb->garbage = false;
		return;
	}
	if (!lb->trickle) {
		put(peer, reply->data, reply->len);
		return;
	}
	for (guint i = 0; i < reply->len; i++)
		put(peer, reply->data + i, 1);
}

static void serve(struct loopback *lb, struct peer *peer)
{
	size_t used;

	do {
		GByteArray *reply = g_byte_array_new();

		used = lb->workload->model->serve(lb->service, peer->in->data, peer->in->len,
						  peer->id, lb->release, reply);
		if (reply->len)
			answer(lb, peer, reply);
		g_byte_array_unref(reply);
		g_byte_array_remove_range(peer->in, 0, (guint)used);
	} while (used > 0 && peer->in->len > 0);
}

/* false: it went away. */
static bool peer_read(struct loopback *lb, struct peer *peer)
{
	uint8_t buf[65536];
	ssize_t n = recv(peer->fd, buf, sizeof(buf), 0);

	if (n < 0)
		return errno == EAGAIN;
	if (n == 0)
		return false;
	if (peer->dead)
		return true;
	g_byte_array_append(peer->in, buf, (guint)n);
	serve(lb, peer);
	return true;
}

static gpointer loopback_main(gpointer data)
{
	struct loopback *lb = data;

	g_mutex_lock(&lb->lock);
	while (!lb->end) {
		guint count = lb->peers->len;
		g_autofree struct pollfd *fds = g_new0(struct pollfd, count + 2);
		uint64_t woken;

		fds[0] = (struct pollfd){lb->wake, POLLIN, 0};
		fds[1] = (struct pollfd){lb->listener, POLLIN, 0};
		for (guint i = 0; i < count; i++) {
			struct peer *peer = g_ptr_array_index(lb->peers, i);

			fds[2 + i] = (struct pollfd){lb->stall ? -1 : peer->fd, POLLIN, 0};
		}
		g_mutex_unlock(&lb->lock);
		lb->io->poll(lb->io, fds, count + 2, INT64_MAX);
		g_mutex_lock(&lb->lock);
		if (fds[0].revents) {
			/* The script changed something; what poll() said may be stale. */
			g_assert_cmpint(read(lb->wake, &woken, sizeof(woken)), ==, sizeof(woken));
			continue;
		}
		for (guint i = count; i-- > 0;) {
			if (fds[2 + i].revents && !peer_read(lb, g_ptr_array_index(lb->peers, i)))
				g_ptr_array_remove_index(lb->peers, i);
		}
		if (fds[1].revents)
			accept_all(lb);
	}
	g_mutex_unlock(&lb->lock);
	return NULL;
}

static void wake(struct loopback *lb)
{
	const uint64_t one = 1;

	g_assert_cmpint(write(lb->wake, &one, sizeof(one)), ==, sizeof(one));
}

struct loopback *loopback_new(const struct lu_io *io, const struct lu_workload *workload,
			      const json_t *params, const char *release)
{
	struct loopback *lb = g_new0(struct loopback, 1);

	lb->io = io;
	lb->workload = workload;
	lb->params = params;
	lb->release = release;
	lb->service = workload->model->new (params, 1);
	lb->listener = listen_on(lb->io, &lb->port);
	lb->wake = eventfd(0, EFD_CLOEXEC);
	lb->peers = g_ptr_array_new_with_free_func(peer_free);
	g_mutex_init(&lb->lock);
	lb->thread = io->thread(io, "service", loopback_main, lb);
	return lb;
}

void loopback_free(struct loopback *lb)
{
	g_mutex_lock(&lb->lock);
	lb->end = true;
	wake(lb);
	g_mutex_unlock(&lb->lock);
	g_thread_join(lb->thread);
	g_ptr_array_unref(lb->peers);
	lb->workload->model->free(lb->service);
	if (lb->listener >= 0)
		close(lb->listener);
	close(lb->wake);
	g_mutex_clear(&lb->lock);
	g_free(lb);
}

uint16_t loopback_port(const struct loopback *lb)
{
	return lb->port;
}

static void set_flag(struct loopback *lb, bool *flag, bool on)
{
	g_mutex_lock(&lb->lock);
	*flag = on;
	wake(lb);
	g_mutex_unlock(&lb->lock);
}

void loopback_stall(struct loopback *lb, bool on)
{
	set_flag(lb, &lb->stall, on);
}

void loopback_trickle(struct loopback *lb, bool on)
{
	set_flag(lb, &lb->trickle, on);
}

void loopback_garbage(struct loopback *lb)
{
	set_flag(lb, &lb->garbage, true);
}

void loopback_blackhole(struct loopback *lb, bool on)
{
	set_flag(lb, &lb->blackhole, on);
}

void loopback_reset(struct loopback *lb)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	g_mutex_lock(&lb->lock);
	for (guint i = 0; i < lb->peers->len; i++) {
		struct peer *peer = g_ptr_array_index(lb->peers, i);

		setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	}
	g_ptr_array_set_size(lb->peers, 0);
	wake(lb);
	g_mutex_unlock(&lb->lock);
}

void loopback_refuse(struct loopback *lb, bool on)
{
	g_mutex_lock(&lb->lock);
	if (on && lb->listener >= 0) {
		close(lb->listener);
		lb->listener = -1;
	} else if (!on && lb->listener < 0) {
		lb->listener = listen_on(lb->io, &lb->port);
	}
	wake(lb);
	g_mutex_unlock(&lb->lock);
}

void loopback_restart(struct loopback *lb)
{
	g_mutex_lock(&lb->lock);
	lb->workload->model->free(lb->service);
	lb->service = lb->workload->model->new (lb->params, 1);
	g_mutex_unlock(&lb->lock);
}

void loopback_release(struct loopback *lb, const char *release)
{
	g_mutex_lock(&lb->lock);
	lb->release = release;
	g_mutex_unlock(&lb->lock);
}

bool loopback_damage(struct loopback *lb, const char *kind)
{
	bool known;

	g_mutex_lock(&lb->lock);
	known = lb->workload->model->damage(lb->service, kind);
	g_mutex_unlock(&lb->lock);
	return known;
}

unsigned loopback_accepted(struct loopback *lb)
{
	unsigned accepted;

	g_mutex_lock(&lb->lock);
	accepted = lb->accepted;
	g_mutex_unlock(&lb->lock);
	return accepted;
}
