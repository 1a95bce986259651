/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What nat reports, and what its service and its module are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "tests/workloads/drive.h"

#define CONNS 4

extern const struct lu_workload lu_workload_nat;

static const char small[] = "{\"flows\": 16, \"ops\": 8, \"capacity\": 64}";

static struct drive *fresh(void)
{
	return drive_new(&lu_workload_nat, small, CONNS);
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
	assert_int_equal(json_integer_value(json_object_get(report, "messages")), 20 * 8 + 2 * 16);
	assert_null(json_object_get(report, "lost"));
	drive_free(d);
}

static void test_command_line(void **state)
{
	struct drive *d = drive_new(&lu_workload_nat, small, 1);
	g_autofree char *module = d->workload->kmod_params(d->params, "lu_nat");
	g_auto(GStrv) argv = d->workload->argv(d->params);
	g_autofree char *line = g_strjoinv(" ", argv);

	assert_string_equal(module, "capacity=64");
	assert_null(d->workload->kmod_params(d->params, "lu_swap"));
	assert_non_null(strstr(line, "--flows 16"));
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
