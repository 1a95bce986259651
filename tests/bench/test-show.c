/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench show and plot: naming runs, comparing, recomputing, pictures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "tests/bench/command.h"

/* Three runs each of two strategies, in folders of their own, and one failed run
 * as the last one saved. */
static int setup(void **state)
{
	world_setup(state);
	for (int i = 0; i < 2; i++) {
		struct output output = lubench(*state, "run", "--guest=sim", "-q", "--repeat=3",
					       "-o", i ? "script" : "kexec",
					       i ? "--strategy=script" : "--strategy=kexec", NULL);

		assert_int_equal(output.status, 0);
		output_clear(&output);
	}
	struct output output = lubench(*state, "run", "--guest=sim", "-q", "--strategy=kexec",
				       "--fault=RESTORE", NULL);

	assert_int_equal(output.status, 1);
	output_clear(&output);
	return 0;
}

static void test_show_last(void **state)
{
	struct output output = lubench(*state, "show", NULL);

	assert_int_equal(output.status, 0);
	assert_non_null(strstr(output.out, "failed in RESTORE"));
	output_clear(&output);
}

static void test_show_by_id(void **state)
{
	const struct world *world = *state;
	g_autoptr(GPtrArray) names = folder(world->runs);
	g_autofree char *id = g_strndup(g_ptr_array_index(names, 0), 24);
	struct output output = lubench(world, "show", "--json", id, NULL);
	json_t *doc = output_json(&output);

	assert_int_equal(output.status, 0);
	assert_string_equal(json_string_value(json_object_get(doc, "outcome")), "failed");
	json_decref(doc);
	output_clear(&output);
}

static void test_recompute_agrees(void **state)
{
	struct output as_saved = lubench(*state, "show", "--json", NULL);
	struct output again = lubench(*state, "show", "--json", "--recompute", NULL);

	assert_int_equal(again.status, 0);
	assert_string_equal(as_saved.out, again.out);
	output_clear(&as_saved);
	output_clear(&again);
}

static void test_compare(void **state)
{
	struct output output = lubench(*state, "show", "--json", "kexec", "script", NULL);
	json_t *doc = output_json(&output), *groups = json_object_get(doc, "groups");
	const json_t *first = json_array_get(json_object_get(doc, "comparisons"), 0);
	double p = json_number_value(json_object_get(first, "p"));

	assert_int_equal(json_array_size(groups), 2);
	assert_int_equal(json_array_size(json_object_get(json_array_get(groups, 0), "ids")), 3);
	assert_string_equal(json_string_value(json_object_get(first, "a")), "kexec");
	assert_string_equal(json_string_value(json_object_get(first, "b")), "script");
	assert_true(json_number_value(json_object_get(first, "ratio")) > 1);
	assert_true(p > 0 && p <= 1);
	json_decref(doc);
	output_clear(&output);
}

/* A real result of a version that knew neither interruptions nor validity, and had no timeline beside
 * it: it opens, says what it lacks, and is in tables with what it has. */
static void test_earlier_version(void **state)
{
	const char *path = LU_SOURCE_DIR "/tests/bench/earlier/before-interruptions.json";
	struct output output = lubench(*state, "show", path, NULL);
	const char *lacks = strstr(output.out, "\nlacks ");

	assert_int_equal(output.status, 0);
	assert_non_null(strstr(output.out, "outcome     ok"));
	assert_non_null(lacks);
	assert_non_null(strstr(lacks, "validity"));
	assert_non_null(strstr(lacks, "interruptions_count"));
	assert_null(strstr(lacks, "blackout_ns"));
	output_clear(&output);
	output = lubench(*state, "compare", path, "--metric=blackout", NULL);
	assert_int_equal(output.status, 0);
	assert_non_null(strstr(output.out, "n=1"));
	output_clear(&output);
	/* One of today lacks nothing. */
	output = lubench(*state, "show", NULL);
	assert_null(strstr(output.out, "\nlacks "));
	output_clear(&output);
}

static void test_show_nothing_there(void **state)
{
	static const char *const names[] = {"nonesuch", "kexec/nonesuch.json", "tmp"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		struct output output = lubench(*state, "show", names[i], NULL);

		assert_int_equal(output.status, 2);
		assert_int_equal(lines(output.err), 1);
		assert_non_null(strstr(output.err, names[i]));
		output_clear(&output);
	}
}

static void test_show_not_a_result(void **state)
{
	g_autofree char *path = world_file(*state, "other.json", "{\"schema_version\": 99}");
	struct output output = lubench(*state, "show", path, NULL);

	assert_int_equal(output.status, 2);
	assert_int_equal(lines(output.err), 1);
	assert_non_null(strstr(output.err, "schema_version"));
	output_clear(&output);
}

static void expect_picture(const struct world *world, const char *file, const char *magic)
{
	g_autofree char *path = g_build_filename(world->dir, file, NULL);
	g_autofree char *bytes = NULL;
	gsize size;

	assert_true(g_file_get_contents(path, &bytes, &size, NULL));
	assert_true(size > 2000);
	assert_non_null(g_strstr_len(bytes, 200, magic));
}

static void test_pictures(void **state)
{
	static const char *const formats[][2] = {
		{"run.svg", "<svg"}, {"run.png", "PNG"}, {"run.pdf", "%PDF"}};
	static const char *const kinds[] = {"--kind=bars", "--kind=cdf", "--kind=ccdf"};
	g_autofree char *gnuplot = g_find_program_in_path("gnuplot");

	if (!gnuplot)
		skip();
	for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
		struct output one = lubench(*state, "plot", "last", "-o", formats[i][0], NULL);

		assert_int_equal(one.status, 0);
		expect_picture(*state, formats[i][0], formats[i][1]);
		output_clear(&one);
		one = lubench(*state, "plot", "kexec", "script", "-o", formats[i][0], NULL);
		assert_int_equal(one.status, 0);
		expect_picture(*state, formats[i][0], formats[i][1]);
		output_clear(&one);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		struct output one =
			lubench(*state, "plot", "kexec", "script", kinds[i], "-o", "a.svg", NULL);

		assert_int_equal(one.status, 0);
		expect_picture(*state, "a.svg", "<svg");
		output_clear(&one);
	}
}

static void test_kinds_that_do_not_go(void **state)
{
	static const char *const wrong[][3] = {
		{"--kind=pie", "kexec", "auto, timeline, bars, cdf, ccdf"},
		{"--kind=timeline", "kexec", "draws one run"},
		{"--class=read", "kexec", "--kind=cdf and --kind=ccdf"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		struct output output =
			lubench(*state, "plot", wrong[i][0], wrong[i][1], "script", NULL);

		assert_int_equal(output.status, 2);
		assert_int_equal(lines(output.err), 1);
		assert_non_null(strstr(output.err, wrong[i][2]));
		output_clear(&output);
	}
	struct output both =
		lubench(*state, "plot", "--kind=bars", "--model=precopy", "last", NULL);

	assert_int_equal(both.status, 2);
	assert_non_null(strstr(both.err, "allowed is one of them"));
	output_clear(&both);
}

/* Every request is in the picture's data, the lost ones too, and every phase has a band. */
static void test_script_holds_the_run(void **state)
{
	struct output shown = lubench(*state, "show", "--json", NULL);
	struct output script = lubench(*state, "plot", "--script", NULL);
	json_t *doc = output_json(&shown);
	json_int_t requests =
		json_integer_value(json_object_get(json_object_get(doc, "metrics"), "requests"));
	static const char *const kinds[] = {"PREPARE", "FREEZE", "PRESERVE", "SWITCH", "RESTORE"};
	unsigned points = 0;
	bool inside = false;
	g_auto(GStrv) each = g_strsplit(script.out, "\n", -1);

	for (char **line = each; *line; line++) {
		if (g_str_has_suffix(*line, "<< EOD"))
			inside = true;
		else if (strcmp(*line, "EOD") == 0)
			inside = false;
		else
			points += inside;
	}
	assert_int_equal(points, requests);
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autofree char *label = g_strdup_printf("set label \"%s\"", kinds[i]);

		assert_non_null(strstr(script.out, label));
	}
	json_decref(doc);
	output_clear(&shown);
	output_clear(&script);
}

static void test_wrong_suffix(void **state)
{
	struct output output = lubench(*state, "plot", "last", "--output", "run.gif", NULL);

	assert_int_equal(output.status, 2);
	assert_int_equal(lines(output.err), 1);
	assert_non_null(strstr(output.err, ".svg, .png or .pdf"));
	output_clear(&output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_show_last),
		cmocka_unit_test(test_show_by_id),
		cmocka_unit_test(test_recompute_agrees),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_earlier_version),
		cmocka_unit_test(test_show_nothing_there),
		cmocka_unit_test(test_show_not_a_result),
		cmocka_unit_test(test_pictures),
		cmocka_unit_test(test_kinds_that_do_not_go),
		cmocka_unit_test(test_script_holds_the_run),
		cmocka_unit_test(test_wrong_suffix),
	};

	return cmocka_run_group_tests_name("bench-show", tests, setup, world_teardown);
}
