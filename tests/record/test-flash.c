/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an image from flash rests on: the model of reading, the line through points, two listings of
 * a disk. */
#include <math.h>
#include <string.h>
#include <glib.h>
#include "tests/kit/cmocka-all.h"
#include "strategies/image/disk-match.h"
#include "record/fit.h"
#include "record/flash.h"

static const struct lu_flash flash = {"test", 1e6, 1000};

static void test_read(void **state)
{
	assert_int_equal(lu_flash_read_ns(&flash, 0, 1000), 0);
	assert_int_equal(lu_flash_read_ns(&flash, 1000, 1000), 1000 + 1000000);
	assert_int_equal(lu_flash_read_ns(&flash, 1001, 1000), 2000 + 1001000);
	/* longer requests, fewer latencies */
	assert_int_equal(lu_flash_read_ns(&flash, 4000, 4000), 1000 + 4000000);
}

static void test_presets(void **state)
{
	assert_non_null(lu_flash_find("compactflash"));
	assert_null(lu_flash_find("tape"));
	for (const struct lu_flash *each = lu_flash_presets; each->name; each++)
		assert_true(each->bandwidth > 0 && each->latency_ns > 0);
}

static void test_fit(void **state)
{
	static const double x[] = {1, 2, 3, 4}, y[] = {5, 7, 9, 11}, bent[] = {5, 7, 9, 20};
	struct lu_fit fit = lu_fit_line(x, y, 4);

	assert_true(fit.offset > 2.999 && fit.offset < 3.001);
	assert_true(fit.slope > 1.999 && fit.slope < 2.001);
	assert_true(fit.r2 > 0.9999);
	assert_true(lu_fit_line(x, bent, 4).r2 < 0.95);
	assert_true(fit.slope_within < 1e-6);
	/* slope 4.7, standard error 1.5588, times 4.3027 */
	fit = lu_fit_line(x, bent, 4);
	assert_true(fit.slope_within > 6.70 && fit.slope_within < 6.71);
	assert_true(isinf(lu_fit_line(x, y, 2).slope_within));
}

static json_t *listing(const char *text)
{
	json_t *doc = json_loads(text, 0, NULL);

	assert_non_null(doc);
	return doc;
}

#define DISK(inode, extra)                                                                         \
	"{\"uuid\": \"u\", \"free_blocks\": 9, \"free_inodes\": 9, \"files\": {\"/\": "            \
	"{\"inode\": 2}, "                                                                         \
	"\"/a\": {\"inode\": " #inode ", \"hash\": \"x\"}" extra "}}"

static void expect(const char *found, const char *but, const char *words)
{
	json_auto_t *a = listing(DISK(11, "")), *b = listing(found);
	char *mismatch = lu_disk_mismatch(a, b, but);

	if (words)
		assert_non_null(strstr(mismatch, words));
	else
		assert_null(mismatch);
	g_free(mismatch);
}

static void test_disk(void **state)
{
	expect(DISK(11, ""), NULL, NULL);
	expect(DISK(12, ""), NULL, "/a: inode 12 instead of 11");
	expect(DISK(11, ", \"/b\": {\"inode\": 13}"), NULL, "/b is new");
	expect(DISK(11, ", \"/b\": {\"inode\": 13}"), "/b", NULL);
	expect("{\"uuid\": \"v\", \"files\": {}}", NULL, "uuid \"v\" instead of \"u\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_presets),
		cmocka_unit_test(test_fit),
		cmocka_unit_test(test_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
