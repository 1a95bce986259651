/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of pre-copy, by hand-made histories of rounds. */
#include "record/precopy-stop.h"
#include "tests/kit/cmocka-all.h"

#define MB ((int64_t)1 << 20)

static const struct lu_precopy_rule rule = {.small_bytes = MB, .shrink = 0.7, .max_rounds = 5};

static void expect(enum lu_precopy_verdict verdict, const int64_t *sent, unsigned rounds)
{
	enum lu_precopy_verdict got = lu_precopy_verdict(&rule, sent, rounds);

	if (got != verdict)
		fail_msg("after %u rounds: '%s', not '%s'", rounds, lu_precopy_verdict_name(got),
			 lu_precopy_verdict_name(verdict));
}

/* The first round sends everything, so one alone says nothing of the dirty set. */
static void test_begins(void **state)
{
	const int64_t sent[] = {100 * MB};

	expect(LU_PRECOPY_GO_ON, sent, 0);
	expect(LU_PRECOPY_GO_ON, sent, 1);
}

static void test_small(void **state)
{
	const int64_t sent[] = {100 * MB, 10 * MB, MB};

	expect(LU_PRECOPY_GO_ON, sent, 2);
	expect(LU_PRECOPY_SMALL, sent, 3);
	expect(LU_PRECOPY_SMALL, &sent[2], 1);
}

/* 0.7 of 10 MB is 7 MB: that is still worth another round, a byte more is not. */
static void test_level(void **state)
{
	int64_t sent[] = {100 * MB, 10 * MB, 7 * MB};

	expect(LU_PRECOPY_GO_ON, sent, 3);
	sent[2]++;
	expect(LU_PRECOPY_LEVEL, sent, 3);
}

/* One that grows does not shrink, and one that jumps about stops at its first step up. */
static void test_grows(void **state)
{
	const int64_t sent[] = {100 * MB, 120 * MB, 10 * MB};

	expect(LU_PRECOPY_LEVEL, sent, 2);
}

static void test_bound(void **state)
{
	const int64_t sent[] = {256 * MB, 128 * MB, 64 * MB, 32 * MB, 16 * MB};

	for (unsigned rounds = 1; rounds < 5; rounds++)
		expect(LU_PRECOPY_GO_ON, sent, rounds);
	expect(LU_PRECOPY_BOUND, sent, 5);
}

/* What is small or level says more than that there were enough rounds. */
static void test_order(void **state)
{
	const int64_t small[] = {64 * MB, 32 * MB, 16 * MB, 8 * MB, MB};
	const int64_t level[] = {64 * MB, 32 * MB, 16 * MB, 8 * MB, 8 * MB};

	expect(LU_PRECOPY_SMALL, small, 5);
	expect(LU_PRECOPY_LEVEL, level, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_begins), cmocka_unit_test(test_small),
		cmocka_unit_test(test_level),  cmocka_unit_test(test_grows),
		cmocka_unit_test(test_bound),  cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
