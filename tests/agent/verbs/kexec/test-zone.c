/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A zone's place, out of what Linux 6.1 says of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "agent/verbs/kexec/zone.h"

/* Figures between these lines are left out, one of each kind is kept. */
static const char movable[] = "Node 0, zone   Normal\n"
			      "  per-node stats\n"
			      "      nr_inactive_anon 7\n"
			      "  pages free     3521\n"
			      "        boost    0\n"
			      "        spanned  6144\n"
			      "        present  6144\n"
			      "        managed  5312\n"
			      "        protection: (0, 0, 80)\n"
			      "  pagesets\n"
			      "    cpu: 0\n"
			      "              count: 12\n"
			      "  node_unreclaimable:  0\n"
			      "  start_pfn:           0\n"
			      "Node 0, zone  Movable\n"
			      "  pages free     9000\n"
			      "        spanned  10240\n"
			      "        present  10240\n"
			      "  start_pfn:           6144\n"
			      "Node 0, zone   Device\n"
			      "  pages free     0\n"
			      "        spanned  0\n"
			      "        present  0\n";

static void test_movable(void **state)
{
	struct zone zone = {};

	assert_true(zone_find(movable, "Movable", &zone));
	assert_int_equal(zone.first, 6144);
	assert_int_equal(zone.frames, 10240);
}

static void test_first(void **state)
{
	struct zone zone = {1, 1};

	assert_true(zone_find(movable, "Normal", &zone));
	assert_int_equal(zone.first, 0);
	assert_int_equal(zone.frames, 6144);
}

/* As without kernelcore=: the zone is named, and has nothing. */
static void test_empty(void **state)
{
	struct zone zone = {};

	assert_false(zone_find(movable, "Device", &zone));
	assert_false(zone_find("Node 0, zone  Movable\n  pages free     0\n        spanned  0\n"
			       "Node 0, zone   Normal\n        spanned  5\n  start_pfn: 9\n",
			       "Movable", &zone));
}

/* The next zone that has pages, on another node. */
static void test_other_node(void **state)
{
	struct zone zone = {};

	assert_true(zone_find("Node 0, zone  Movable\n        spanned  0\n"
			      "Node 1, zone  Movable\n        spanned  16\n  start_pfn: 32\n",
			      "Movable", &zone));
	assert_int_equal(zone.first, 32);
	assert_int_equal(zone.frames, 16);
}

static void test_nothing(void **state)
{
	struct zone zone = {};

	assert_false(zone_find("", "Movable", &zone));
	assert_false(zone_find("Node 0, zone  Movable", "Movable", &zone));
	assert_false(zone_find("Node 0, zone  Movable\n", "Movable", &zone));
	assert_false(zone_find(movable, "Mov", &zone));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_movable), cmocka_unit_test(test_first),
		cmocka_unit_test(test_empty),	cmocka_unit_test(test_other_node),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
