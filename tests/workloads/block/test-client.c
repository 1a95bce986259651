/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What block reports, and what its modules are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "tests/workloads/drive.h"

#define CONNS 4

extern const struct lu_workload lu_workload_block;

static const char small[] = "{\"size_mb\": 1, \"ops\": 8}";

static struct drive *fresh(void)
{
	return drive_new(&lu_workload_block, small, CONNS);
}

static void test_versions_are_reported(void **state)
{
	struct drive *d = fresh();
	json_auto_t *report = NULL;

	drive_requests(d, 10, CONNS);
	d->workload->model->swapped(d->service, 1, "v2");
	drive_requests(d, 10, CONNS);
	drive_audit(d);
	report = d->workload->report(d->client);
	assert_int_equal(json_array_size(json_object_get(report, "versions_seen")), 2);
	assert_true(json_integer_value(json_object_get(report, "block_operations")) >= 160);
	drive_free(d);
}

static void test_module_params(void **state)
{
	struct drive *d = drive_new(&lu_workload_block, small, 1);
	g_autofree char *disk = d->workload->kmod_params(d->params, "lu_block");
	g_autofree char *image = d->workload->kmod_params(d->params, "lu_block_form");

	assert_string_equal(disk, "size_mb=1");
	assert_string_equal(image, "residency_us=0 residency_every=64");
	assert_null(d->workload->kmod_params(d->params, "lu_swap"));
	drive_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions_are_reported),
		cmocka_unit_test(test_module_params),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
