/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scenarios: files that are read, and keys that a command line sets. */
#include "tests/kit/cmocka-all.h"
#include <glib/gstdio.h>
#include <string.h>
#include "record/error.h"
#include "model/plan.h"
#include "model/strategy.h"

#define MACHINES LU_SOURCE_DIR "/machines"

static void test_set(void **state)
{
	json_t *scenario = json_object();
	g_autoptr(GError) error = NULL;

	assert_true(lu_scenario_set(scenario, "strategy", "null", &error));
	assert_true(lu_scenario_set(scenario, "client.rate_hz", "50.5", &error));
	assert_true(lu_scenario_set(scenario, "update.to", "6.1", &error));
	assert_true(lu_scenario_set(scenario, "seed", "9", &error));
	struct lu_plan *plan = lu_plan_new(scenario, "flags", MACHINES, 0, &error);

	assert_null(error);
	assert_string_equal(plan->strategy->name, "null");
	assert_true(plan->rate_hz == 50.5);
	assert_string_equal(plan->update_to, "6.1");
	assert_int_equal(plan->seed, 9);
	lu_plan_free(plan);
	json_decref(scenario);
}

static void assert_set_wrong(const char *key, const char *text, const char *message)
{
	json_t *scenario = json_pack("{s:i}", "fault", 3);
	g_autoptr(GError) error = NULL;

	assert_false(lu_scenario_set(scenario, key, text, &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_USAGE));
	assert_non_null(strstr(error->message, message));
	json_decref(scenario);
}

static void test_set_wrong(void **state)
{
	assert_set_wrong("client.rate_hz", "-1",
			 "client.rate_hz: '-1' is wrong; allowed: more than 0");
	assert_set_wrong("seeed", "1", "unknown key 'seeed' (did you mean 'seed'?)");
	assert_set_wrong("clint.rate_hz", "1", "unknown key 'clint' (did you mean 'client'?)");
	assert_set_wrong("client.rte_hz", "1",
			 "client: unknown key 'rte_hz' (did you mean 'rate_hz'?)");
	assert_set_wrong("fault.phase", "FREEZE", "fault: must be an object");
	assert_set_wrong("strategy", "\xff\xfe", "strategy: ");
	assert_set_wrong("network.loss_ppm", "1000001", "allowed: 0 to 1000000");
	assert_set_wrong("network", "5",
			 "network: is a section of keys; allowed: network.KEY=VALUE");
	assert_set_wrong("workload_params", "5", "allowed: workload_params.KEY=VALUE");
}

static void test_set_param(void **state)
{
	json_t *scenario = json_pack("{s:s}", "strategy", "pause");
	g_autoptr(GError) error = NULL;

	assert_true(lu_scenario_set_param(scenario, "ms=50", &error));
	assert_true(lu_scenario_set_param(scenario, "state_mb=2", &error));
	struct lu_plan *plan = lu_plan_new(scenario, "flags", MACHINES, 0, &error);

	assert_null(error);
	assert_int_equal(lu_param_int(plan->strategy_params, "ms"), 50);
	assert_int_equal(lu_param_int(plan->workload_params, "state_mb"), 2);
	lu_plan_free(plan);
	assert_false(lu_scenario_set_param(scenario, "colour=red", &error));
	assert_non_null(strstr(error->message, "unknown parameter 'colour'; allowed: pause: ms="));
	g_clear_error(&error);
	assert_false(lu_scenario_set_param(scenario, "ms", &error));
	assert_non_null(strstr(error->message, "allowed: key=value"));
	json_decref(scenario);
}

static void test_load(void **state)
{
	GError *error = NULL;

	assert_null(lu_scenario_load("/nonexistent/s.json", &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_USAGE));
	g_clear_error(&error);
	assert_null(lu_scenario_load("/dev/zero", &error));
	assert_non_null(strstr(error->message, "not a regular file"));
	g_clear_error(&error);
}

static void test_load_too_large(void **state)
{
	g_autofree char *path = g_build_filename(g_get_tmp_dir(), "lubench-large-XXXXXX", NULL);
	g_autofree char *text = g_strnfill((1 << 20) + 1, ' ');
	g_autoptr(GError) error = NULL;
	int fd = g_mkstemp(path);

	assert_true(fd >= 0);
	assert_true(g_file_set_contents(path, text, -1, NULL));
	assert_null(lu_scenario_load(path, &error));
	assert_non_null(strstr(error->message, "larger than 1 MiB"));
	g_unlink(path);
	g_close(fd, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_set_wrong),
		cmocka_unit_test(test_set_param),
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_load_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
