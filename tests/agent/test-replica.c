/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What two agents say to each other, over a socket pair: bundles and their hash; and what an agent
 * says to CRIU, against the examples of the format's own description. */
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "agent/criu/protobuf.h"
#include "agent/replica/replica.h"
#include "tests/kit/guard.h"

/* protobuf.dev/programming-guides/encoding: 150 in field 1, "testing" in field 2, field 3 holding
 * the first message. */
static void test_encode(void **state)
{
	static const uint8_t expected[] = {0x08, 0x96, 0x01, 0x12, 0x07, 't',  'e',
					   's',	 't',  'i',  'n',  'g',	 0x1a, 0x03,
					   0x08, 0x96, 0x01, 0xa0, 0x06, 0x01};
	struct pb message = {.len = 0}, inner = {.len = 0};

	pb_int(&inner, 1, 150);
	pb_int(&message, 1, 150);
	pb_text(&message, 2, "testing");
	pb_text(&message, 9, NULL);
	pb_message(&message, 3, &inner);
	pb_int(&message, 100, 1); /* a key of two bytes */
	assert_int_equal(message.len, sizeof(expected));
	assert_memory_equal(message.data, expected, sizeof(expected));
}

static void test_overflow(void **state)
{
	struct pb message = {.len = 0}, outer = {.len = 0};
	char text[2000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	pb_text(&message, 1, text);
	assert_true(message.overflow);
	pb_message(&outer, 1, &message);
	assert_true(outer.overflow);
}

/* -1 takes ten bytes as an int32 does; fields of fixed size are passed over. */
static void test_decode(void **state)
{
	static const uint8_t bytes[] = {0x0d, 1,    2,	  3,	4,    0x10, 0xff, 0xff,
					0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01,
					0x1a, 2,    'o',  'k',	0x10, 7};
	struct pb_reader reader = {bytes, bytes + sizeof(bytes)};
	struct pb_field field;

	assert_true(pb_next(&reader, &field) && field.number == 1 && field.len == 4);
	assert_true(pb_next(&reader, &field) && field.number == 2 && field.value == -1);
	assert_true(pb_next(&reader, &field) && field.number == 3 && field.len == 2);
	assert_memory_equal(field.bytes, "ok", 2);
	assert_true(pb_find(bytes, sizeof(bytes), 2, &field) && field.value == 7);
	assert_false(pb_find(bytes, sizeof(bytes), 4, &field));
}

/* Cut anywhere, it never reads beyond its end (a sanitizer would tell) and finds no text that is
 * not whole. */
static void test_cut_short(void **state)
{
	static const uint8_t bytes[] = {0x08, 0x96, 0x01, 0x12, 0x03, 'a', 'b', 'c'};
	struct pb_field field;

	for (size_t len = 0; len < sizeof(bytes); len++) {
		uint8_t *copy = malloc(len + !len);

		memcpy(copy, bytes, len);
		assert_false(pb_find(copy, len, 2, &field));
		free(copy);
	}
	assert_true(pb_find(bytes, sizeof(bytes), 2, &field));
}

struct folders {
	char from[40], to[40];
};

static void write_file(const char *dir, const char *name, const void *bytes, size_t len)
{
	char path[120];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	fclose(file);
}

static int setup(void **state)
{
	struct folders *folders = calloc(1, sizeof(*folders));

	strcpy(folders->from, "/tmp/lubench-test-XXXXXX");
	strcpy(folders->to, "/tmp/lubench-test-XXXXXX");
	assert_non_null(mkdtemp(folders->from));
	assert_non_null(mkdtemp(folders->to));
	write_file(folders->from, "core-1.img", "registers", 9);
	write_file(folders->from, "empty.img", "", 0);
	assert_int_equal(symlinkat("../round.1", open(folders->from, O_DIRECTORY), "parent"), 0);
	*state = folders;
	return 0;
}

static unsigned count_files(const char *dir, bool remove_them)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	unsigned n = 0;

	while ((entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		n++;
		if (remove_them)
			unlinkat(dirfd(d), entry->d_name, 0);
	}
	closedir(d);
	return n;
}

static int teardown(void **state)
{
	struct folders *folders = *state;

	count_files(folders->from, true);
	count_files(folders->to, true);
	rmdir(folders->from);
	rmdir(folders->to);
	free(folders);
	return 0;
}

/* The bundle with bytes changed from `at` on, and cut to `keep` bytes of it. */
static const char *send_bundle(const struct folders *folders, size_t at, const char *instead,
			       size_t cut)
{
	size_t len;
	uint8_t *bundle = bundle_pack(folders->from, &len);
	const char *why;
	int pair[2];

	assert_non_null(bundle);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	memcpy(bundle + at, instead, strlen(instead));
	assert_true(replica_write(pair[0], bundle, len - cut));
	close(pair[0]);
	why = bundle_receive(pair[1], folders->to);
	close(pair[1]);
	free(bundle);
	return why;
}

static void test_bundle(void **state)
{
	const struct folders *folders = *state;
	char path[120], text[20] = "";
	FILE *file;

	assert_null(send_bundle(folders, 0, "", 0));
	assert_int_equal(count_files(folders->to, false), 2); /* a link is none of them */
	snprintf(path, sizeof(path), "%s/core-1.img", folders->to);
	file = fopen(path, "r");
	assert_int_equal(fread(text, 1, sizeof(text), file), 9);
	fclose(file);
	assert_string_equal(text, "registers");
}

/* A byte that is another one, wherever, and nothing is written. */
static void test_damaged(void **state)
{
	const struct folders *folders = *state;
	const char *why = send_bundle(folders, 40, "?", 0);

	assert_non_null(why);
	assert_non_null(strstr(why, "wrong hash"));
	assert_int_equal(count_files(folders->to, false), 0);
	assert_non_null(send_bundle(folders, 8, "?", 0));
	assert_int_equal(count_files(folders->to, false), 0);
}

static void test_truncated_bundle(void **state)
{
	const struct folders *folders = *state;

	assert_non_null(send_bundle(folders, 0, "", 1));
	assert_int_equal(count_files(folders->to, false), 0);
}

static void test_lines(void **state)
{
	char line[REPLICA_LINE], rest[5] = "";
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_true(replica_write(pair[0], "pages images round.1\nCRIU", 25));
	assert_true(replica_read_line(pair[1], line));
	assert_string_equal(line, "pages images round.1");
	assert_true(replica_read(pair[1], rest, 4)); /* what follows is not touched */
	assert_string_equal(rest, "CRIU");
	close(pair[0]);
	assert_false(replica_read_line(pair[1], line));
	close(pair[1]);
}

/* A connection to ourselves; returns the peer's end. */
static int connect_loopback(int *ours)
{
	struct sockaddr_in name = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(name);
	int listener = socket(AF_INET, SOCK_STREAM, 0), peer;

	assert_int_equal(bind(listener, (struct sockaddr *)&name, sizeof(name)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&name, &len), 0);
	*ours = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(*ours, (struct sockaddr *)&name, sizeof(name)), 0);
	peer = accept(listener, NULL, NULL);
	assert_true(peer >= 0);
	close(listener);
	return peer;
}

static void wait_hangup(int fd)
{
	struct pollfd poll_fd = {fd, POLLIN | POLLRDHUP, 0};

	assert_int_equal(poll(&poll_fd, 1, GUARD_MS), 1);
}

static void test_cut_off(void **state)
{
	const struct linger reset = {1, 0};
	int ours, peer = connect_loopback(&ours);

	assert_false(replica_is_cut_off(ours));
	close(peer);
	wait_hangup(ours);
	assert_false(replica_is_cut_off(ours));
	close(ours);
	peer = connect_loopback(&ours);
	setsockopt(peer, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(peer);
	wait_hangup(ours);
	assert_true(replica_is_cut_off(ours));
	close(ours);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test_setup_teardown(test_bundle, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
		cmocka_unit_test_setup_teardown(test_truncated_bundle, setup, teardown),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
