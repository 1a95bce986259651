/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/qemu/peer.h"
#include "tests/kit/guard.h"

struct peer {
	const struct peer_step *steps;
	int fd;
	GThread *thread;
	bool followed;
};

/* One byte at a time: the next line must stay in the socket. */
static bool read_line(int fd, GString *line)
{
	char c;

	g_string_truncate(line, 0);
	while (recv(fd, &c, 1, 0) == 1) {
		if (c == '\n')
			return true;
		g_string_append_c(line, c);
	}
	return false;
}

static bool play(struct peer *peer)
{
	g_autoptr(GString) line = g_string_new(NULL);

	for (const struct peer_step *step = peer->steps; step->expect || step->say; step++) {
		if (step->expect &&
		    (!read_line(peer->fd, line) || !strstr(line->str, step->expect)))
			return false;
		if (step->say && !*step->say)
			shutdown(peer->fd, SHUT_RDWR);
		else if (step->say &&
			 send(peer->fd, step->say, strlen(step->say), MSG_NOSIGNAL) < 0)
			return false;
	}
	return true;
}

static gpointer peer_thread(gpointer data)
{
	struct peer *peer = data;

	peer->followed = play(peer);
	return NULL;
}

struct peer *peer_new(const struct peer_step *steps, int *fd)
{
	struct peer *peer = g_new0(struct peer, 1);
	struct timeval patience = {.tv_sec = GUARD_MS / 1000};
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	*fd = pair[0];
	peer->fd = pair[1];
	peer->steps = steps;
	peer->thread = g_thread_new("peer", peer_thread, peer);
	return peer;
}

bool peer_free(struct peer *peer)
{
	bool followed;

	g_thread_join(peer->thread);
	followed = peer->followed;
	close(peer->fd);
	g_free(peer);
	return followed;
}
