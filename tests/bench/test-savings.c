/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What switches save: of runs made up by hand, and of a screening sweep of warm's boot switches in the
 * simulator, whose costs say what each must save. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "bench/report/plot-savings.h"
#include "bench/report/savings-table.h"
#include "tests/bench/command.h"
#include "tests/bench/report/rendered.h"
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

#define ROWS 6

/* A run of warm with these switches fast, dark for that long. */
static json_t *run_of(bool console, bool kernel, bool menu, double blackout_s)
{
	static int seed;
	const char *const set[] = {"plain", "fast"};

	return json_pack("{s:{s:s, s:s, s:s, s:s, s:i, s:{s:s, s:s, s:s}}, s:s, s:{}, s:{s:I}, "
			 "s:{s:s, s:[{}]}}",
			 "plan", "strategy", "warm", "workload", "tick", "machine", "m", "guest",
			 "qemu", "seed", ++seed, "strategy_params", "console", set[console],
			 "kernel", set[kernel], "menu", set[menu], "outcome", "ok", "oracles",
			 "metrics", "blackout_ns", (json_int_t)(blackout_s * 1e9), "validity",
			 "verdict", "sound", "reasons");
}

/* None 10 s; menu alone saves 2, kernel 1, console 0.5; all save 5: tests/record/test-effects.c works
 * it out. Twice, 0.05 s above and below. A run that failed and a suspect one tell nothing. */
static json_t *runs_of_three(void)
{
	json_t *runs = json_array();

	for (int sign = -1; sign <= 1; sign += 2) {
		double off = 0.05 * sign;

		json_array_append_new(runs, run_of(true, true, true, 5 + off));
		json_array_append_new(runs, run_of(false, false, false, 10 + off));
		json_array_append_new(runs, run_of(false, false, true, 8 + off));
		json_array_append_new(runs, run_of(false, true, false, 9 + off));
		json_array_append_new(runs, run_of(true, false, false, 9.5 + off));
	}
	json_array_append_new(runs, run_of(true, true, false, 90));
	json_array_append_new(runs, run_of(true, false, true, 90));
	json_object_set_new(json_array_get(runs, 10), "outcome", json_string("failed"));
	json_object_set_new(json_object_get(json_array_get(runs, 11), "validity"), "verdict",
			    json_string("suspect"));
	return runs;
}

static struct lu_savings *savings_of_three(void)
{
	json_t *runs = runs_of_three();
	g_autoptr(GError) error = NULL;
	struct lu_savings *savings = lu_savings_new(runs, false, &error);

	if (!savings)
		fail_msg("%s", error->message);
	json_decref(runs);
	return savings;
}

/* A row of a block in the script: so many numbers, blanks between. */
static void row_of(const char *script, const char *block, unsigned row, double *numbers, size_t n)
{
	g_autofree char *begin = g_strdup_printf("$%s << EOD\n", block);
	const char *at = strstr(script, begin);

	assert_non_null(at);
	for (at += strlen(begin); row--; at++)
		at = strchr(at, '\n');
	for (size_t i = 0; i < n; i++)
		numbers[i] = g_ascii_strtod(at, (char **)&at);
	assert_int_equal(*at, '\n');
}

static void is_at(double value, double expected)
{
	if (value < expected - 1e-5 || value > expected + 1e-5)
		fail_msg("%f instead of %f", value, expected);
}

/* Each saving hangs where the one before it ended, the largest first. */
static void test_waterfall(void **state)
{
	static const struct {
		double low, high, kind;
	} bars[ROWS] = {{0, 10, 1},	    {7.4375, 10, 2}, {5.875, 7.4375, 2},
			{4.8125, 5.875, 2}, {4.8125, 5, 3},  {0, 5, 1}};
	static const double ends[] = {10, 7.4375, 5.875, 4.8125, 5}, alone[] = {8, 6.4375, 5.375};
	struct lu_savings *savings = savings_of_three();
	g_autoptr(GString) script = g_string_new(NULL);
	double numbers[7];

	lu_plot_savings(script, savings);
	for (unsigned i = 0; i < ROWS; i++) {
		row_of(script->str, "bars", i, numbers, 7);
		is_at(numbers[2], bars[i].low);
		is_at(numbers[3], bars[i].high);
		is_at(numbers[6], bars[i].kind);
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(ends); i++) {
		row_of(script->str, "errors", i, numbers, 4);
		is_at(numbers[0], ends[i]);
		assert_true(numbers[2] < ends[i] && numbers[3] > ends[i]);
		assert_true(numbers[2] > ends[i] - 0.2 && numbers[3] < ends[i] + 0.2);
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(alone); i++) {
		row_of(script->str, "alone", i, numbers, 2);
		is_at(numbers[0], alone[i]);
	}
	assert_non_null(strstr(script->str,
			       "(\"none of them\" -0, \"menu\" -1, \"kernel\" -2, \"console\" -3, "
			       "\"not explained\" -4, \"all of them\" -5)"));
	assert_non_null(strstr(script->str, "the averages add up to 103."));
	lu_savings_free(savings);
}

/* The numbers of its row: mean, low, high; alone, low, high; share. */
static void check_row(const char *csv, const char *name, double mean, double alone)
{
	g_autofree char *begin = g_strdup_printf("\n%s,", name);
	const char *at = strstr(csv, begin);
	double numbers[7];

	if (!at)
		fail_msg("no %s in %s", name, csv);
	at += strlen(begin);
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++, at++)
		numbers[i] = g_ascii_strtod(at, (char **)&at);
	is_at(numbers[0], mean);
	assert_true(numbers[1] < mean && numbers[2] > mean);
	is_at(numbers[3], alone);
	assert_true(numbers[4] < alone && numbers[5] > alone);
	is_at(numbers[6], 100 * mean / 5);
}

static void test_what_is_said(void **state)
{
	static const char *const said[] = {"without any of them 10 s [",
					   "with all of them 5 s [",
					   "they save 5 s [",
					   ", 50 %.",
					   "add up to 103.",
					   "alone to 70 % [",
					   "explains 98.2 % of the variance",
					   "(lack of fit: p < 0.001)",
					   "Pairs that save more",
					   "the model explains 100 % [",
					   "100.0 % of the variance",
					   "10 runs; those of one combination scatter by 0.071 s",
					   "2 runs that were not good"};
	struct lu_savings *savings = savings_of_three();
	struct lu_document *document = lu_savings_document(savings);
	g_autofree char *text = rendered(document, lu_render_markdown);
	g_autofree char *csv = rendered(document, lu_render_csv);

	for (size_t i = 0; i < G_N_ELEMENTS(said); i++)
		if (!strstr(text, said[i]))
			fail_msg("no '%s' in\n%s", said[i], text);
	check_row(csv, "menu", 2.5625, 2);
	check_row(csv, "kernel", 1.5625, 1);
	check_row(csv, "console", 1.0625, 0.5);
	assert_true(strstr(text, "| menu |") < strstr(text, "| kernel |"));
	assert_true(strstr(text, "| kernel |") < strstr(text, "| console |"));
	lu_document_free(document);
	lu_savings_free(savings);
}

/* Without repeats nothing is known of scatter, so no interval and no pair is claimed. */
static void test_once_each(void **state)
{
	json_t *runs = runs_of_three();
	struct lu_savings *savings;
	struct lu_document *document;
	g_autoptr(GString) script = g_string_new(NULL);
	g_autofree char *text = NULL;

	while (json_array_size(runs) > 5)
		json_array_remove(runs, 5);
	savings = lu_savings_new(runs, false, NULL);
	assert_non_null(savings);
	document = lu_savings_document(savings);
	text = rendered(document, lu_render_markdown);
	lu_plot_savings(script, savings);
	assert_non_null(strstr(text, "5 runs, no combination more than once"));
	assert_true(!strchr(text, '[') && !strstr(text, "nan") && !strstr(text, "Pairs"));
	assert_true(!strstr(script->str, "$errors") && !strstr(script->str, "nan"));
	lu_document_free(document);
	lu_savings_free(savings);
	json_decref(runs);
}

/* Whichever run comes first: what it does not say at all is a difference, too. */
static void test_differ(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		json_t *runs = runs_of_three();
		json_t *plan = json_object_get(json_array_get(runs, i), "plan");
		g_autoptr(GError) error = NULL;

		json_object_set_new(plan, "services", json_array());
		assert_null(lu_savings_new(runs, false, &error));
		assert_non_null(strstr(error->message, "the runs differ in services; "));
		json_decref(runs);
	}
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
		cmocka_unit_test(test_table),	      cmocka_unit_test(test_script),
		cmocka_unit_test(test_waterfall),     cmocka_unit_test(test_what_is_said),
		cmocka_unit_test(test_once_each),     cmocka_unit_test(test_differ),
		cmocka_unit_test(test_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
