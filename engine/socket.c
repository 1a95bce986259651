/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP sockets to a loopback port. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "record/error.h"
#include "engine/clock.h"
#include "engine/socket.h"

int lu_socket_connect(uint16_t port, bool *connected)
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
	/* Without it a small request waits for the acknowledgement of the one before (RFC 896). */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	*connected = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	if (*connected || errno == EINPROGRESS)
		return fd;
	on = errno;
	close(fd);
	errno = on;
	return -1;
}

int lu_socket_error(int fd)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &len) < 0 ? errno : value;
}

static int wait_connected(int fd, int64_t deadline_ns)
{
	struct pollfd poll_fd = {fd, POLLOUT, 0};
	int n;

	do {
		struct timespec ts = lu_clock_timespec(MAX(deadline_ns - lu_clock_now(), 0));

		n = ppoll(&poll_fd, 1, &ts, NULL);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n == 0 ? ETIMEDOUT : errno;
	return lu_socket_error(fd);
}

int lu_socket_connect_wait(uint16_t port, int64_t deadline_ns, GError **error)
{
	bool connected = false;
	int fd = lu_socket_connect(port, &connected);
	int why = fd < 0 ? errno : 0;

	if (fd >= 0 && !connected)
		why = wait_connected(fd, deadline_ns);
	if (!why)
		return fd;
	g_set_error(error, LU_ERROR, why == ETIMEDOUT ? LU_ERROR_TIMEOUT : LU_ERROR_FAILED,
		    "port %u of 127.0.0.1: %s", port, g_strerror(why));
	if (fd >= 0)
		close(fd);
	return -1;
}
