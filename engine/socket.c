/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include "record/error.h"
#include "engine/socket.h"

int lu_socket_error(int fd)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &len) < 0 ? errno : value;
}

uint16_t lu_socket_port(int fd)
{
	struct sockaddr_in name = {};
	socklen_t len = sizeof(name);

	return getsockname(fd, (struct sockaddr *)&name, &len) < 0 ? 0 : ntohs(name.sin_port);
}

static int wait_connected(const struct lu_io *io, int fd, int64_t deadline_ns)
{
	struct pollfd poll_fd = {fd, POLLOUT, 0};
	int n = io->poll(io, &poll_fd, 1, deadline_ns);

	if (n <= 0)
		return n == 0 ? ETIMEDOUT : errno;
	return lu_socket_error(fd);
}

int lu_socket_connect_wait(const struct lu_io *io, uint16_t port, int64_t deadline_ns,
			   GError **error)
{
	bool connected = false;
	int fd = io->connect(io, port, &connected);
	int why = fd < 0 ? errno : 0;

	if (fd >= 0 && !connected)
		why = wait_connected(io, fd, deadline_ns);
	if (!why)
		return fd;
	g_set_error(error, LU_ERROR, why == ETIMEDOUT ? LU_ERROR_TIMEOUT : LU_ERROR_FAILED,
		    "port %u of 127.0.0.1: %s", port, g_strerror(why));
	if (fd >= 0)
		close(fd);
	return -1;
}

bool lu_socket_send(int fd, GByteArray *bytes)
{
	while (bytes->len > 0) {
		ssize_t n = send(fd, bytes->data, bytes->len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		g_byte_array_remove_range(bytes, 0, (guint)n);
	}
	return true;
}
