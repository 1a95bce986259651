/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dirty workload's client and oracles against its model: whole, damaged, and with losses. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include "workloads/dirty/memory.h"
#include "tests/workloads/drive.h"

#define CONNS	4
#define STEP_NS 10000000 /* of running time, between two rounds of requests */

extern const struct lu_workload lu_workload_dirty;

static const char small[] = "{\"dirty_mb\": 1, \"dirty_mb_per_s\": 100, \"pattern\": \"random\"}";

struct bench {
	struct drive *drive;
	int64_t now_ns;
};

static struct bench begin(const char *params)
{
	return (struct bench){.drive = drive_new(&lu_workload_dirty, params, CONNS)};
}

/* Rounds of one request on each connection, with time passing between them; how many were right. */
static unsigned run(struct bench *bench, unsigned rounds)
{
	unsigned right = 0;

	for (unsigned i = 0; i < rounds; i++) {
		bench->now_ns += STEP_NS;
		bench->drive->workload->model->run(bench->drive->service, bench->now_ns);
		right += drive_requests(bench->drive, CONNS, CONNS);
	}
	return right;
}

static double figure(struct drive *drive, const char *name)
{
	json_auto_t *report = drive->workload->report(drive->client);

	return json_number_value(json_object_get(report, name));
}

static void test_patterns(void **state)
{
	static const char *const names[] = {"sequential", "random", "hot-cold"};
	enum { WRITES = 100000 };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		json_auto_t *params = json_pack("{s:i, s:i, s:s}", "dirty_mb", 4, "dirty_mb_per_s",
						1, "pattern", names[i]);
		struct lu_dirty *dirty = lu_dirty_new(params);
		uint64_t hot = 0, untouched = 0;

		lu_dirty_advance(dirty, WRITES);
		for (uint64_t b = 0; b < dirty->blocks; b++) {
			hot += b < dirty->blocks / 10 ? dirty->counts[b] : 0;
			untouched += !dirty->counts[b];
		}
		assert_int_equal(dirty->blocks, 1024);
		assert_int_equal(untouched, 0);
		assert_in_range(hot, i == 2 ? 0.88 * WRITES : 0.08 * WRITES,
				i == 2 ? 0.92 * WRITES : 0.12 * WRITES);
		lu_dirty_free(dirty);
	}
}

static void test_whole(void **state)
{
	struct bench b = begin(small);

	assert_int_equal(run(&b, 300), 300 * CONNS);
	assert_int_equal(drive_verdict(b.drive, "memory"), LU_FAIL); /* nothing read back yet */
	assert_int_equal(drive_verdict(b.drive, "state"), LU_FAIL);
	assert_true(drive_audit(b.drive));
	assert_int_equal(drive_verdict(b.drive, "order"), LU_PASS);
	assert_int_equal(drive_verdict(b.drive, "memory"), LU_PASS);
	assert_int_equal(drive_verdict(b.drive, "state"), LU_PASS);
	assert_float_equal(figure(b.drive, "achieved_mb_per_s"), 100, 0.1);
	assert_float_equal(figure(b.drive, "achieved_min_mb_per_s"), 100, 0.1);
	drive_free(b.drive);
}

static void test_nothing_seen_is_no_pass(void **state)
{
	struct bench b = begin(small);

	assert_int_equal(drive_verdict(b.drive, "order"), LU_FAIL);
	assert_float_equal(figure(b.drive, "achieved_mb_per_s"), 0, 0);
	drive_free(b.drive);
}

/* A stop is not running time: the rate told is that of the service, not of the clock. */
static void test_a_stop_is_no_lower_rate(void **state)
{
	struct bench b = begin(small);

	run(&b, 150);
	b.now_ns += G_GINT64_CONSTANT(60000000000);
	run(&b, 150);
	assert_float_equal(figure(b.drive, "achieved_mb_per_s"), 100, 0.1);
	drive_free(b.drive);
}

/* Found at the end, when nobody writes there any more. */
static void test_damage_at_rest(void **state)
{
	static const char *const kinds[] = {"lose-write", "corrupt"};

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		struct bench b = begin(small);

		run(&b, 50);
		assert_true(b.drive->workload->model->damage(b.drive->service, kinds[i]));
		drive_audit(b.drive);
		assert_int_equal(drive_verdict(b.drive, "memory"), LU_FAIL);
		assert_int_equal(drive_verdict(b.drive, "state"), LU_PASS);
		drive_free(b.drive);
	}
}

/* Found by the next write to that block: beats say so, though it is overwritten. */
static void test_damage_is_told_by_beats(void **state)
{
	static const char *const kinds[] = {"lose-write", "corrupt"};

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		struct bench b = begin(small);

		run(&b, 50);
		assert_true(b.drive->workload->model->damage(b.drive->service, kinds[i]));
		assert_true(run(&b, 100) < 100 * CONNS);
		drive_audit(b.drive);
		assert_int_equal(drive_verdict(b.drive, "memory"), LU_FAIL);
		drive_free(b.drive);
	}
}

static void test_counts_that_fall(void **state)
{
	struct bench b = begin(small);

	run(&b, 50);
	assert_true(b.drive->workload->model->damage(b.drive->service, "reset-counter"));
	assert_int_equal(run(&b, 1), 0);
	drive_audit(b.drive);
	assert_int_equal(drive_verdict(b.drive, "order"), LU_FAIL);
	assert_int_equal(drive_verdict(b.drive, "state"), LU_FAIL);
	assert_false(b.drive->workload->model->damage(b.drive->service, "no such kind"));
	drive_free(b.drive);
}

static void test_restart_is_told_once(void **state)
{
	struct bench b = begin(small);
	struct drive *d = b.drive;

	run(&b, 50);
	d->workload->model->free(d->service);
	d->service = d->workload->model->new (d->params, 3);
	for (unsigned c = 0; c < CONNS; c++)
		d->workload->reconnected(d->client, c);
	/* A new service on new connections: its replies are right, its counts are not. */
	assert_int_equal(run(&b, 100), 100 * CONNS);
	drive_audit(d);
	assert_int_equal(drive_verdict(d, "order"), LU_PASS);
	assert_int_equal(drive_verdict(d, "memory"), LU_PASS);
	assert_int_equal(drive_verdict(d, "state"), LU_FAIL);
	drive_free(d);
}

/* A lost beat may have been counted or not: both are right. */
static void test_lost(void **state)
{
	for (int served = 0; served < 2; served++) {
		struct bench b = begin(small);

		run(&b, 20);
		drive_lost(b.drive, 0, served);
		assert_true(drive_audit(b.drive));
		assert_int_equal(drive_verdict(b.drive, "state"), LU_PASS);
		drive_free(b.drive);
	}
}

static void test_malformed(void **state)
{
	static const char *const lines[] = {
		"D\n",
		"D 0 1 v 0 0 0\n",
		"D 0 1 v 0 -1 0 0\n",
		"D 0 1 v 0 9223372036854775808 0 0\n",
		"D 0 1 v 0 0 0 0 0\n",
		"E no\n",
		"\n",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		struct bench b = begin(small);
		g_autoptr(GByteArray) out = g_byte_array_new();
		struct lu_reply reply = {0};

		b.drive->workload->request(b.drive->client, 0, 0, out);
		assert_int_equal(b.drive->workload->reply(b.drive->client, 0, 0,
							  (const uint8_t *)lines[i],
							  strlen(lines[i]), &reply),
				 -1);
		assert_int_equal(drive_verdict(b.drive, "order"), LU_FAIL);
		drive_free(b.drive);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_nothing_seen_is_no_pass),
		cmocka_unit_test(test_a_stop_is_no_lower_rate),
		cmocka_unit_test(test_damage_at_rest),
		cmocka_unit_test(test_damage_is_told_by_beats),
		cmocka_unit_test(test_counts_that_fall),
		cmocka_unit_test(test_restart_is_told_once),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
