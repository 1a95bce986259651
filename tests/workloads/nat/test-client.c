/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nat's client and oracles against its model: whole, damaged, moved, started over. */
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

static void test_whole(void **state)
{
	drive_whole(fresh(), "messages flows", "order messages flows network");
}

/* What the service has found is in every reply from there on, and fails the oracle that it is
 * about and no other. */
static void test_damage(void **state)
{
	static const struct drive_damage cases[] = {
		{"lose-write", "messages", "flows"}, {"duplicate", "messages", "flows"},
		{"corrupt", "messages", "flows"},    {"break-flow", "flows", "messages"},
		{"move-port", "flows", "messages"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		drive_damaged(fresh(), &cases[i]);
}

static void test_unknown_damage(void **state)
{
	drive_knows_its_damages(fresh());
}

/* What the service before the restart had found stays found. */
static void test_started_over(void **state)
{
	struct drive *d = fresh();

	drive_requests(d, 100, CONNS);
	d->workload->model->damage(d->service, "move-port");
	drive_requests(d, 4, CONNS);
	drive_start_over(d);
	drive_expect(d, LU_PASS, "messages");
	drive_expect(d, LU_FAIL, "flows network");
	drive_free(d);
}

static void test_report(void **state)
{
	struct drive *d = fresh();
	json_auto_t *report = NULL;

	drive_requests(d, 10, CONNS);
	d->workload->model->moved(d->service, 1, "v2");
	drive_requests(d, 10, CONNS);
	drive_audit(d);
	report = d->workload->report(d->client);
	assert_int_equal(json_array_size(json_object_get(report, "versions_seen")), 2);
	assert_int_equal(json_integer_value(json_object_get(report, "messages")), 20 * 8 + 2 * 16);
	assert_null(json_object_get(report, "lost"));
	drive_free(d);
}

static void test_malformed(void **state)
{
	static const char *const lines[] = {
		"N\n",
		"N 0 r 1 2 3 4 5 6 7 8 9 10 11 12 13 v1\n",
		"N 0 r 1 2 3 4 5 6 7 8 9 10 11 12 13 v1 v1 v1\n",
		"N 0 r 1 2 -3 4 5 6 7 8 9 10 11 12 13 v1 v1\n",
		"N 0 r 1 2 3 4 5 6 7 8 9 10 11 12 v1 v1\n",
		"N 0 r 1 2 3 4 5 6 7 8 9 10 11 12 13 v1 \n",
		"B 0 r 1 2 3 4 5 6 7 8 9 10 11 12 13 v1 v1\n",
		"\n",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
		drive_rejects(fresh(), lines[i]);
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
		cmocka_unit_test(test_whole),	       cmocka_unit_test(test_damage),
		cmocka_unit_test(test_unknown_damage), cmocka_unit_test(test_started_over),
		cmocka_unit_test(test_report),	       cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_command_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
