/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench compare: the table of a simulated matrix, cell by cell; what is refused; pictures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "tests/bench/command.h"

#define GOLDEN LU_SOURCE_DIR "/tests/bench/golden/"

/* A matrix with all sorts of cells: too short to be seen, seen, refused. */
static int setup(void **state)
{
	world_setup(state);
	struct output output = lubench(*state, "compare", "-q", "--guest=sim", "--repeat=4",
				       "--strategies=null,pause,migrate", "--workloads=tick,oltp",
				       "--set", "update.kind=kernel", "-o", "matrix", NULL);

	/* A refusal is an answer. */
	assert_int_equal(output.status, 0);
	output_clear(&output);
	return 0;
}

static void expect_golden(const char *name, const char *text)
{
	g_autofree char *path = g_strconcat(GOLDEN, name, NULL), *golden = NULL;

	assert_true(g_file_get_contents(path, &golden, NULL, NULL));
	if (strcmp(golden, text) != 0)
		fail_msg("%s says:\n%s\nnow it is:\n%s", path, golden, text);
}

static void test_golden(void **state)
{
	static const char *const formats[][2] = {{"--format=text", "compare.txt"},
						 {"--format=md", "compare.md"},
						 {"--format=html", "compare.html"}};

	for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
		struct output output =
			lubench(*state, "compare", "--sweep=matrix", formats[i][0],
				"--metric=blackout,replies_ok", "--baseline=pause", NULL);

		assert_int_equal(output.status, 0);
		expect_golden(formats[i][1], output.out);
		output_clear(&output);
	}
}

static json_t *matrix_of(const struct world *world, const char *source, const char *metric)
{
	struct output output = lubench(world, "compare", source, "--format=json", metric, NULL);
	json_t *doc = output_json(&output);

	output_clear(&output);
	return doc;
}

static const json_t *cell(const json_t *matrix, size_t row, size_t column)
{
	const json_t *line = json_array_get(json_object_get(matrix, "rows"), row);

	return json_array_get(json_object_get(line, "cells"), column);
}

static double stat(const json_t *cell, const char *metric, const char *name)
{
	const json_t *stats = json_object_get(json_object_get(cell, "metrics"), metric);

	return json_number_value(json_object_get(stats, name));
}

/* The factor is that of the medians, to the least that is not 0; rows are in order. */
static void test_numbers(void **state)
{
	json_t *matrix = matrix_of(*state, "--sweep=matrix", "--metric=blackout");
	const json_t *null = cell(matrix, 0, 1), *pause = cell(matrix, 1, 1);
	const json_t *migrate = cell(matrix, 2, 1);

	assert_true(stat(null, "blackout_ns", "median") > 19e6); /* a bound, and said to be one */
	assert_string_equal(
		json_string_value(json_array_get(
			json_object_get(
				json_object_get(json_object_get(null, "metrics"), "blackout_ns"),
				"censored"),
			0)),
		"median");
	assert_true(stat(null, "blackout_ns", "n_censored") == 4);
	assert_true(stat(pause, "blackout_ns", "median") > 490e6);
	assert_true(stat(pause, "blackout_ns", "median") < 510e6);
	assert_true(stat(pause, "blackout_ns", "ratio") == 1);
	assert_true(stat(pause, "blackout_ns", "ci_low") <= stat(pause, "blackout_ns", "median"));
	assert_int_equal(json_object_size(json_object_get(migrate, "metrics")), 0);
	assert_int_equal(json_array_size(json_object_get(pause, "ids")), 4);
	json_decref(matrix);
}

/* The same runs from the folder are the same table. */
static void test_from_runs(void **state)
{
	json_t *by_record = matrix_of(*state, "--sweep=matrix", "--metric=total");
	json_t *by_files = matrix_of(*state, "matrix", "--metric=total");
	static const char *const names[] = {"n", "median", "min", "max", "ratio"};

	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; k < G_N_ELEMENTS(names); k++)
			assert_true(stat(cell(by_record, i / 2, i % 2), "total_ns", names[k]) ==
				    stat(cell(by_files, i / 2, i % 2), "total_ns", names[k]));
	json_decref(by_record);
	json_decref(by_files);
}

/* One failure is not ok, and has its reason; n is said. */
static void test_failed_cell(void **state)
{
	struct output output = lubench(*state, "compare", "-q", "--guest=sim", "--strategies=kexec",
				       "--workloads=tick", "--set", "fault.phase=RESTORE,RESUME",
				       "-o", "failed", NULL);

	assert_int_equal(output.status, 1);
	assert_non_null(strstr(output.out, "failed (1)"));
	assert_non_null(strstr(output.out, "(1) failed in RESTORE: "));
	assert_non_null(strstr(output.out, "phase=RESUME"));
	output_clear(&output);
}

static void test_wrong(void **state)
{
	static const char *const args[][2] = {
		{"--metric=blckout", "blackout_ns"},
		{"--format=pdf", "text, md, csv, json or html"},
		{"--plot=x.gif", ".svg, .png or .pdf"},
		{"--baseline=kexec", "migrate, null, pause"},
		{"--sweep=nonesuch", "nonesuch"},
		{"nonesuch", "one of them"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(args); i++) {
		struct output output =
			lubench(*state, "compare", "--sweep=matrix", args[i][0], NULL);

		if (output.status != 2 || lines(output.err) != 1 || *output.out ||
		    !strstr(output.err, args[i][1]))
			fail_msg("%s: status %d, said: %s", args[i][0], output.status, output.err);
		output_clear(&output);
	}
	struct output output = lubench(*state, "compare", "--strategies=kexek", NULL);

	assert_int_equal(output.status, 2);
	assert_non_null(strstr(output.err, "kexek"));
	output_clear(&output);
}

static void test_picture(void **state)
{
	const struct world *world = *state;
	g_autofree char *gnuplot = g_find_program_in_path("gnuplot");
	g_autofree char *path = g_build_filename(world->dir, "m.svg", NULL), *svg = NULL;

	if (!gnuplot)
		skip();
	struct output output = lubench(world, "compare", "--sweep=matrix", "--plot=m.svg", NULL);

	assert_int_equal(output.status, 0);
	assert_true(g_file_get_contents(path, &svg, NULL, NULL));
	assert_non_null(strstr(svg, "refused"));
	assert_non_null(strstr(svg, "none seen"));
	assert_non_null(strstr(svg, "migrate"));
	output_clear(&output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),	  cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_from_runs), cmocka_unit_test(test_failed_cell),
		cmocka_unit_test(test_wrong),	  cmocka_unit_test(test_picture),
	};

	return cmocka_run_group_tests_name("bench-compare", tests, setup, world_teardown);
}
