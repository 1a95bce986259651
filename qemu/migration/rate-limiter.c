/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rate limiter: a thread between two socket pairs. */
#include "qemu/migration/rate-limiter.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "record/error.h"

/* 1.6 ms at 10 MB/s: below a client's resolution. */
#define CHUNK 16384
/* The thread may catch up by this much when it was late, or a busy host would lower the rate. */
#define CREDIT_NS (10 * LU_NS_PER_MS)
/* A socket's buffer: bytes in it have left the sender but have not passed the limiter yet. */
#define BUFFER 65536

/* One direction. */
struct lane {
	int from, to;
	double ns_per_byte; /* 0: unlimited */
	int64_t next_ns;    /* when the next byte may be forwarded */
	size_t begin, end;  /* what of the chunk has to be written yet */
	bool over;
	char chunk[CHUNK];
};

struct lu_rate_limiter {
	const struct lu_io *io;
	struct lane lanes[2];
	int fds[2]; /* ours of each pair */
	int stop;   /* eventfd */
	GThread *thread;
};

static void finish(struct lane *lane)
{
	lane->over = true;
	shutdown(lane->to, SHUT_WR);
}

static bool again(void)
{
	return errno == EAGAIN || errno == EINTR;
}

static void charge(struct lane *lane, ssize_t n, int64_t now_ns)
{
	if (lane->next_ns < now_ns - CREDIT_NS)
		lane->next_ns = now_ns - CREDIT_NS;
	lane->next_ns += (int64_t)(lane->ns_per_byte * (double)n);
}

static void take(struct lane *lane, int64_t now_ns)
{
	ssize_t n = read(lane->from, lane->chunk, CHUNK);

	if (n == 0 || (n < 0 && !again()))
		finish(lane);
	if (n <= 0)
		return;
	charge(lane, n, now_ns);
	lane->begin = 0;
	lane->end = (size_t)n;
}

static void give(struct lane *lane)
{
	ssize_t n =
		send(lane->to, lane->chunk + lane->begin, lane->end - lane->begin, MSG_NOSIGNAL);

	if (n > 0)
		lane->begin += (size_t)n;
	else if (!again())
		finish(lane);
}

/* The event to wait for; *until_ns is lowered to when the lane may continue. poll() skips a
 * descriptor of -1. */
static struct pollfd wish(const struct lane *lane, int64_t now_ns, int64_t *until_ns)
{
	if (lane->over)
		return (struct pollfd){.fd = -1};
	if (lane->begin < lane->end)
		return (struct pollfd){lane->to, POLLOUT, 0};
	if (lane->next_ns <= now_ns)
		return (struct pollfd){lane->from, POLLIN, 0};
	*until_ns = MIN(*until_ns, lane->next_ns);
	return (struct pollfd){.fd = -1};
}

static void transfer(struct lane *lane, const struct pollfd *ready, int64_t now_ns)
{
	if (!ready->revents)
		return;
	if (ready->events == POLLOUT)
		give(lane);
	else
		take(lane, now_ns);
}

static gpointer carry(gpointer data)
{
	struct lu_rate_limiter *limiter = data;
	const struct lu_io *io = limiter->io;

	while (!limiter->lanes[0].over || !limiter->lanes[1].over) {
		int64_t now_ns = io->now(io), until_ns = INT64_MAX;
		struct pollfd fds[3] = {{limiter->stop, POLLIN, 0}};

		for (int i = 0; i < 2; i++)
			fds[i + 1] = wish(&limiter->lanes[i], now_ns, &until_ns);
		if (io->poll(io, fds, 3, until_ns) < 0 || fds[0].revents)
			break;
		for (int i = 0; i < 2; i++)
			transfer(&limiter->lanes[i], &fds[i + 1], io->now(io));
	}
	/* Whatever ended it: both ends see the end of the stream rather than wait for ever. */
	for (int i = 0; i < 2; i++)
		finish(&limiter->lanes[i]);
	return NULL;
}

static bool make_pair(int *ours, int *theirs, GError **error)
{
	int pair[2], size = BUFFER;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "socketpair: %s", g_strerror(errno));
		return false;
	}
	for (int i = 0; i < 2; i++)
		setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	fcntl(pair[0], F_SETFL, fcntl(pair[0], F_GETFL) | O_NONBLOCK);
	*ours = pair[0];
	*theirs = pair[1];
	return true;
}

static void close_all(struct lu_rate_limiter *limiter)
{
	for (int i = 0; i < 2; i++)
		if (limiter->fds[i] >= 0)
			close(limiter->fds[i]);
	if (limiter->stop >= 0)
		close(limiter->stop);
	g_free(limiter);
}

struct lu_rate_limiter *lu_rate_limiter_new(const struct lu_io *io, uint64_t bytes_s, int ends[2],
					    GError **error)
{
	struct lu_rate_limiter *limiter = g_new0(struct lu_rate_limiter, 1);

	limiter->io = io;
	limiter->fds[0] = limiter->fds[1] = -1;
	limiter->stop = eventfd(0, EFD_CLOEXEC);
	ends[0] = ends[1] = -1;
	if (!make_pair(&limiter->fds[0], &ends[0], error) ||
	    !make_pair(&limiter->fds[1], &ends[1], error)) {
		if (ends[0] >= 0)
			close(ends[0]);
		close_all(limiter);
		return NULL;
	}
	for (int i = 0; i < 2; i++)
		limiter->lanes[i] = (struct lane){.from = limiter->fds[i], .to = limiter->fds[!i]};
	limiter->lanes[0].ns_per_byte = 1e9 / (double)bytes_s;
	limiter->thread = io->thread(io, "rate-limiter", carry, limiter);
	return limiter;
}

void lu_rate_limiter_free(struct lu_rate_limiter *limiter)
{
	const uint64_t one = 1;

	if (!limiter)
		return;
	/* An eventfd accepts a 1 at any time. */
	if (write(limiter->stop, &one, sizeof(one)) == sizeof(one))
		g_thread_join(limiter->thread);
	close_all(limiter);
}
