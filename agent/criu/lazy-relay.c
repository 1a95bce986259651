/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/criu/lazy-relay.h"
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "agent/loop.h"

/* LAZY_PAGES_RESTORE_FINISHED in criu/uffd.c; all else begins with a pid. */
#define FINISHED 0x52535446u

static struct {
	int listening, restore, pages;
	const char *pages_path;
	bool kept;   /* the last word is here */
	bool passes; /* it is to be passed on */
} relay = {.listening = -1, .restore = -1, .pages = -1};

static void shut(int *fd, bool watched)
{
	if (*fd < 0)
		return;
	if (watched)
		loop_unwatch(*fd);
	close(*fd);
	*fd = -1;
}

void lazy_relay_stop(void)
{
	shut(&relay.listening, true);
	shut(&relay.restore, true);
	shut(&relay.pages, false);
}

static int open_socket(const char *path, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(address->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address->sun_path, path, strlen(path) + 1);
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void say_last_word(void)
{
	uint32_t word = FINISHED;

	if (relay.kept && relay.passes && relay.pages >= 0) {
		send(relay.pages, &word, sizeof(word), MSG_NOSIGNAL);
		shut(&relay.pages, false);
	}
}

void lazy_relay_finish(void)
{
	relay.passes = true;
	say_last_word();
}

/* The descriptors that came with a message are this process's from then on. */
static void close_passed(struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		for (size_t i = 0; c->cmsg_type == SCM_RIGHTS && i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			close(fd);
		}
	}
}

/* One message as it came, or 0 at the end, or -1. A pid comes alone, and so does a descriptor: the
 * kernel does not join what has one with what follows, but may join two pids. */
static ssize_t pass_on(void)
{
	char bytes[sizeof(uint32_t)];
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(4 * sizeof(int))];
	struct iovec part = {bytes, sizeof(bytes)};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(relay.restore, &message, MSG_CMSG_CLOEXEC);
	uint32_t word = FINISHED;

	if (n <= 0)
		return n;
	if (n == sizeof(word) && !memcmp(bytes, &word, sizeof(word))) {
		relay.kept = true;
		return n;
	}
	part.iov_len = (size_t)n;
	message.msg_flags = 0;
	if (sendmsg(relay.pages, &message, MSG_NOSIGNAL) != n)
		n = -1;
	close_passed(&message);
	return n;
}

/* Without the last word the end is a failure, which lazy-pages has to see. */
static void on_message(void *data)
{
	ssize_t n = pass_on();

	if (n > 0) {
		say_last_word();
		return;
	}
	shut(&relay.restore, true);
	if (!relay.kept)
		shut(&relay.pages, false);
}

static void on_restore(void *data)
{
	struct sockaddr_un address;

	relay.restore = accept4(relay.listening, NULL, NULL, SOCK_CLOEXEC);
	shut(&relay.listening, true);
	relay.pages = open_socket(relay.pages_path, &address);
	if (relay.restore >= 0 && relay.pages >= 0 &&
	    !connect(relay.pages, (struct sockaddr *)&address, sizeof(address))) {
		loop_watch(relay.restore, on_message, NULL);
		return;
	}
	shut(&relay.restore, false);
	shut(&relay.pages, false);
}

bool lazy_relay_start(const char *restore, const char *pages)
{
	struct sockaddr_un address;

	lazy_relay_stop();
	relay.kept = relay.passes = false;
	relay.pages_path = pages;
	unlink(restore);
	relay.listening = open_socket(restore, &address);
	if (relay.listening < 0)
		return false;
	if (bind(relay.listening, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(relay.listening, 1)) {
		shut(&relay.listening, false);
		return false;
	}
	loop_watch(relay.listening, on_restore, NULL);
	return true;
}
