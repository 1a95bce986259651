/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who waits is in a list, with what it waits for, and really waits for it: a thread that can go on
 * does so by itself. The last one to begin waiting moves the clock, unless somebody can go on. Unix
 * sockets, because with TCP a byte may be on its way while nobody can go on.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "tests/kit/virtual-io.h"

#define BEGIN_NS (1000 * LU_NS_PER_S)

struct virtual_io {
	struct lu_io io;
	GMutex lock;
	int64_t now_ns;
	unsigned threads; /* that take part */
	GPtrArray *waiting;
	uint16_t next_port;
};

struct waiter {
	struct pollfd *fds; /* the last is what wakes it */
	nfds_t count;
	int64_t until_ns;
};

struct start {
	struct virtual_io *v;
	GThreadFunc main;
	gpointer data;
};

static struct virtual_io *self(const struct lu_io *io)
{
	return (struct virtual_io *)io;
}

static int64_t virtual_now(const struct lu_io *io)
{
	struct virtual_io *v = self(io);
	int64_t now;

	g_mutex_lock(&v->lock);
	now = v->now_ns;
	g_mutex_unlock(&v->lock);
	return now;
}

static void wake(const struct waiter *waiter)
{
	const uint64_t one = 1;

	g_assert_cmpint(write(waiter->fds[waiter->count - 1].fd, &one, sizeof(one)), ==, 8);
}

/* Lock held. Everybody waits: on to the time at which somebody goes on. */
static void advance(struct virtual_io *v)
{
	int64_t next = INT64_MAX;

	for (guint i = 0; i < v->waiting->len; i++) {
		const struct waiter *waiter = g_ptr_array_index(v->waiting, i);
		g_autofree struct pollfd *fds =
			g_memdup2(waiter->fds, waiter->count * sizeof(*fds));

		if (poll(fds, waiter->count, 0) > 0)
			return;
		next = MIN(next, waiter->until_ns);
	}
	if (next == INT64_MAX)
		g_error("all threads wait, and for nothing that will come");
	v->now_ns = MAX(v->now_ns, next);
	for (guint i = 0; i < v->waiting->len; i++) {
		const struct waiter *waiter = g_ptr_array_index(v->waiting, i);

		if (waiter->until_ns <= v->now_ns)
			wake(waiter);
	}
}

static void advance_if_idle(struct virtual_io *v)
{
	if (v->threads > 0 && v->waiting->len == v->threads)
		advance(v);
}

/* Lock held, and again afterwards: until something may have changed for this one. */
static void wait_once(struct virtual_io *v, struct waiter *waiter)
{
	g_ptr_array_add(v->waiting, waiter);
	advance_if_idle(v);
	g_mutex_unlock(&v->lock);
	while (poll(waiter->fds, waiter->count, -1) < 0)
		g_assert_cmpint(errno, ==, EINTR);
	g_mutex_lock(&v->lock);
	g_ptr_array_remove_fast(v->waiting, waiter);
}

static int virtual_poll(const struct lu_io *io, struct pollfd *fds, nfds_t count, int64_t until_ns)
{
	struct virtual_io *v = self(io);
	g_autofree struct pollfd *all = g_new(struct pollfd, count + 1);
	struct waiter waiter = {all, count + 1, until_ns};
	int n, woken = eventfd(0, EFD_CLOEXEC);

	g_assert_cmpint(woken, >=, 0);
	for (nfds_t i = 0; i < count; i++)
		all[i] = fds[i];
	all[count] = (struct pollfd){woken, POLLIN, 0};
	g_mutex_lock(&v->lock);
	while ((n = poll(fds, count, 0)) == 0 && v->now_ns < until_ns)
		wait_once(v, &waiter);
	g_mutex_unlock(&v->lock);
	close(woken);
	return n;
}

static gpointer thread_main(gpointer data)
{
	g_autofree struct start *start = data;
	struct virtual_io *v = start->v;
	gpointer result = start->main(start->data);

	g_mutex_lock(&v->lock);
	v->threads--;
	advance_if_idle(v);
	g_mutex_unlock(&v->lock);
	return result;
}

/* It counts from here on: time must not pass before it has begun. */
static GThread *virtual_thread(const struct lu_io *io, const char *name, GThreadFunc main,
			       gpointer data)
{
	struct virtual_io *v = self(io);
	struct start *start = g_new(struct start, 1);

	*start = (struct start){v, main, data};
	g_mutex_lock(&v->lock);
	v->threads++;
	g_mutex_unlock(&v->lock);
	return g_thread_new(name, thread_main, start);
}

/* An abstract name: nothing remains of it. */
static socklen_t address_of(const struct virtual_io *v, uint16_t port, struct sockaddr_un *address)
{
	int len;

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	len = snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1, "lubench-%d-%p-%u",
		       (int)getpid(), (const void *)v, port);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
}

static int virtual_connect(const struct lu_io *io, uint16_t port, bool *connected)
{
	struct sockaddr_un address;
	socklen_t len = address_of(self(io), port, &address);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), why;

	g_assert_cmpint(fd, >=, 0);
	/* Known only by the next poll(), as with TCP. */
	*connected = false;
	if (connect(fd, (struct sockaddr *)&address, len) == 0)
		return fd;
	why = errno;
	close(fd);
	errno = why;
	return -1;
}

int virtual_io_listen(const struct lu_io *io, uint16_t *port)
{
	struct virtual_io *v = self(io);
	struct sockaddr_un address;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t len;

	g_assert_cmpint(fd, >=, 0);
	if (!*port)
		*port = ++v->next_port;
	len = address_of(v, *port, &address);
	g_assert_cmpint(bind(fd, (struct sockaddr *)&address, len), ==, 0);
	g_assert_cmpint(listen(fd, 64), ==, 0);
	return fd;
}

void virtual_io_sleep(const struct lu_io *io, int64_t ns)
{
	io->poll(io, NULL, 0, io->now(io) + ns);
}

struct lu_io *virtual_io_new(void)
{
	struct virtual_io *v = g_new0(struct virtual_io, 1);

	v->io = (struct lu_io){virtual_now, virtual_poll, virtual_connect, virtual_thread};
	g_mutex_init(&v->lock);
	v->now_ns = BEGIN_NS;
	v->threads = 1;
	v->waiting = g_ptr_array_new();
	return &v->io;
}

void virtual_io_free(struct lu_io *io)
{
	struct virtual_io *v = self(io);

	g_assert_cmpuint(v->threads, ==, 1);
	g_ptr_array_unref(v->waiting);
	g_mutex_clear(&v->lock);
	g_free(v);
}
