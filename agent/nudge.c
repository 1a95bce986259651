/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wake the peers' retransmission. A peer whose segments went unanswered during the upgrade backs
 * off (1, 3, 7, 15 s after the first loss in libslirp's BSD timers) and would stay silent though
 * the service is back. Three duplicate ACKs make it retransmit at once (RFC 5681, 3.2). A socket
 * that leaves TCP_REPAIR sends a window probe, which is such an ACK (tcp_send_window_probe in
 * net/ipv4/tcp_output.c; made for just this purpose: the peer of a restored socket).
 */
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "verbs.h"

/* One more than three: the first may carry another window than the peer last saw and then does not
 * count as a duplicate. */
#define NUDGES	   4
#define REPAIR_ON  1
#define REPAIR_OFF 0

static bool is_established(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);
	int protocol = 0;
	socklen_t plen = sizeof(protocol);

	return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &plen) == 0 &&
	       protocol == IPPROTO_TCP && getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
	       (info.tcpi_state == TCP_ESTABLISHED || info.tcpi_state == TCP_CLOSE_WAIT);
}

static bool nudge_socket(int fd)
{
	const int on = REPAIR_ON, off = REPAIR_OFF;

	if (!is_established(fd))
		return false;
	for (int i = 0; i < NUDGES; i++)
		if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on)) < 0 ||
		    setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &off, sizeof(off)) < 0)
			return false;
	return true;
}

static int nudge_all(DIR *dir, int pidfd)
{
	struct dirent *entry;
	int sockets = 0;

	while ((entry = readdir(dir))) {
		int fd;

		if (entry->d_name[0] == '.')
			continue;
		fd = syscall(SYS_pidfd_getfd, pidfd, atoi(entry->d_name), 0);
		if (fd < 0)
			continue;
		sockets += nudge_socket(fd);
		close(fd);
	}
	return sockets;
}

void verb_net_nudge(struct request *request)
{
	int64_t begin = now_ns();
	char path[64];
	int pidfd = service_pid() > 0 ? syscall(SYS_pidfd_open, service_pid(), 0) : -1;
	DIR *dir;
	int sockets;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)service_pid());
	dir = pidfd >= 0 ? opendir(path) : NULL;
	if (!dir) {
		reply_error(request, "failed", "net.nudge: no service runs");
	} else {
		sockets = nudge_all(dir, pidfd);
		closedir(dir);
		reply_ok(request, json_pack("{s:i, s:I}", "sockets", sockets, "nudge_ns",
					    (json_int_t)(now_ns() - begin)));
	}
	if (pidfd >= 0)
		close(pidfd);
}
