/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The oltp workload's client and oracles against its model: whole, damaged, and with losses. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include "tests/workloads/drive.h"

#define CONNS 4

extern const struct lu_workload lu_workload_oltp;

static const char small[] = "{\"accounts\": 10}";
static const char *const oracles[] = {"acknowledged", "order", "integrity", "reads"};

static void expect(struct drive *drive, const char *failing)
{
	g_auto(GStrv) fails = g_strsplit(failing, " ", -1);

	for (size_t i = 0; i < G_N_ELEMENTS(oracles); i++) {
		bool due = g_strv_contains((const char *const *)fails, oracles[i]);

		if ((drive_verdict(drive, oracles[i]) == LU_FAIL) != due)
			fail_msg("%s should %s", oracles[i], due ? "fail" : "pass");
	}
}

static void test_whole(void **state)
{
	struct drive *d = drive_new(&lu_workload_oltp, small, CONNS);

	assert_int_equal(drive_requests(d, 400, CONNS), 400);
	expect(d, "acknowledged order integrity reads"); /* nothing read back yet */
	drive_free(d);
	d = drive_new(&lu_workload_oltp, small, CONNS);
	drive_requests(d, 400, CONNS);
	assert_true(drive_audit(d));
	expect(d, "");
	drive_free(d);
}

/* What each damage to the files is found by, after more requests and at rest. */
static void test_damage(void **state)
{
	static const struct {
		const char *kind, *fails;
	} cases[] = {
		{"lose-write", "acknowledged"},
		{"hole", "acknowledged order"},
		{"torn", "integrity"},
		{"corrupt", "acknowledged"},
		{"swap", "acknowledged"},
		{"bad-page", "integrity"},
		{"reset-counter", "acknowledged reads"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct drive *d = drive_new(&lu_workload_oltp, small, CONNS);

		drive_requests(d, 200, CONNS);
		assert_true(d->workload->model->damage(d->service, cases[i].kind));
		assert_true(drive_audit(d));
		for (size_t o = 0; o < G_N_ELEMENTS(oracles); o++)
			if (strstr(cases[i].fails, oracles[o]) &&
			    drive_verdict(d, oracles[o]) != LU_FAIL)
				fail_msg("%s: %s did not fail", cases[i].kind, oracles[o]);
		drive_free(d);
	}
}

/* A service that forgot what it acknowledged gives its numbers again: told at once. */
static void test_numbers_given_twice(void **state)
{
	struct drive *d = drive_new(&lu_workload_oltp, "{\"read_percent\": 0}", CONNS);

	drive_requests(d, 50, CONNS);
	d->workload->model->damage(d->service, "lose-write");
	assert_int_equal(drive_requests(d, 1, CONNS), 0);
	assert_true(drive_audit(d));
	assert_int_equal(drive_verdict(d, "order"), LU_FAIL);
	assert_int_equal(drive_verdict(d, "acknowledged"), LU_FAIL);
	drive_free(d);
}

static void test_stale_reads(void **state)
{
	struct drive *d = drive_new(&lu_workload_oltp, "{\"accounts\": 1}", CONNS);

	drive_requests(d, 50, CONNS);
	d->workload->model->damage(d->service, "reset-counter");
	assert_true(drive_requests(d, 50, CONNS) < 50);
	drive_audit(d);
	assert_int_equal(drive_verdict(d, "reads"), LU_FAIL);
	drive_free(d);
}

/* Power is cut: a disk that was waited for has everything, and connections are new. */
static unsigned right_after_power_cut(const char *params, struct drive **drive)
{
	struct drive *d = *drive = drive_new(&lu_workload_oltp, params, CONNS);
	unsigned right;

	drive_requests(d, 250, CONNS);
	d->workload->model->restart(d->service);
	right = drive_requests(d, 100, CONNS);
	drive_audit(d);
	return right;
}

static void test_power_cut(void **state)
{
	struct drive *d;

	assert_int_equal(right_after_power_cut(small, &d), 100);
	expect(d, "");
	drive_free(d);
	assert_true(right_after_power_cut("{\"sync\": \"off\"}", &d) < 100);
	assert_int_equal(drive_verdict(d, "acknowledged"), LU_FAIL);
	drive_free(d);
}

/* A lost write may be there or not: both are right. */
static void test_lost(void **state)
{
	for (int served = 0; served < 2; served++) {
		struct drive *d = drive_new(&lu_workload_oltp, "{\"read_percent\": 0}", CONNS);

		drive_requests(d, 40, CONNS);
		drive_lost(d, 0, served);
		assert_int_equal(drive_requests(d, 100, CONNS), 100);
		assert_true(drive_audit(d));
		expect(d, "");
		drive_free(d);
	}
}

/* A write of a connection that was given up is carried out while rows are counted and read. */
static void test_late_write(void **state)
{
	struct drive *d = drive_new(&lu_workload_oltp, "{\"read_percent\": 0}", CONNS);
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autoptr(GByteArray) late = g_byte_array_new();
	struct lu_exchange exchange;

	drive_requests(d, 40, CONNS);
	d->workload->request(d->client, d->next, 0, late);
	d->workload->lost(d->client, d->next, 0);
	d->workload->audit(d->client, &exchange);
	for (uint64_t i = 0; i < exchange.count; i++) {
		g_autoptr(GByteArray) in = g_byte_array_new();

		g_byte_array_set_size(out, 0);
		exchange.request(exchange.data, i, out);
		d->workload->model->serve(d->service, out->data, out->len, 99, "v", in);
		assert_int_equal(exchange.reply(exchange.data, i, in->data, in->len), in->len);
		if (i == 10)
			d->workload->model->serve(d->service, late->data, late->len, 0, "v", out);
	}
	expect(d, "");
	drive_free(d);
}

static void test_malformed(void **state)
{
	static const char *const lines[] = {"W\n",	   "W 0 1\n", "W 0 x v\n", "W 0 1 v 2\n",
					    "R 0 1 1 v\n", "E no\n",  "\n",	   "W -0 1 v\n"};

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		struct drive *d = drive_new(&lu_workload_oltp, "{\"read_percent\": 0}", CONNS);

		drive_malformed(d, lines[i]);
		drive_audit(d);
		assert_int_equal(drive_verdict(d, "order"), LU_FAIL);
		drive_free(d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_numbers_given_twice),
		cmocka_unit_test(test_stale_reads),
		cmocka_unit_test(test_power_cut),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_late_write),
		cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
