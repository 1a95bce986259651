/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pool reports, and what its service and its module are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "tests/workloads/drive.h"

#define CONNS 4

extern const struct lu_workload lu_workload_pool;

static const char small[] = "{\"size_mb\": 1, \"ops\": 2}";

static struct drive *fresh(void)
{
	return drive_new(&lu_workload_pool, small, CONNS);
}

static void test_report(void **state)
{
	struct drive *d = fresh();
	json_auto_t *report = NULL;

	drive_requests(d, 10, CONNS);
	d->workload->model->swapped(d->service, 1, "v2");
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
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_command_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
