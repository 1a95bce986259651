/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The batch job's client against its model: whole, damaged, started over. */
#include "tests/kit/cmocka-all.h"
#include <glib.h>
#include <inttypes.h>
#include <string.h>
#include "tests/workloads/drive.h"
#include "workloads/batch/job.h"

#define CONNS 2
#define MS    INT64_C(1000000)

extern const struct lu_workload lu_workload_batch;

static const char small[] = "{\"unit_steps\": 1000}";

/* A job that has worked for a second. */
static struct drive *begun(void)
{
	struct drive *d = drive_new(&lu_workload_batch, small, CONNS);

	for (int64_t t_ms = 0; t_ms <= 1000; t_ms += 100)
		d->workload->model->run(d->service, t_ms * MS);
	return d;
}

/* Steps made one by one, as the job does it; constants are Knuth's. */
static void test_jump(void **state)
{
	uint64_t value = 0;

	for (uint64_t steps = 0; steps < 100; steps++) {
		assert_true(lu_batch_value(steps) == value);
		value = value * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	}
	/* (Python) */
	assert_true(lu_batch_value(1) == UINT64_C(0x14057b7ef767814f));
}

static void test_whole(void **state)
{
	struct drive *d = begun();

	assert_int_equal(drive_requests(d, 20, CONNS), 20);
	drive_expect(d, LU_PASS, "order result state");
	drive_free(d);
	d = drive_new(&lu_workload_batch, small, CONNS);
	drive_expect(d, LU_FAIL, "order result state");
	drive_free(d);
}

static void test_damage(void **state)
{
	static const struct drive_damage damages[] = {
		{"lose-write", "state", "result"},
		{"corrupt", "result", "state"},
		{"reset-counter", "state", "result"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(damages); i++) {
		struct drive *d = begun();

		drive_requests(d, 10, CONNS);
		assert_true(d->workload->model->damage(d->service, damages[i].kind));
		drive_requests(d, 10, CONNS);
		drive_expect(d, LU_FAIL, damages[i].fails);
		drive_expect(d, LU_PASS, damages[i].holds);
		drive_free(d);
	}
	drive_knows_its_damages(drive_new(&lu_workload_batch, small, CONNS));
}

/* The job answers a request with that many units, and with the value of `computed`. */
static struct lu_reply answer(struct drive *d, uint64_t id, unsigned conn, uint64_t units,
			      uint64_t computed)
{
	g_autofree char *text = g_strdup_printf("B %" PRIu64 " 6.1.0 %" PRIu64 " %016" PRIx64 "\n",
						id, units, lu_batch_value(computed * 1000));
	struct lu_reply reply = {0};
	GByteArray *out = g_byte_array_new();

	d->workload->request(d->client, 7, conn, out);
	assert_int_equal(
		d->workload->reply(d->client, 7, conn, (const uint8_t *)text, strlen(text), &reply),
		strlen(text));
	g_byte_array_unref(out);
	return reply;
}

/* What it says of its work goes on the timeline. */
static void test_units(void **state)
{
	struct drive *d = drive_new(&lu_workload_batch, small, CONNS);
	struct lu_reply reply = answer(d, 7, 0, 3, 3);

	assert_true(reply.ok && reply.works);
	assert_int_equal(reply.units, 3);
	assert_string_equal(reply.version, "6.1.0");
	drive_free(d);
}

/* Neither counts as a correct reply, and each fails its oracle. */
static void test_wrong(void **state)
{
	struct drive *other = drive_new(&lu_workload_batch, small, CONNS);
	struct drive *value = drive_new(&lu_workload_batch, small, CONNS);

	assert_false(answer(other, 8, 0, 3, 3).ok);
	drive_expect(other, LU_FAIL, "order");
	drive_expect(other, LU_PASS, "result state");
	assert_false(answer(value, 7, 0, 3, 4).ok);
	drive_expect(value, LU_FAIL, "result");
	drive_expect(value, LU_PASS, "order state");
	drive_free(other);
	drive_free(value);
}

/* One connection's reply may be older than the other's, but not than its own last one. */
static void test_connections_apart(void **state)
{
	struct drive *d = drive_new(&lu_workload_batch, small, CONNS);

	answer(d, 7, 0, 5, 5);
	answer(d, 7, 1, 4, 4);
	drive_expect(d, LU_PASS, "order result state");
	answer(d, 7, 1, 3, 3);
	drive_expect(d, LU_FAIL, "state");
	drive_free(d);
}

static void test_malformed(void **state)
{
	static const char *const lines[] = {"B\n",	     "B 0 v 1\n",    "B 0 v -1 00\n",
					    "B 0 v 1 zz\n",  "X 0 v 1 00\n", "\n",
					    "B 0 v 1 00 a\n"};

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
		drive_rejects(drive_new(&lu_workload_batch, small, CONNS), lines[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_jump),	  cmocka_unit_test(test_whole),
		cmocka_unit_test(test_damage),	  cmocka_unit_test(test_units),
		cmocka_unit_test(test_wrong),	  cmocka_unit_test(test_connections_apart),
		cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
