/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench image fit: the line through simulated runs is the flash's, and a picture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "tests/bench/command.h"

static void simulate(const struct world *world, const char *flash, const char *size,
		     const char *form)
{
	struct output output = lubench(world, "run", "--guest=sim", "-q", "--strategy=image", "-o",
				       "sizes", "--timeout=100000", "--param", flash, "--param",
				       size, "--param", form, NULL);

	assert_int_equal(output.status, 0);
	output_clear(&output);
}

static int setup(void **state)
{
	static const char *const sizes[] = {"image_mb=128", "image_mb=256", "image_mb=512"};

	world_setup(state);
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		simulate(*state, "flash=compactflash", sizes[i], "dedup=on");
		simulate(*state, "flash=nvme", sizes[i], "dedup=on");
		simulate(*state, "flash=nvme", sizes[i], "lazy=on");
	}
	return 0;
}

/* Of the second table: "| flash | form | a | slope | R | R of the modelled flash | …" */
static void check_line(const char *text, const char *begin, double rate)
{
	const char *line = strstr(strstr(text, "R of the modelled flash"), begin);
	double a, slope, fitted, modelled, r2;

	assert_non_null(line);
	assert_int_equal(sscanf(line + strlen(begin), "%lf | %lf | %lf | %lf | %lf", &a, &slope,
				&fitted, &modelled, &r2),
			 5);
	assert_true(modelled > rate * 0.99 && modelled < rate * 1.01);
	assert_true(fitted > rate * 0.97 && fitted < rate * 1.03);
	assert_true(r2 > 0.99);
	assert_true(a > 0);
}

static void test_fit(void **state)
{
	struct output output = lubench(*state, "image", "fit", "sizes", NULL);

	assert_int_equal(output.status, 0);
	check_line(output.out, "\n| compactflash | raw | ", 15.67);
	check_line(output.out, "\n| nvme | raw | ", 700);
	assert_non_null(strstr(output.out, "\n| nvme | lazy | 256 "));
	output_clear(&output);
}

/* For programs: by names, in the units that the columns say. */
static void test_json(void **state)
{
	struct output output = lubench(*state, "image", "fit", "--format=json", "sizes", NULL);
	json_t *doc = output_json(&output), *tables = json_object_get(doc, "tables");
	const json_t *points = json_object_get(json_array_get(tables, 0), "rows");
	const json_t *lines = json_object_get(json_array_get(tables, 1), "rows");
	const json_t *raw = json_array_get(lines, 0);

	assert_int_equal(output.status, 0);
	assert_int_equal(json_array_size(points), 9);
	assert_int_equal(json_array_size(lines), 3);
	assert_string_equal(json_string_value(json_object_get(raw, "flash")), "compactflash");
	assert_true(json_number_value(json_object_get(raw, "model_mb_s")) > 15.5);
	assert_true(json_number_value(json_object_get(raw, "model_mb_s")) < 15.9);
	json_decref(doc);
	output_clear(&output);
}

static void test_picture(void **state)
{
	const struct world *world = *state;
	struct output output = lubench(world, "image", "fit", "-o", "sizes.svg", "sizes", NULL);
	g_autofree char *path = g_build_filename(world->dir, "sizes.svg", NULL);
	g_autofree char *picture = NULL;
	g_autofree char *gnuplot = g_find_program_in_path("gnuplot");

	if (!gnuplot) {
		assert_int_equal(output.status, 4);
	} else {
		assert_int_equal(output.status, 0);
		assert_true(g_file_get_contents(path, &picture, NULL, NULL));
		assert_non_null(strstr(picture, "compactflash"));
	}
	output_clear(&output);
}

static void expect_usage(struct output output, const char *words)
{
	assert_int_equal(output.status, 2);
	assert_int_equal(lines(output.err), 1);
	if (!strstr(output.err, words))
		fail_msg("'%s' does not say '%s'", output.err, words);
	output_clear(&output);
}

static void test_usage(void **state)
{
	expect_usage(lubench(*state, "image", "fit", NULL), "folder");
	expect_usage(lubench(*state, "image", "fit", "not-there", NULL), "no such folder");
	expect_usage(lubench(*state, "image", "fit", ".", NULL), "no good run of strategy image");
	expect_usage(lubench(*state, "image", "fit", "-o", "x.gif", "sizes", NULL), ".svg");
	expect_usage(lubench(*state, "image", "fit", "--colour", "sizes", NULL), "colour");
	expect_usage(lubench(*state, "image", "fit", "--format=pdf", "sizes", NULL), "html");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fit),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_picture),
		cmocka_unit_test(test_usage),
	};

	return cmocka_run_group_tests(tests, setup, world_teardown);
}
