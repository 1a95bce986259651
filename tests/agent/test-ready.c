/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A service says by a datagram that it is ready, and only then it is. */
#include "tests/kit/cmocka-all.h"
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "agent/ready.h"

static void say(const char *words)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = g_getenv("NOTIFY_SOCKET");
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	assert_non_null(path);
	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	assert_int_equal(
		sendto(fd, words, strlen(words), 0, (struct sockaddr *)&address, sizeof(address)),
		strlen(words));
	close(fd);
}

static void test_says_so(void **state)
{
	g_autofree char *dir = g_dir_make_tmp("ready-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "notify", NULL);

	assert_true(ready_said()); /* nobody is asked to */
	assert_true(ready_begin(path));
	assert_false(ready_said());
	say("STATUS=loading READY=1\nXREADY=1\n");
	assert_false(ready_said());
	say("STATUS=done\nREADY=1");
	assert_true(ready_said());
	assert_true(ready_said());
	ready_end();
	assert_null(g_getenv("NOTIFY_SOCKET"));
	assert_int_not_equal(access(path, F_OK), 0);
	assert_true(ready_begin(path)); /* the next one starts anew */
	assert_false(ready_said());
	ready_end();
	ready_end();
	g_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_says_so)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
