/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A screening sweep of warm's boot switches in the simulator, whose costs say what each must save. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/bench/command.h"
#include "tests/kit/guard.h"

static const char three[] =
	"{\"guest\": \"sim\", \"strategy\": \"warm\", \"strategy_params\": {\"state\": \"criu\", "
	"\"menu\": [\"plain\", \"fast\"], \"kernel\": [\"plain\", \"fast\"], \"console\": "
	"[\"plain\", \"fast\"]}, \"client\": {\"baseline_ms\": 500, \"settle_ms\": 500}, "
	"\"sweep\": {\"design\": \"screening\", \"repeat\": 2}}";

static struct output swept(void **state)
{
	g_free(world_file(*state, "three.json", three));
	struct output output = lubench(*state, "sweep", "three.json", "-q", "-o", "three", NULL);

	assert_int_equal(output.status, 0);
	output_clear(&output);
	return lubench(*state, "plot", "--model=savings", "three", "-o", "three.svg", NULL);
}

/* What follows the name in its row. */
static double saved_by(const char *table, const char *name)
{
	g_autofree char *row = g_strdup_printf("| %s | ", name);
	const char *at = strstr(table, row);

	if (!at)
		fail_msg("no row of %s in:\n%s", name, table);
	return strtod(at + strlen(row), NULL);
}

/* machines/x86-q35/costs.json: menu, kernel and console; the step's own scatter is 2 %, that of the
 * whole blackout some 0.2 s. */
static void test_table(void **state)
{
	struct output output = swept(state);
	static const char *const names[] = {"menu", "kernel", "console"};
	json_t *costs = json_load_file(LU_SOURCE_DIR "/machines/x86-q35/costs.json", 0, NULL);

	if (output.status == 4)
		skip(); /* no gnuplot */
	assert_int_equal(output.status, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *step = g_strdup_printf("power_cycle:%s", names[i]);
		double cost = json_number_value(json_object_get(
				      json_object_get(json_object_get(costs, "steps"), step),
				      "fixed_ms")) /
			      1e3;
		double saved = saved_by(output.out, names[i]);

		if (saved < cost - 0.25 || saved > cost + 0.25)
			fail_msg("%s saves %.3f s, and costs %.3f s", names[i], saved, cost);
	}
	assert_non_null(strstr(output.out, "intervals of 95 %"));
	json_decref(costs);
	output_clear(&output);
}

static void test_script(void **state)
{
	struct output output =
		lubench(*state, "plot", "--model=savings", "--script", "three", NULL);

	assert_int_equal(output.status, 0);
	assert_non_null(strstr(output.out, "none of them"));
	assert_non_null(strstr(output.out, "not explained"));
	assert_non_null(strstr(output.out, "if it were the only one"));
	output_clear(&output);
}

static void test_what_is_wrong(void **state)
{
	struct output output =
		lubench(*state, "run", "--guest=sim", "--strategy=null", "-q", "-o", "one", NULL);

	output_clear(&output);
	output = lubench(*state, "plot", "--model=savings", "one", NULL);
	assert_int_equal(output.status, 2);
	assert_non_null(strstr(output.err, "do not differ in any parameter"));
	output_clear(&output);
	output = lubench(*state, "plot", "--model=savings", "one", "three", NULL);
	assert_int_equal(output.status, 2);
	assert_non_null(strstr(output.err, "the runs differ in"));
	output_clear(&output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_script),
		cmocka_unit_test(test_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
