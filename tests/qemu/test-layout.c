/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a store in memory goes, and what the host adds to verbs and media. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "record/error.h"
#include "model/layout.h"
#include "qemu/boot/medium.h"
#include "qemu/verb-complete.h"

static const struct lu_machine machine = {
	.name = (char *)"test",
	.memory_step_mb = 256,
	.memory_split = {2816, 2048, 4096},
};

static void test_no_store(void **state)
{
	struct lu_layout layout;

	assert_true(lu_layout_make(&layout, &machine, 1000, 0, NULL));
	assert_int_equal(layout.memory_mb, 1024);
	assert_int_equal(layout.store_at_mb, 0);
}

/* The store leaves what was asked for as memory, and room above it for initramfs and tables. */
static void test_low_store(void **state)
{
	struct lu_layout layout;

	assert_true(lu_layout_make(&layout, &machine, 512, 70, NULL));
	assert_int_equal(layout.store_mb, 80);
	assert_int_equal(layout.memory_mb, 768);
	assert_int_equal(layout.store_at_mb, 256);
	assert_true(layout.memory_mb - layout.store_mb >= 512);
}

/* Beyond the PCI hole when it does not fit below. */
static void test_high_store(void **state)
{
	struct lu_layout layout;

	assert_true(lu_layout_make(&layout, &machine, 2048, 2048, NULL));
	assert_int_equal(layout.store_at_mb, 4096);
}

/* Memory in one part has all of its room below. */
static void test_one_part(void **state)
{
	const struct lu_machine whole = {.name = (char *)"whole", .memory_step_mb = 1};
	struct lu_layout layout;

	assert_true(lu_layout_make(&layout, &whole, 2048, 2048, NULL));
	assert_int_equal(layout.store_at_mb, 256);
}

static void test_no_place(void **state)
{
	struct lu_layout layout;
	GError *error = NULL;

	assert_false(lu_layout_make(&layout, &machine, 256, 256, &error));
	assert_int_equal(error->code, LU_ERROR_UNSUPPORTED);
	assert_non_null(strstr(error->message, "store=disk"));
	g_clear_error(&error);
}

/* What is asked for is enough, or the first step beyond it that is. */
static void test_least(void **state)
{
	const struct lu_machine whole = {.name = (char *)"whole", .memory_step_mb = 1};

	assert_int_equal(lu_layout_least(&whole, 197, 76), 512);
	assert_int_equal(lu_layout_least(&whole, 511, 76), 512);
	assert_int_equal(lu_layout_least(&whole, 513, 76), 513);
	assert_int_equal(lu_layout_least(&machine, 256, 256), 512);
	assert_int_equal(lu_layout_least(&machine, 1024, 2048), 2048);
}

/* Kernel at 0, initramfs at the next page, both byte for byte. */
static void test_medium(void **state)
{
	char name[] = "/tmp/lubench-test-XXXXXX", back[8192] = "";
	int kernel = mkstemp(name), initrd = lu_memfile_new("initrd", NULL);
	struct lu_medium medium = {.fd = -1};
	g_autofree char *other = g_strdup_printf("/proc/self/fd/%d", initrd);

	assert_int_equal(write(kernel, "kernel", 6), 6);
	assert_int_equal(write(initrd, "initrd!", 7), 7);
	assert_true(lu_medium_add(&medium, 1, name, initrd, NULL));
	unlink(name);
	assert_int_equal(medium.parts[1].kernel_bytes, 6);
	assert_int_equal(medium.parts[1].initrd_bytes, 7);
	assert_int_equal(pread(medium.fd, back, sizeof(back), 0), 8192);
	assert_memory_equal(back, "kernel\0", 7);
	assert_memory_equal(back + 4096, "initrd!\0", 8);
	assert_true(lu_memfile_used(medium.fd) >= 8192);
	assert_true(lu_medium_add(&medium, 0, other, initrd, NULL));
	assert_int_equal(medium.parts[1].at, 0);
	assert_int_equal(medium.parts[0].at, 8192);
	assert_int_equal(pread(medium.fd, back, 4096, 8192), 4096);
	assert_memory_equal(back, "initrd!\0", 8);
	assert_int_equal(pread(medium.fd, back, 4096, 12288), 4096);
	assert_memory_equal(back, "initrd!\0", 8);
	lu_medium_clear(&medium);
	close(kernel);
	close(initrd);
}

static void test_medium_missing(void **state)
{
	struct lu_medium medium = {.fd = -1};
	GError *error = NULL;

	assert_false(lu_medium_add(&medium, 1, "/nowhere/vmlinuz", -1, &error));
	assert_non_null(strstr(error->message, "/nowhere/vmlinuz"));
	assert_int_equal(medium.fd, -1);
	g_clear_error(&error);
}

static void test_stage_is_completed(void **state)
{
	struct lu_medium_part medium = {4096, 10, 20};
	json_t *args = lu_verb_complete("stage", NULL, &medium);

	assert_int_equal(json_integer_value(json_object_get(args, "at")), 4096);
	assert_int_equal(json_integer_value(json_object_get(args, "kernel_bytes")), 10);
	assert_int_equal(json_integer_value(json_object_get(args, "initrd_bytes")), 20);
	json_decref(args);
	args = lu_verb_complete("stage", json_pack("{s:i}", "kernel_bytes", 3), &medium);
	assert_int_equal(json_integer_value(json_object_get(args, "kernel_bytes")), 3);
	json_decref(args);
	assert_null(lu_verb_complete("ping", NULL, &medium));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_store),
		cmocka_unit_test(test_low_store),
		cmocka_unit_test(test_high_store),
		cmocka_unit_test(test_one_part),
		cmocka_unit_test(test_no_place),
		cmocka_unit_test(test_medium),
		cmocka_unit_test(test_least),
		cmocka_unit_test(test_medium_missing),
		cmocka_unit_test(test_stage_is_completed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
