/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workloads/tick/guest/wire.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union one_fd {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

static void attach(struct msghdr *header, union one_fd *control, int fd)
{
	struct cmsghdr *part;

	header->msg_control = control->bytes;
	header->msg_controllen = sizeof(control->bytes);
	part = CMSG_FIRSTHDR(header);
	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_RIGHTS;
	part->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(part), &fd, sizeof(fd));
}

bool wire_send(int fd, const struct wire_message *message, const void *payload, int pass, int flags)
{
	struct iovec parts[] = {{(void *)message, sizeof(*message)},
				{(void *)payload, message->bytes}};
	struct msghdr header = {.msg_iov = parts, .msg_iovlen = message->bytes ? 2 : 1};
	union one_fd control = {{0}};

	if (pass >= 0)
		attach(&header, &control, pass);
	return sendmsg(fd, &header, flags | MSG_NOSIGNAL) >= 0;
}

static int detach(struct msghdr *header)
{
	struct cmsghdr *part = CMSG_FIRSTHDR(header);
	int fd = -1;

	if (part && part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(part), sizeof(fd));
	return fd;
}

int wire_receive(int fd, struct wire_message *message, void *payload, int *passed, int flags)
{
	struct iovec parts[] = {{message, sizeof(*message)}, {payload, WIRE_MAX}};
	union one_fd control = {{0}};
	struct msghdr header = {.msg_iov = parts,
				.msg_iovlen = 2,
				.msg_control = control.bytes,
				.msg_controllen = sizeof(control.bytes)};
	ssize_t n = recvmsg(fd, &header, flags | MSG_CMSG_CLOEXEC);
	int got = n > 0 ? detach(&header) : -1;

	if (passed)
		*passed = got;
	else if (got >= 0)
		close(got);
	if (n <= 0)
		return n;
	if (n >= (ssize_t)sizeof(*message) && message->bytes == n - sizeof(*message))
		return 1;
	errno = EPROTO;
	return -1;
}
