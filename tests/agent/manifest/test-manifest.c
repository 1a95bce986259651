/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Damage of a store is found, whatever it is and wherever, and named. */
#include "tests/kit/cmocka-all.h"
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "agent/file.h"
#include "agent/manifest/manifest.h"

#define PAGE	4096
#define PAGES	37 /* and a half */
#define FLIPS	100
#define SEED	11
#define ROUND	"predump.0"
#define CHANGED "images/pages-1.img"

static char *store;

static char *in_store(const char *name)
{
	return g_build_filename(store, name, NULL);
}

static void put(const char *name, GRand *random, size_t len)
{
	g_autofree char *path = in_store(name);
	g_autofree uint8_t *bytes = g_malloc(len + 1);

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)g_rand_int(random);
	assert_true(g_file_set_contents(path, (char *)bytes, (gssize)len, NULL));
}

static int set_up(void **state)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(SEED);
	g_autofree char *images = NULL, *round = NULL, *parent = NULL;

	store = g_dir_make_tmp("manifest-XXXXXX", NULL);
	images = in_store("images");
	round = in_store(ROUND);
	parent = in_store("images/parent");
	assert_int_equal(g_mkdir(images, 0700) | g_mkdir(round, 0700), 0);
	put(ROUND "/pages-1.img", random, (size_t)PAGE * PAGES);
	put(CHANGED, random, (size_t)PAGE * PAGES + PAGE / 2);
	put("images/empty.img", random, 0);
	put("images/core-1.img", random, 100);
	return symlink("../" ROUND, parent);
}

static int tear_down(void **state)
{
	remove_tree(store);
	g_free(store);
	return 0;
}

static void seal(void)
{
	uint64_t bytes;
	const char *why = manifest_seal(store, &bytes);

	if (why)
		fail_msg("%s", why);
}

/* words NULL: nothing is damaged. */
static void check_of(const char *folders, const char *words)
{
	uint64_t bytes;
	const char *damaged = manifest_check(store, folders, &bytes);

	if (!words != !damaged || (words && !strstr(damaged, words)))
		fail_msg("'%s' and not '%s'", damaged ? damaged : "nothing", words ? words : "");
}

static void check(const char *words)
{
	check_of("", words);
}

static void flip(const char *name, off_t at, uint8_t bits)
{
	g_autofree char *path = in_store(name);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	uint8_t byte;

	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= bits;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static void test_whole(void **state)
{
	uint64_t bytes;

	assert_null(manifest_seal(store, &bytes));
	assert_true(bytes == (uint64_t)PAGE * PAGES * 2 + PAGE / 2 + 100 + strlen("../" ROUND));
	check(NULL);
	/* what it has is not read again */
	assert_null(manifest_seal(store, &bytes));
	assert_true(bytes == 0);
	check(NULL);
}

/* One bit, anywhere: a hundred times of a hundred. */
static void test_flips(void **state)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(SEED + 1);

	seal();
	for (int i = 0; i < FLIPS; i++) {
		off_t at = g_rand_int_range(random, 0, PAGE * PAGES + PAGE / 2);
		uint8_t bit = (uint8_t)(1U << g_rand_int_range(random, 0, 8));
		g_autofree char *words = g_strdup_printf(CHANGED ": page %ld of %d is not",
							 (long)(at / PAGE) + 1, PAGES + 1);

		flip(CHANGED, at, bit);
		check(words);
		flip(CHANGED, at, bit);
		check(NULL);
	}
}

static void test_lengths(void **state)
{
	g_autofree char *path = in_store(CHANGED);

	seal();
	assert_int_equal(truncate(path, PAGE), 0);
	check("it has 4096 bytes and had 153600");
	assert_int_equal(truncate(path, 0), 0);
	check("it has 0 bytes");
	assert_int_equal(unlink(path), 0);
	check(CHANGED ": No such file");
}

static void test_link(void **state)
{
	g_autofree char *path = in_store("images/parent");

	seal();
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("../predump.1", path), 0);
	check("images/parent: page 1 of 1");
}

/* Of several services each compares its own folders. */
static void test_folders(void **state)
{
	seal();
	flip(ROUND "/pages-1.img", PAGE, 1);
	check_of("images", NULL);
	check_of("predump", ROUND "/pages-1.img: page 2 of 37");
	flip(CHANGED, 0, 1);
	check_of("images", CHANGED ": page 1 of 38");
}

/* What a restore does without is compared where it was put. */
static void test_aside(void **state)
{
	g_autofree char *path = in_store("images/core-1.img");
	g_autofree char *aside = g_strconcat(path, MANIFEST_ASIDE, NULL);

	seal();
	assert_int_equal(rename(path, aside), 0);
	check(NULL);
	flip("images/core-1.img" MANIFEST_ASIDE, 50, 1);
	check("images/core-1.img: page 1 of 1");
}

/* What cannot be read is not left out without a word. */
static void test_unsealed_file(void **state)
{
	g_autofree char *name = g_strnfill(120, 'x'), *path = g_strconcat("images/", name, NULL);
	g_autoptr(GRand) random = g_rand_new_with_seed(SEED);
	uint64_t bytes;

	put(path, random, 1);
	assert_non_null(strstr(manifest_seal(store, &bytes) ?: "", "File name too long"));
	check(MANIFEST ": No such file");
}

static void test_unsealed_folder(void **state)
{
	int next = open(store, O_RDONLY | O_CLOEXEC);
	struct rlimit before, one_more;
	uint64_t bytes;
	const char *why;

	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	one_more = (struct rlimit){(rlim_t)next + 1, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &one_more), 0);
	why = manifest_seal(store, &bytes);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_non_null(strstr(why ?: "", "Too many open files"));
	check(MANIFEST ": No such file");
}

/* The manifest itself is no better kept than the images. */
static void test_manifest_itself(void **state)
{
	g_autofree char *path = in_store(MANIFEST), *whole = NULL;
	gsize len;

	check(MANIFEST ": No such file");
	seal();
	assert_true(g_file_get_contents(path, &whole, &len, NULL));
	for (gsize at = 0; at < len; at += 7) {
		flip(MANIFEST, (off_t)at, 1);
		check(MANIFEST ": it is not what was written");
		flip(MANIFEST, (off_t)at, 1);
	}
	for (gsize cut = 0; cut < len; cut += 61) {
		assert_true(g_file_set_contents(path, whole, (gssize)cut, NULL));
		check(MANIFEST ": it is not what was written");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_flips, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lengths, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_link, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_folders, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_aside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unsealed_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unsealed_folder, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_manifest_itself, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
