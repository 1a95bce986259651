/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pool's client and oracles against its model: whole, damaged, moved, started over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "tests/workloads/drive.h"

#define CONNS 4

extern const struct lu_workload lu_workload_pool;

static const char small[] = "{\"size_mb\": 1, \"ops\": 2}";

static void test_whole(void **state)
{
	struct drive *d = drive_new(&lu_workload_pool, small, CONNS);

	assert_int_equal(drive_verdict(d, "order"), LU_FAIL); /* nothing seen is no pass */
	assert_int_equal(drive_requests(d, 100, CONNS), 100);
	assert_int_equal(drive_verdict(d, "records"), LU_FAIL); /* not audited yet */
	assert_int_equal(drive_verdict(d, "requests"), LU_FAIL);
	assert_true(drive_audit(d));
	assert_int_equal(drive_verdict(d, "order"), LU_PASS);
	assert_int_equal(drive_verdict(d, "records"), LU_PASS);
	assert_int_equal(drive_verdict(d, "requests"), LU_PASS);
	assert_int_equal(drive_verdict(d, "devices"), LU_PASS);
	drive_free(d);
}

/* What the service has found is in every reply from there on, and fails the oracle that it is
 * about and no other. */
static void test_damage(void **state)
{
	static const struct {
		const char *kind, *oracle, *other;
	} cases[] = {
		{"lose-write", "records", "requests"},	 {"corrupt", "records", "requests"},
		{"lose-request", "requests", "records"}, {"repeat-request", "requests", "records"},
		{"stray-answer", "requests", "records"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct drive *d = drive_new(&lu_workload_pool, small, CONNS);

		drive_requests(d, 50, CONNS);
		assert_true(d->workload->model->damage(d->service, cases[i].kind));
		assert_int_equal(drive_requests(d, 10, CONNS), 0);
		drive_audit(d);
		assert_int_equal(drive_verdict(d, cases[i].oracle), LU_FAIL);
		assert_int_equal(drive_verdict(d, cases[i].other), LU_PASS);
		drive_free(d);
	}
}

static void test_unknown_damage(void **state)
{
	struct drive *d = drive_new(&lu_workload_pool, small, CONNS);

	assert_false(d->workload->model->damage(d->service, "no such kind"));
	drive_free(d);
}

/* What the service before the restart had found stays found. */
static void test_started_over(void **state)
{
	struct drive *d = drive_new(&lu_workload_pool, small, CONNS);

	drive_requests(d, 100, CONNS);
	d->workload->model->damage(d->service, "stray-answer");
	drive_requests(d, 4, CONNS);
	d->workload->model->damage(d->service, "reset-counter");
	for (unsigned c = 0; c < CONNS; c++)
		d->workload->reconnected(d->client, c);
	assert_int_equal(drive_requests(d, 10, CONNS), 10);
	drive_audit(d);
	assert_int_equal(drive_verdict(d, "records"), LU_PASS);
	assert_int_equal(drive_verdict(d, "requests"), LU_FAIL);
	assert_int_equal(drive_verdict(d, "devices"), LU_FAIL);
	drive_free(d);
}

static void test_report(void **state)
{
	struct drive *d = drive_new(&lu_workload_pool, small, CONNS);
	json_auto_t *report = NULL;

	drive_requests(d, 10, CONNS);
	d->workload->model->moved(d->service, 1, "v2");
	drive_requests(d, 10, CONNS);
	drive_audit(d);
	report = d->workload->report(d->client);
	assert_int_equal(json_array_size(json_object_get(report, "versions_seen")), 2);
	assert_int_equal(json_integer_value(json_object_get(report, "operations")), 20 * 2);
	assert_float_equal(json_real_value(json_object_get(report, "mean_us_first_version")), 4000,
			   0.5);
	assert_null(json_object_get(report, "mean_us_later_version"));
	drive_free(d);
}

static void test_malformed(void **state)
{
	static const char *const lines[] = {
		"P\n",
		"P 0 r 1 2 3 4 5 6 7 8 9 10 11 12 13 14 v1\n",
		"P 0 r 1 2 3 4 5 6 7 8 9 10 11 12 13 14 v1 v1 v1\n",
		"P 0 r -1 2 3 4 5 6 7 8 9 10 11 12 13 14 v1 v1\n",
		"P 0 r 1 2 3 4 5 6 7 8 9 10 11 12 13 14 v1 \n",
		"N 0 r 1 2 3 4 5 6 7 8 9 10 11 12 13 14 v1 v1\n",
		"\n",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		struct drive *d = drive_new(&lu_workload_pool, small, CONNS);
		GByteArray *out = g_byte_array_new();
		struct lu_reply reply = {0};

		d->workload->request(d->client, 0, 0, out);
		assert_int_equal(d->workload->reply(d->client, 0, 0, (const uint8_t *)lines[i],
						    strlen(lines[i]), &reply),
				 -1);
		assert_int_equal(drive_verdict(d, "order"), LU_FAIL);
		g_byte_array_unref(out);
		drive_free(d);
	}
}

static void test_command_line(void **state)
{
	struct drive *d = drive_new(&lu_workload_pool, small, 1);
	g_autofree char *module = d->workload->kmod_params(d->params, "lu_pool_front");
	g_auto(GStrv) argv = d->workload->argv(d->params);
	g_autofree char *line = g_strjoinv(" ", argv);

	assert_string_equal(module, "size_mb=1 latency_us=2000 linger_us=0 linger_every=64 "
				    "patience_ms=20000");
	assert_null(d->workload->kmod_params(d->params, "lu_pool"));
	assert_non_null(strstr(line, "--ops 2"));
	drive_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),	       cmocka_unit_test(test_damage),
		cmocka_unit_test(test_unknown_damage), cmocka_unit_test(test_started_over),
		cmocka_unit_test(test_report),	       cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_command_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
