/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections between two agents. */
#include "agent/replica/replica.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define STEP_S	 3
#define SILENT_S 1 /* idle time after which TCP probes the peer, once a second */
#define DEAD_MS	 3000

static void set(int fd, int level, int option, int value)
{
	setsockopt(fd, level, option, &value, sizeof(value));
}

void replica_set_deadline(int fd, bool on)
{
	const struct timeval step = {.tv_sec = on ? STEP_S : 0};

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &step, sizeof(step));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &step, sizeof(step));
}

/* A machine that is switched off closes no connection, and its peer would wait for ever with the
 * service frozen. */
static void notice_death(int fd)
{
	set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set(fd, IPPROTO_TCP, TCP_KEEPIDLE, SILENT_S);
	set(fd, IPPROTO_TCP, TCP_KEEPINTVL, SILENT_S);
	set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, DEAD_MS);
	set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

bool replica_is_cut_off(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
	       info.tcpi_state == TCP_CLOSE;
}

static int dial(const char *address)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(REPLICA_PORT)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	notice_death(fd);
	replica_set_deadline(fd, true);
	to.sin_addr.s_addr = inet_addr(address);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	close(fd);
	return -1;
}

int replica_connect(const char *address, const char *line, char *why, size_t size)
{
	char answer[REPLICA_LINE] = "";
	int fd = dial(address);

	if (fd >= 0 && replica_write(fd, line, strlen(line)) && replica_write(fd, "\n", 1) &&
	    replica_read_line(fd, answer) && !strcmp(answer, "ok"))
		return fd;
	snprintf(why, size, "standby at %s: %s", address,
		 *answer ? answer : strerror(errno ? errno : ECONNRESET));
	if (fd >= 0)
		close(fd);
	return -1;
}

bool replica_write(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		at += n;
		len -= n;
	}
	return true;
}

bool replica_read(int fd, void *bytes, size_t len)
{
	char *at = bytes;

	while (len) {
		ssize_t n = recv(fd, at, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = ECONNRESET;
		if (n <= 0)
			return false;
		at += n;
		len -= n;
	}
	return true;
}

/* Byte by byte: bytes after the line may be for another program. */
bool replica_read_line(int fd, char *line)
{
	for (size_t i = 0; i < REPLICA_LINE; i++) {
		if (!replica_read(fd, line + i, 1))
			return false;
		if (line[i] != '\n')
			continue;
		line[i] = '\0';
		return true;
	}
	errno = EMSGSIZE;
	return false;
}
