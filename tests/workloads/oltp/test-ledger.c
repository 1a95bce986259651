/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ledger: what was acknowledged beside what is found. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include "workloads/oltp/ledger.h"

/* Three transactions on two accounts, acknowledged as 1, 2, 3. */
static struct lu_ledger *three(void)
{
	struct lu_ledger *ledger = lu_ledger_new();

	for (unsigned i = 0; i < 3; i++) {
		struct lu_entry entry = {.account = i % 2, .amount = 10 + i, .hash = i};

		assert_int_equal(lu_ledger_issue(ledger, entry), i);
	}
	for (unsigned i = 0; i < 3; i++)
		assert_null(lu_ledger_ack(ledger, i, i + 1, i));
	return ledger;
}

static void row(struct lu_ledger *ledger, uint64_t number, uint64_t token, int64_t amount)
{
	struct lu_entry entry = {token, token % 2, amount, token};

	lu_ledger_row(ledger, number, &entry);
}

static void expect(struct lu_ledger *ledger, struct lu_findings due)
{
	struct lu_findings found;

	lu_ledger_compare(ledger, &found);
	assert_int_equal(found.missing, due.missing);
	assert_int_equal(found.differing, due.differing);
	assert_int_equal(found.holes, due.holes);
	assert_int_equal(found.foreign, due.foreign);
	assert_int_equal(found.wrong_reads, due.wrong_reads);
	assert_int_equal(found.first != NULL,
			 due.missing + due.differing + due.holes + due.foreign + due.wrong_reads >
				 0);
	lu_findings_clear(&found);
	lu_ledger_free(ledger);
}

static void test_whole(void **state)
{
	struct lu_ledger *ledger = three();

	assert_int_equal(lu_ledger_last(ledger), 3);
	assert_int_equal(lu_ledger_last_of(ledger, 1), 2);
	assert_int_equal(lu_ledger_last_of(ledger, 7), 0);
	for (unsigned i = 0; i < 3; i++)
		row(ledger, i + 1, i, 10 + i);
	lu_ledger_saw(ledger, 0, 0, 0);
	lu_ledger_saw(ledger, 0, 1, 10);
	lu_ledger_saw(ledger, 0, 3, 22);
	lu_ledger_saw(ledger, 1, 2, 11);
	expect(ledger, (struct lu_findings){0});
}

static void test_the_last_is_missing(void **state)
{
	struct lu_ledger *ledger = three();

	row(ledger, 1, 0, 10);
	row(ledger, 2, 1, 11);
	expect(ledger, (struct lu_findings){.missing = 1});
}

static void test_a_hole(void **state)
{
	struct lu_ledger *ledger = three();

	row(ledger, 1, 0, 10);
	row(ledger, 3, 2, 12);
	expect(ledger, (struct lu_findings){.missing = 1, .holes = 1});
}

static void test_another_order(void **state)
{
	struct lu_ledger *ledger = three();

	row(ledger, 1, 1, 11);
	row(ledger, 2, 0, 10);
	row(ledger, 3, 2, 12);
	expect(ledger, (struct lu_findings){.differing = 2});
}

static void test_other_contents(void **state)
{
	struct lu_ledger *ledger = three();

	row(ledger, 1, 0, 10);
	row(ledger, 2, 1, 1);
	row(ledger, 3, 2, 12);
	expect(ledger, (struct lu_findings){.differing = 1});
}

static void test_rows_that_nobody_sent(void **state)
{
	struct lu_ledger *ledger = three();

	for (unsigned i = 0; i < 3; i++)
		row(ledger, i + 1, i, 10 + i);
	row(ledger, 4, 9, 0);  /* never sent */
	row(ledger, 5, 1, 11); /* there already */
	expect(ledger, (struct lu_findings){.foreign = 2});
}

/* Sent, not acknowledged: it may be there. */
static void test_unknown_fate(void **state)
{
	for (int there = 0; there < 2; there++) {
		struct lu_ledger *ledger = three();

		lu_ledger_issue(ledger, (struct lu_entry){.account = 1, .amount = 5, .hash = 3});
		for (unsigned i = 0; i < 3; i++)
			row(ledger, i + 1, i, 10 + i);
		if (there)
			row(ledger, 4, 3, 5);
		expect(ledger, (struct lu_findings){0});
	}
}

static void test_wrong_reads(void **state)
{
	struct lu_ledger *ledger = three();

	for (unsigned i = 0; i < 3; i++)
		row(ledger, i + 1, i, 10 + i);
	lu_ledger_saw(ledger, 0, 0, 1);	 /* nothing was written, yet it is not 0 */
	lu_ledger_saw(ledger, 0, 3, 12); /* half of it */
	lu_ledger_saw(ledger, 1, 3, 22); /* another account's */
	lu_ledger_saw(ledger, 1, 4, 22); /* there is no such number */
	expect(ledger, (struct lu_findings){.wrong_reads = 4});
}

static void test_numbers(void **state)
{
	struct lu_ledger *ledger = three();

	lu_ledger_issue(ledger, (struct lu_entry){0});
	assert_non_null(lu_ledger_ack(ledger, 3, 0, 0));
	assert_non_null(lu_ledger_ack(ledger, 3, 5, 0)); /* more than were sent */
	assert_non_null(lu_ledger_ack(ledger, 3, 2, 0)); /* given already */
	assert_non_null(lu_ledger_ack(ledger, 3, 3, 3)); /* not above what it came after */
	assert_null(lu_ledger_ack(ledger, 3, 4, 3));
	assert_int_equal(lu_ledger_acked(ledger), 4);
	lu_ledger_free(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),	       cmocka_unit_test(test_the_last_is_missing),
		cmocka_unit_test(test_a_hole),	       cmocka_unit_test(test_another_order),
		cmocka_unit_test(test_other_contents), cmocka_unit_test(test_rows_that_nobody_sent),
		cmocka_unit_test(test_unknown_fate),   cmocka_unit_test(test_wrong_reads),
		cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
