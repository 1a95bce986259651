/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A link of a given speed: a thread between two socket pairs. */
#include "qemu/migration/rate-limiter.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "record/error.h"
#include "host/wait.h"

/* At 10 MB/s a millisecond and a half: less than what a client sees. */
#define CHUNK 16384
/* Time that the thread was late by is made up for up to this, or a busy host
 * would slow the link down. */
#define CREDIT_NS (10 * LU_NS_PER_MS)
/* Of a socket: what is in it has left the sender and is not on the way yet. */
#define BUFFER 65536

/* One direction. */
struct lane {
	int from, to;
	double ns_per_byte; /* 0: free */
	int64_t next_ns;    /* when more may leave */
	size_t begin, end;  /* what of the chunk has to be written yet */
	bool over;
	char chunk[CHUNK];
};

struct lu_link {
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

/* What to wait for; *until_ns is lowered to when the lane may go on. A descriptor
 * of -1 is passed over. */
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

static void move(struct lane *lane, const struct pollfd *ready)
{
	if (!ready->revents)
		return;
	if (ready->events == POLLOUT)
		give(lane);
	else
		take(lane, lu_monotonic_ns());
}

static gpointer carry(gpointer data)
{
	struct lu_link *link = data;

	while (!link->lanes[0].over || !link->lanes[1].over) {
		int64_t now_ns = lu_monotonic_ns(), until_ns = INT64_MAX;
		struct pollfd fds[3] = {{link->stop, POLLIN, 0}};

		for (int i = 0; i < 2; i++)
			fds[i + 1] = wish(&link->lanes[i], now_ns, &until_ns);
		struct timespec left = {(until_ns - now_ns) / LU_NS_PER_S,
					(until_ns - now_ns) % LU_NS_PER_S};

		if (ppoll(fds, 3, until_ns == INT64_MAX ? NULL : &left, NULL) < 0 && !again())
			break;
		if (fds[0].revents)
			break;
		for (int i = 0; i < 2; i++)
			move(&link->lanes[i], &fds[i + 1]);
	}
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

static void close_all(struct lu_link *link)
{
	for (int i = 0; i < 2; i++)
		if (link->fds[i] >= 0)
			close(link->fds[i]);
	if (link->stop >= 0)
		close(link->stop);
	g_free(link);
}

struct lu_link *lu_link_new(uint64_t bytes_s, int ends[2], GError **error)
{
	struct lu_link *link = g_new0(struct lu_link, 1);

	link->fds[0] = link->fds[1] = -1;
	link->stop = eventfd(0, EFD_CLOEXEC);
	ends[0] = ends[1] = -1;
	if (!make_pair(&link->fds[0], &ends[0], error) ||
	    !make_pair(&link->fds[1], &ends[1], error)) {
		if (ends[0] >= 0)
			close(ends[0]);
		close_all(link);
		return NULL;
	}
	for (int i = 0; i < 2; i++)
		link->lanes[i] = (struct lane){.from = link->fds[i], .to = link->fds[!i]};
	link->lanes[0].ns_per_byte = 1e9 / (double)bytes_s;
	link->thread = g_thread_new("link", carry, link);
	return link;
}

void lu_link_free(struct lu_link *link)
{
	const uint64_t one = 1;

	if (!link)
		return;
	/* An eventfd takes a one at any time. */
	if (write(link->stop, &one, sizeof(one)) == sizeof(one))
		g_thread_join(link->thread);
	close_all(link);
}
