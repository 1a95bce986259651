/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between `criu restore` and `criu lazy-pages`, both played here: descriptors arrive, and the last
 * word does so when it may. */
#include "tests/kit/cmocka-all.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agent/criu/lazy-relay.h"
#include "agent/loop.h"

#define FINISHED  0x52535446
#define GUARD_MS  60000
#define SILENT_MS 100

static struct {
	char folder[40], restore[60], pages[60];
	int listening, tell, restorer, filler;
	pid_t relay;
} at;

static struct sockaddr_un address(const char *path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	return to;
}

static void finish(void *data)
{
	char byte;

	assert_int_equal(read(*(int *)data, &byte, 1), 1);
	lazy_relay_finish();
}

static void run_relay(int commands, int ready)
{
	if (!lazy_relay_start(at.restore, at.pages))
		_exit(1);
	loop_watch(commands, finish, &commands);
	close(ready);
	loop_run();
}

static int open_sides(void **state)
{
	struct sockaddr_un to;
	int commands[2], ready[2];
	char byte;

	snprintf(at.folder, sizeof(at.folder), "/tmp/lu-relay-XXXXXX");
	assert_non_null(mkdtemp(at.folder));
	snprintf(at.restore, sizeof(at.restore), "%s/restore", at.folder);
	snprintf(at.pages, sizeof(at.pages), "%s/pages", at.folder);
	to = address(at.pages);
	at.listening = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(at.listening, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(listen(at.listening, 1), 0);
	assert_int_equal(pipe(commands) | pipe(ready), 0);
	at.relay = fork();
	if (!at.relay) {
		close(commands[1]);
		close(ready[0]);
		run_relay(commands[0], ready[1]);
	}
	close(commands[0]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0); /* it listens */
	close(ready[0]);
	at.tell = commands[1];
	to = address(at.restore);
	at.restorer = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(at.restorer, (struct sockaddr *)&to, sizeof(to)), 0);
	at.filler = accept(at.listening, NULL, NULL);
	return at.filler < 0;
}

static int close_sides(void **state)
{
	kill(at.relay, SIGKILL);
	waitpid(at.relay, NULL, 0);
	close(at.listening);
	close(at.tell);
	close(at.filler);
	if (at.restorer >= 0)
		close(at.restorer);
	unlink(at.restore);
	unlink(at.pages);
	return rmdir(at.folder);
}

static void send_word(int word)
{
	assert_int_equal(send(at.restorer, &word, sizeof(word), 0), sizeof(word));
}

static void send_fd(int fd)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(fd))] = "";
	struct iovec part = {"*", 1};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	assert_int_equal(sendmsg(at.restorer, &message, 0), 1);
}

static int comes(int within_ms)
{
	struct pollfd wait = {at.filler, POLLIN, 0};

	return poll(&wait, 1, within_ms);
}

static void expect_word(int word)
{
	int got = 0;

	assert_int_equal(comes(GUARD_MS), 1);
	assert_int_equal(recv(at.filler, &got, sizeof(got), 0), sizeof(got));
	assert_int_equal(got, word);
}

static int expect_fd(void)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	char byte;
	struct iovec part = {&byte, 1};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};
	int fd;

	assert_int_equal(comes(GUARD_MS), 1);
	assert_int_equal(recvmsg(at.filler, &message, 0), 1);
	assert_non_null(CMSG_FIRSTHDR(&message));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

/* Two processes, one of them dead, and the last word. */
static void send_all(void)
{
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	send_word(-10001);
	send_word(10000);
	send_fd(pipes[1]);
	send_word(FINISHED);
	close(pipes[1]);
	expect_word(-10001);
	expect_word(10000);
	int fd = expect_fd();
	char byte = 'x';

	assert_int_equal(write(fd, &byte, 1), 1);
	byte = '\0';
	assert_int_equal(read(pipes[0], &byte, 1), 1);
	assert_int_equal(byte, 'x');
	/* of the write end no copy is left, in the relay either */
	close(fd);
	assert_int_equal(read(pipes[0], &byte, 1), 0);
	close(pipes[0]);
}

static void end_restore(void)
{
	close(at.restorer);
	at.restorer = -1;
}

static void test_the_last_word_waits(void **state)
{
	send_all();
	end_restore();
	assert_int_equal(comes(SILENT_MS), 0);
	assert_int_equal(write(at.tell, "f", 1), 1);
	expect_word(FINISHED);
}

static void test_it_may_come_later(void **state)
{
	assert_int_equal(write(at.tell, "f", 1), 1);
	send_all();
	expect_word(FINISHED);
}

/* A restore that ends without it has failed, and lazy-pages sees the end. */
static void test_a_failed_restore(void **state)
{
	int got;

	send_word(-10001);
	end_restore();
	expect_word(-10001);
	assert_int_equal(comes(GUARD_MS), 1);
	assert_int_equal(recv(at.filler, &got, sizeof(got), 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_last_word_waits, open_sides, close_sides),
		cmocka_unit_test_setup_teardown(test_it_may_come_later, open_sides, close_sides),
		cmocka_unit_test_setup_teardown(test_a_failed_restore, open_sides, close_sides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
