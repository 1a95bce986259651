/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths of a checkpointed service's files, out of an image as CRIU writes it. */
#include "tests/kit/cmocka-all.h"
#include <glib.h>
#include <glib/gstdio.h>
#include <errno.h>
#include "agent/criu/files-image.h"
#include "agent/criu/image-file.h"
#include "agent/criu/protobuf.h"

#define MAGIC 0x56303138 /* FILES_MAGIC */

static void put(struct image_file *file, unsigned kind, const char *name)
{
	struct pb inner = {0}, entry = {0};

	pb_int(&inner, 1, 7);
	pb_text(&inner, 6, name);
	pb_int(&entry, 1, kind);
	pb_message(&entry, kind == 1 ? 3 : 9, &inner);
	image_put(file, entry.data, entry.len);
}

static void add(void *data, const char *path)
{
	g_string_append_printf(data, "%s\n", path);
}

static void test_paths(void **state)
{
	g_autofree char *folder = g_dir_make_tmp("files-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "files.img", NULL);
	g_autoptr(GString) seen = g_string_new(NULL);
	struct image_file file;

	assert_false(files_image_each(folder, add, seen));
	assert_int_equal(errno, ENOENT);
	image_begin(&file, MAGIC);
	put(&file, 1, "/usr/bin/tick");
	put(&file, 4, "/no/regular/file");
	put(&file, 1, "run/lubench/release");
	assert_true(image_save(&file, path));
	image_free(&file);
	assert_true(files_image_each(folder, add, seen));
	assert_string_equal(seen->str, "/usr/bin/tick\n/run/lubench/release\n");
	g_unlink(path);
	g_rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_paths)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
