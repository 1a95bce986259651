/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clients and oracles of tick and redis against their models: whole, damaged, and with losses. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include "workloads/kit/tick.h"
#include "tests/workloads/drive.h"

#define CONNS 4

extern const struct lu_workload lu_workload_tick, lu_workload_redis;

static const char tick_small[] = "{\"state_mb\": 1, \"dirty_bytes\": 64}";
static const char redis_small[] = "{\"dataset_mb\": 1, \"read_percent\": 50, \"keys\": \"zipf\"}";

/* Values of the protocol's text, worked out apart from the code
 * (Python, from docs/reference/tick-protocol.md). */
static void test_tick_state_golden(void **state)
{
	struct lu_tick_state *tick = lu_tick_state_new(1, 1, 8);

	assert_true(tick->hash == UINT64_C(0x910a2dec89025cc1));
	assert_true(lu_tick_state_full(tick) == UINT64_C(0xa0ca8c983fd82a4e));
	lu_tick_state_step(tick);
	lu_tick_state_step(tick);
	assert_true(tick->hash == UINT64_C(0x85bd143cffad1a30));
	assert_true(lu_tick_state_full(tick) == UINT64_C(0x3d451e1d73d908a1));
	lu_tick_state_free(tick);
}

static void test_tick_whole(void **state)
{
	struct drive *d = drive_new(&lu_workload_tick, tick_small, CONNS);

	assert_int_equal(drive_requests(d, 200, CONNS), 200);
	assert_int_equal(drive_verdict(d, "state"), LU_FAIL); /* nothing read back yet */
	assert_true(drive_audit(d));
	assert_int_equal(drive_verdict(d, "order"), LU_PASS);
	assert_int_equal(drive_verdict(d, "state"), LU_PASS);
	drive_free(d);
}

static void test_tick_nothing_seen_is_no_pass(void **state)
{
	struct drive *d = drive_new(&lu_workload_tick, tick_small, CONNS);

	assert_int_equal(drive_verdict(d, "order"), LU_FAIL);
	drive_free(d);
}

static void test_tick_damage(void **state)
{
	static const char *const kinds[] = {"lose-write", "corrupt", "reset-counter"};

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		struct drive *d = drive_new(&lu_workload_tick, tick_small, CONNS);

		drive_requests(d, 100, CONNS);
		assert_true(d->workload->model->damage(d->service, kinds[i]));
		drive_requests(d, 20, CONNS);
		drive_audit(d);
		assert_int_equal(drive_verdict(d, "state"), LU_FAIL);
		drive_free(d);
	}
}

static void test_tick_unknown_damage(void **state)
{
	drive_knows_its_damages(drive_new(&lu_workload_tick, tick_small, CONNS));
}

/* A lost request may have been served or not: both are right, and a doubled one is not. */
static void test_tick_lost(void **state)
{
	for (int served = 0; served < 2; served++) {
		struct drive *d = drive_new(&lu_workload_tick, tick_small, CONNS);

		drive_requests(d, 40, CONNS);
		drive_lost(d, 0, served);
		assert_true(drive_audit(d));
		assert_int_equal(drive_verdict(d, "state"), LU_PASS);
		drive_free(d);
	}
}

static void test_tick_doubled(void **state)
{
	struct drive *d = drive_new(&lu_workload_tick, tick_small, CONNS);
	GByteArray *sink = g_byte_array_new();

	drive_requests(d, 40, CONNS);
	d->workload->model->serve(d->service, (const uint8_t *)"T 1 x\n", 6, 77, d->release, sink);
	drive_audit(d);
	assert_int_equal(drive_verdict(d, "state"), LU_FAIL);
	g_byte_array_unref(sink);
	drive_free(d);
}

static void test_tick_restart_is_told_once(void **state)
{
	struct drive *d = drive_new(&lu_workload_tick, tick_small, CONNS);

	drive_requests(d, 100, CONNS);
	d->workload->model->free(d->service);
	d->service = d->workload->model->new (d->params, 3);
	for (unsigned c = 0; c < CONNS; c++)
		d->workload->reconnected(d->client, c);
	/* A new service on new connections: its replies are right, its memory is not. */
	assert_int_equal(drive_requests(d, 100, CONNS), 100);
	drive_audit(d);
	assert_int_equal(drive_verdict(d, "order"), LU_PASS);
	assert_int_equal(drive_verdict(d, "state"), LU_FAIL);
	drive_free(d);
}

static void test_tick_malformed(void **state)
{
	static const char *const lines[] = {"R\n",
					    "R 0 1 v\n",
					    "R 0 1 v zz 0 a\n",
					    "R -0 1 v 0 0 a\n",
					    "X 0 1 v 0 0 a\n",
					    "\n",
					    "R 0 1 v 0 0 a b\n"};

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
		drive_rejects(drive_new(&lu_workload_tick, tick_small, CONNS), lines[i]);
}

static void test_redis_whole(void **state)
{
	struct drive *d = drive_new(&lu_workload_redis, redis_small, CONNS);

	assert_int_equal(drive_requests(d, 400, CONNS), 400);
	assert_int_equal(drive_verdict(d, "dataset"), LU_FAIL); /* nothing read back yet */
	assert_int_equal(drive_verdict(d, "acknowledged-writes"), LU_FAIL);
	assert_true(drive_audit(d));
	assert_int_equal(drive_verdict(d, "acknowledged-writes"), LU_PASS);
	assert_int_equal(drive_verdict(d, "dataset"), LU_PASS);
	assert_int_equal(drive_verdict(d, "reads"), LU_PASS);
	drive_free(d);
}

static void test_redis_damage(void **state)
{
	static const char *const kinds[] = {"lose-write", "corrupt", "reset-counter"};

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		struct drive *d = drive_new(&lu_workload_redis, redis_small, CONNS);

		drive_requests(d, 400, CONNS);
		assert_true(d->workload->model->damage(d->service, kinds[i]));
		assert_true(drive_audit(d));
		assert_int_equal(drive_verdict(d, "acknowledged-writes"), LU_FAIL);
		assert_int_equal(drive_verdict(d, "dataset"),
				 g_str_equal(kinds[i], "reset-counter") ? LU_FAIL : LU_PASS);
		drive_free(d);
	}
}

/* The dataset that nobody wrote since: damage before the first request hits
 * the key populated last. */
static void test_redis_dataset_damage(void **state)
{
	struct drive *d = drive_new(&lu_workload_redis, redis_small, CONNS);

	assert_true(d->workload->model->damage(d->service, "corrupt"));
	assert_true(drive_audit(d));
	assert_int_equal(drive_verdict(d, "dataset"), LU_FAIL);
	assert_int_equal(drive_verdict(d, "acknowledged-writes"), LU_PASS);
	drive_free(d);
}

/* Reads during the run find an emptied service at once. */
static void test_redis_reads_find_loss(void **state)
{
	struct drive *d = drive_new(&lu_workload_redis, redis_small, CONNS);

	drive_requests(d, 50, CONNS);
	d->workload->model->damage(d->service, "reset-counter");
	assert_true(drive_requests(d, 50, CONNS) < 50);
	assert_int_equal(drive_verdict(d, "reads"), LU_FAIL);
	drive_free(d);
}

/* A write whose reply was lost may be there or not. */
static void test_redis_lost(void **state)
{
	for (int served = 0; served < 2; served++) {
		struct drive *d = drive_new(&lu_workload_redis,
					    "{\"dataset_mb\": 1, \"read_percent\": 0}", CONNS);

		drive_requests(d, 40, CONNS);
		drive_lost(d, 0, served);
		assert_int_equal(drive_requests(d, 400, CONNS), 400);
		assert_true(drive_audit(d));
		assert_int_equal(drive_verdict(d, "acknowledged-writes"), LU_PASS);
		assert_int_equal(drive_verdict(d, "dataset"), LU_PASS);
		drive_free(d);
	}
}

static void test_redis_error_reply(void **state)
{
	static const char error[] = "-OOM command not allowed\r\n";
	struct drive *d = drive_new(&lu_workload_redis, redis_small, CONNS);
	GByteArray *out = g_byte_array_new();
	struct lu_reply reply = {0};

	d->workload->request(d->client, 0, 0, out);
	assert_int_equal(d->workload->reply(d->client, 0, 0, (const uint8_t *)error,
					    sizeof(error) - 1, &reply),
			 sizeof(error) - 1);
	assert_false(reply.ok);
	assert_string_equal(reply.why, "error reply");
	assert_int_equal(drive_verdict(d, "reads"), LU_FAIL);
	g_byte_array_unref(out);
	drive_free(d);
}

static void test_argv(void **state)
{
	struct drive *d = drive_new(&lu_workload_tick, tick_small, 1);
	g_auto(GStrv) argv = d->workload->argv(d->params);

	assert_string_equal(argv[0], "/usr/bin/tick");
	assert_true(g_strv_contains((const char *const *)argv, "--state-mb"));
	assert_false(g_strv_contains((const char *const *)argv, "--undumpable"));
	assert_true(d->workload->state_bytes(d->params) > 1 << 20);
	drive_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tick_state_golden),
		cmocka_unit_test(test_tick_whole),
		cmocka_unit_test(test_tick_nothing_seen_is_no_pass),
		cmocka_unit_test(test_tick_damage),
		cmocka_unit_test(test_tick_unknown_damage),
		cmocka_unit_test(test_tick_lost),
		cmocka_unit_test(test_tick_doubled),
		cmocka_unit_test(test_tick_restart_is_told_once),
		cmocka_unit_test(test_tick_malformed),
		cmocka_unit_test(test_redis_whole),
		cmocka_unit_test(test_redis_damage),
		cmocka_unit_test(test_redis_dataset_damage),
		cmocka_unit_test(test_redis_reads_find_loss),
		cmocka_unit_test(test_redis_lost),
		cmocka_unit_test(test_redis_error_reply),
		cmocka_unit_test(test_argv),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
