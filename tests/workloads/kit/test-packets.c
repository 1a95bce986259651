/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What queue and netdev tell beside their counts: latencies, and their words for the guest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "tests/workloads/drive.h"

#define CONNS 4

extern const struct lu_workload lu_workload_queue, lu_workload_netdev;

static struct drive *fresh(void)
{
	return drive_new(&lu_workload_queue, "{}", CONNS);
}

static int64_t median(const json_t *report, size_t path, const char *version, const char *class)
{
	json_t *of = json_array_get(json_object_get(report, "paths"), path);

	of = json_object_get(json_object_get(of, version), class);
	return json_integer_value(json_object_get(of, "p50_ns"));
}

/* Latencies are kept apart by path, class and version. */
static void test_latencies(void **state)
{
	struct drive *d = fresh();
	json_auto_t *report = NULL;

	drive_requests(d, 10, CONNS);
	d->workload->model->swapped(d->service, 1, "v2");
	drive_requests(d, 10, CONNS);
	drive_audit(d);
	assert_int_equal(drive_verdict(d, "other"), LU_PASS);
	report = d->workload->report(d->client);
	assert_true(median(report, 1, "v2", "thin") > 0);
	assert_true(median(report, 1, "v2", "thin") < median(report, 1, "v1", "thin"));
	assert_int_equal(median(report, 0, "v2", "thin"), 0);
	drive_free(d);
}

static void test_both_moved(void **state)
{
	struct drive *d = drive_new(&lu_workload_netdev, "{}", CONNS);

	for (unsigned i = 0; i < 2; i++) {
		drive_requests(d, 10, CONNS);
		d->workload->model->swapped(d->service, i, "v2");
	}
	drive_requests(d, 10, CONNS);
	drive_audit(d);
	assert_int_equal(drive_verdict(d, "other"), LU_FAIL);
	drive_free(d);
}

/* Another latency than the one asked for is no answer. */
static void test_malformed_latency(void **state)
{
	static const char *const lines[] = {"L 0 0 2 1 2 3 4\n", "L 0 0 1 1 2 3\n",
					    "L 0 0 1 1 2 3 4 5\n", "L 0 0 1 1 2 3 x\n"};
	struct drive *d = fresh();
	struct lu_exchange exchange;

	assert_true(d->workload->audit(d->client, &exchange));
	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
		assert_int_equal(exchange.reply(exchange.data, 1, (const uint8_t *)lines[i],
						strlen(lines[i])),
				 -1);
	drive_free(d);
}

static void test_words_for_the_guest(void **state)
{
	struct drive *d = drive_new(&lu_workload_queue, "{\"rate\": 5, \"timed_us\": 777}", 1);
	g_auto(GStrv) argv = d->workload->argv(d->params);
	g_autofree char *line = g_strjoinv(" ", argv);
	g_autofree char *image = d->workload->kmod_params(d->params, "lu_queue_form");

	assert_non_null(strstr(line, "--path queue"));
	assert_non_null(strstr(line, "--timed-us 777"));
	assert_non_null(strstr(line, "--rate 5"));
	assert_string_equal(image, "spoil=none");
	assert_null(d->workload->kmod_params(d->params, "lu_queue"));
	drive_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_latencies),
		cmocka_unit_test(test_both_moved),
		cmocka_unit_test(test_malformed_latency),
		cmocka_unit_test(test_words_for_the_guest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
