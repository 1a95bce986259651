/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http on the host: the content that it makes is the one that the client
 * expects, and is made once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>
#include "workloads/kit/http.h"

static const char program[] = LU_BUILD_DIR "/http-x86_64";

/* Run it with `test -s FILE` as the server; its exit status. */
static int run(const char *file)
{
	const char *argv[] = {program, "--file",	file, "--content-mb", "1", "--seed",
			      "1",     "/usr/bin/test", "-s", file,	      NULL};
	g_autoptr(GError) error = NULL;
	int status = -1;

	if (!g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL,
			  &status, &error))
		fail_msg("%s", error->message);
	return status;
}

static void makes_the_content(void **state)
{
	g_autofree char *dir = g_dir_make_tmp("http-XXXXXX", NULL);
	g_autofree char *file = g_build_filename(dir, "content", NULL);
	g_autofree char *bytes = NULL;
	gsize len;

	assert_int_equal(run(file), 0);
	assert_true(g_file_get_contents(file, &bytes, &len, NULL));
	assert_int_equal(len, 1 << 20);
	assert_true(lu_http_is_content(0, (const uint8_t *)bytes, len));
	/* What is there stays: after a power cut it has to be what it was. */
	assert_true(g_file_set_contents(file, "other", -1, NULL));
	assert_int_equal(run(file), 0);
	g_free(g_steal_pointer(&bytes));
	assert_true(g_file_get_contents(file, &bytes, &len, NULL));
	assert_string_equal(bytes, "other");
	g_remove(file);
	assert_int_equal(g_rmdir(dir), 0);
}

static void says_what_is_wrong(void **state)
{
	const char *argv[] = {program, "--content-mb", "0", "/bin/true", NULL};
	g_autofree char *said = NULL;
	int status;

	assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL,
				 &said, &status, NULL));
	assert_int_not_equal(status, 0);
	assert_non_null(strstr(said, "1 to 65536"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_the_content),
		cmocka_unit_test(says_what_is_wrong),
	};

	if (access(program, X_OK)) {
		fprintf(stderr, "skipped: no %s\n", program);
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
