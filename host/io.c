/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's time and sockets. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "host/io.h"

/* The longest wait is a day, so that "never" is a valid time. */
#define LONGEST_NS (86400 * LU_NS_PER_S)

int64_t lu_monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * LU_NS_PER_S + ts.tv_nsec;
}

static int64_t host_now(const struct lu_io *io)
{
	return lu_monotonic_ns();
}

/* Until then, at most a day: the clock is read once, or the time may pass between two looks at it. */
static struct timespec left_until(int64_t until_ns)
{
	int64_t now_ns = lu_monotonic_ns();
	int64_t left = until_ns > now_ns ? MIN(until_ns - now_ns, LONGEST_NS) : 0;

	return (struct timespec){.tv_sec = left / LU_NS_PER_S, .tv_nsec = left % LU_NS_PER_S};
}

static int host_poll(const struct lu_io *io, struct pollfd *fds, nfds_t count, int64_t until_ns)
{
	int n;

	do {
		struct timespec ts = left_until(until_ns);

		n = ppoll(fds, count, &ts, NULL);
	} while (n < 0 && errno == EINTR);
	return n;
}

static int host_connect(const struct lu_io *io, uint16_t port, bool *connected)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0)
		return -1;
	/* Otherwise a small request waits for the acknowledgement of the previous one (RFC 896). */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	*connected = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	if (*connected || errno == EINPROGRESS)
		return fd;
	on = errno;
	close(fd);
	errno = on;
	return -1;
}

/* The main thread handles all signals. A thread inherits the mask of its creator. */
static GThread *host_thread(const struct lu_io *io, const char *name, GThreadFunc main,
			    gpointer data)
{
	sigset_t all, before;
	GThread *thread;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	thread = g_thread_new(name, main, data);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return thread;
}

const struct lu_io lu_io_host = {host_now, host_poll, host_connect, host_thread, "/proc"};
