/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What CRIU found out about a kernel, kept in the cache, and every way in which it is damaged. */
#include "tests/kit/cmocka-all.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include "qemu/boot/kdat-file.h"
#include "record/error.h"

static const guint8 bytes[] = {0x00, 0xff, 0x10, 0x32, 0x54, 0x76, 0x98, 0xba,
			       0xdc, 0xfe, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab};

static void expect_damaged(const char *path)
{
	g_autoptr(GError) error = NULL;

	assert_null(lu_kdat_load(path, &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_FAILED));
	assert_non_null(strstr(error->message, "cache damaged: "));
	assert_non_null(strstr(error->message, path));
}

static void overwrite(const char *path, off_t at)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_int_equal(pwrite(fd, "00000000", 8, at), 8);
	close(fd);
}

/* Eight bytes of the answers, then of their hash; cut short; emptied. */
static void test_damage(void **state)
{
	g_autofree char *dir = g_dir_make_tmp("kdat-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "kdat", "release", NULL);
	g_autofree char *folder = g_path_get_dirname(path), *text = NULL;
	g_autoptr(GBytes) kdat = g_bytes_new_static(bytes, sizeof(bytes));
	g_autoptr(GBytes) back = NULL;
	g_autoptr(GError) error = NULL;
	const char *const keys[] = {"\"hex\":\"", "\"sha256\":\""};

	assert_null(lu_kdat_load(path, &error));
	assert_null(error);
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		lu_kdat_save(path, kdat);
		g_free(text);
		assert_true(g_file_get_contents(path, &text, NULL, NULL));
		overwrite(path, strstr(text, keys[i]) + strlen(keys[i]) - text);
		expect_damaged(path);
	}
	lu_kdat_save(path, kdat);
	assert_int_equal(truncate(path, (off_t)strlen(text) / 2), 0);
	expect_damaged(path);
	assert_int_equal(truncate(path, 0), 0);
	expect_damaged(path);
	lu_kdat_save(path, kdat);
	back = lu_kdat_load(path, &error);
	assert_true(back && g_bytes_equal(back, kdat));
	g_unlink(path);
	g_rmdir(folder);
	g_rmdir(dir);
}

static void test_hex(void **state)
{
	static const char *const bad[] = {NULL, "", "0", "0g", "no"};

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_null(lu_kdat_from_hex(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_damage),
					   cmocka_unit_test(test_hex)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
