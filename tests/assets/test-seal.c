/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel image in the cache that is not what it was. */
#include "tests/kit/cmocka-all.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include "assets/seal.h"
#include "record/error.h"

static void expect(const char *dir, const char *path, bool whole)
{
	g_autoptr(GError) error = NULL;

	assert_int_equal(lu_seal_check(dir, path, NULL, &error), whole);
	assert_int_equal(lu_seal_check_all(dir), whole);
	if (whole)
		return;
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_FAILED));
	assert_non_null(strstr(error->message, "cache damaged: "));
	assert_non_null(strstr(error->message, "lubench assets --refresh"));
}

static void test_damage(void **state)
{
	g_autofree char *dir = g_dir_make_tmp("seal-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "vmlinuz", NULL);
	g_autofree char *seals = g_build_filename(dir, "seals", NULL);
	g_autofree char *seal = g_build_filename(seals, "vmlinuz.json", NULL);
	g_autofree char *image = g_strnfill(200000, 'k');
	int fd;

	assert_true(g_file_set_contents(path, image, -1, NULL));
	expect(dir, path, true);
	expect(dir, path, true);
	/* another file with the same contents, as after a copy of the cache */
	assert_true(g_file_set_contents(path, image, -1, NULL));
	expect(dir, path, true);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "DAMAGED!", 8, 4000), 8);
	close(fd);
	expect(dir, path, false);
	expect(dir, path, false);
	assert_true(g_file_set_contents(path, image, -1, NULL));
	expect(dir, path, true);
	assert_int_equal(truncate(path, 100000), 0);
	expect(dir, path, false);
	assert_int_equal(truncate(path, 0), 0);
	expect(dir, path, false);
	g_unlink(path);
	expect(dir, path, false);
	assert_true(g_file_set_contents(path, image, -1, NULL));
	expect(dir, path, true);
	assert_int_equal(truncate(seal, 10), 0);
	expect(dir, path, false); /* nor is anything known by half a seal */
	g_unlink(seal);
	g_unlink(path);
	g_rmdir(seals);
	g_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_damage)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
