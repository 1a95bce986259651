/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench compare of two sets of runs: what gates say, and when they cannot tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "bench/cli.h"
#include "tests/bench/command.h"

static void run(const struct world *world, const char *dir, const char *seed, const char *n,
		const char *duration, const char *label)
{
	g_autofree char *param = g_strconcat("ms=", duration, NULL);
	struct output output =
		lubench(world, "run", "--guest=sim", "-q", "--strategy=pause", "--seed", seed, "-n",
			n, "--param", param, "--label", label, "-o", dir, NULL);

	assert_int_equal(output.status, 0);
	output_clear(&output);
}

/* Alike runs twice, with other seeds; slower ones; too few. */
static int setup(void **state)
{
	world_setup(state);
	run(*state, "a", "1", "6", "500", "old");
	run(*state, "b", "101", "6", "500", "new");
	run(*state, "slow", "1", "6", "550", "slow");
	run(*state, "few", "201", "2", "550", "few");
	return 0;
}

static void expect_comparison(const struct world *world, const char *a, const char *b,
			      const char *gate, int status)
{
	g_autofree char *from = g_strconcat("--a=", a, NULL), *to = g_strconcat("--b=", b, NULL);
	g_autofree char *fail_if = g_strconcat("--fail-if=", gate, NULL);
	struct output output = lubench(world, "compare", from, to, fail_if, NULL);

	if (output.status != status)
		fail_msg("%s, %s, %s: status %d, not %d:\n%s%s", a, b, gate, output.status, status,
			 output.out, output.err);
	output_clear(&output);
}

static void test_gates(void **state)
{
	expect_comparison(*state, "a", "b", "blackout > 1.05", 0);
	expect_comparison(*state, "a", "slow", "blackout > 1.05", 1);
	expect_comparison(*state, "a", "slow", "blackout>1.2", 0);
	expect_comparison(*state, "slow", "a", "blackout > 1.05", 0);
	expect_comparison(*state, "slow", "a", "blackout < 0.95", 1);
	expect_comparison(*state, "a", "few", "blackout > 1.05", 3); /* no interval of two */
}

static double detectable_without_gate(const struct world *world)
{
	struct output output =
		lubench(world, "compare", "--a=a", "--b=slow", "--format=json", NULL);
	json_auto_t *doc = output_json(&output);

	output_clear(&output);
	return json_number_value(
		json_object_get(json_array_get(json_object_get(doc, "metrics"), 0), "detectable"));
}

static void test_numbers(void **state)
{
	struct output output =
		lubench(*state, "compare", "--a=a", "--b=slow", "--format=json",
			"--fail-if=blackout > 1.05", "--metric=total,blackout", NULL);
	json_auto_t *doc = output_json(&output);
	const json_t *blackout = json_array_get(json_object_get(doc, "metrics"), 1);
	double ratio = json_number_value(json_object_get(blackout, "ratio"));

	assert_int_equal(json_array_size(json_object_get(doc, "metrics")), 2);
	assert_string_equal(lu_cli_get_str(blackout, "metric"), "blackout_ns");
	assert_true(ratio > 1.09 && ratio < 1.11);
	assert_true(json_number_value(json_object_get(blackout, "low")) > 1.05);
	assert_true(json_number_value(json_object_get(blackout, "p")) < 0.005);
	assert_true(json_number_value(json_object_get(blackout, "detectable")) > 1.05);
	/* what the gate allows has to be gone beyond */
	assert_float_equal(json_number_value(json_object_get(blackout, "detectable")) /
				   detectable_without_gate(*state),
			   1.05, 1e-9);
	assert_non_null(strstr(lu_cli_get_str(doc, "differ"), "ms (500, 550)"));
	assert_string_equal(lu_cli_get_str(doc, "verdict"), "fails");
	output_clear(&output);
}

/* Labels among runs that are named. */
static void test_labels(void **state)
{
	struct output output = lubench(*state, "compare", "--a=old", "--b=slow", "a", "b", "slow",
				       "--fail-if=blackout > 1.05", NULL);

	assert_int_equal(output.status, 1);
	output_clear(&output);
	output = lubench(*state, "compare", "--a=old", "--b=nonesuch", "a", "b", NULL);
	assert_int_equal(output.status, 2);
	assert_non_null(strstr(output.err, "nonesuch"));
	output_clear(&output);
}

/* Labels of saved runs are names like IDs. */
static void test_saved_labels(void **state)
{
	const struct world *world = *state;

	run(world, world->runs, "1", "6", "500", "saved-old");
	run(world, world->runs, "101", "6", "550", "saved-new");
	expect_comparison(world, "saved-old", "saved-new", "blackout > 1.05", 1);
	struct output output = lubench(world, "show", "--json", "saved-old", NULL);
	json_auto_t *doc = output_json(&output);

	assert_int_equal(json_array_size(json_object_get(doc, "groups")), 1);
	output_clear(&output);
}

/* What is no sample, or not asked for in a way that can be. */
static void test_wrong(void **state)
{
	static const char *const args[][4] = {
		{"--a=a", "--b=b", "--fail-if=blackout", "METRIC > FACTOR"},
		{"--a=a", "--b=b", "--fail-if=blckout > 2", "blckout"},
		{"--a=a", "--b=b", "--fail-if=blackout > 0", "above 0"},
		{"--a=a", "--b=b", "--effect=0.5", "above 1"},
		{"--a=a", "--fail-if=blackout > 1.05", "-q", "go together"},
		{"--a=a", "--b=a", "-q", "both sides"},
		{"--a=a", "--b=b", "--paired", "share a seed"},
		{"--a=.", "--b=b", "-q", "no result"},
		{"--run", "kexec-redis", "--repeat=2", "two scenarios"},
		{"--run", "--a=a", "--b=b", "one of them"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(args); i++) {
		struct output output =
			lubench(*state, "compare", args[i][0], args[i][1], args[i][2], NULL);

		if (output.status != 2 || lines(output.err) != 1 || *output.out ||
		    !strstr(output.err, args[i][3]))
			fail_msg("%s %s %s: status %d, said: %s", args[i][0], args[i][1],
				 args[i][2], output.status, output.err);
		output_clear(&output);
	}
}

/* A folder of two kinds of runs is no side, and it is said in what they differ. */
static void test_unlike_side(void **state)
{
	run(*state, "two", "1", "4", "500", "x");
	run(*state, "two", "1", "4", "700", "x");
	struct output output = lubench(*state, "compare", "--a=two", "--b=b", NULL);

	assert_int_equal(output.status, 2);
	assert_true(strstr(output.err, "ms (500, 700)") || strstr(output.err, "ms (700, 500)"));
	output_clear(&output);
}

/* Copies of a folder's runs in which one thing is another. */
static void copy_edited(const struct world *world, const char *from, const char *to,
			void (*edit)(json_t *result))
{
	g_autofree char *dir = g_build_filename(world->dir, from, NULL);
	g_autofree char *other = g_build_filename(world->dir, to, NULL);
	g_autoptr(GPtrArray) names = folder(dir);

	assert_int_equal(g_mkdir_with_parents(other, 0755), 0);
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autofree char *path = g_build_filename(dir, name, NULL);
		g_autofree char *copy = g_build_filename(other, name, NULL);

		if (!g_str_has_suffix(name, ".json"))
			continue;
		json_auto_t *result = json_load_file(path, 0, NULL);

		edit(result);
		assert_int_equal(json_dump_file(result, copy, 0), 0);
	}
}

static void on_another_cpu(json_t *result)
{
	json_object_set_new(lu_cli_get(result, "environment.host"), "cpu", json_string("other"));
}

static void test_other_hosts(void **state)
{
	copy_edited(*state, "slow", "elsewhere", on_another_cpu);
	expect_comparison(*state, "a", "elsewhere", "blackout > 1.05", 3);
	struct output output = lubench(*state, "compare", "--a=a", "--b=elsewhere", "--mixed",
				       "--fail-if=blackout > 1.05", NULL);

	assert_int_equal(output.status, 1);
	assert_non_null(strstr(output.out, "different hosts: host_cpu ("));
	output_clear(&output);
}

static void as_failed(json_t *result)
{
	if (lu_cli_get_int(result, "plan.seed", 0) == 101)
		json_object_set_new(result, "outcome", json_string("failed"));
}

/* Medians of the rest do not make up for a run that failed. */
static void test_a_failed_run_fails(void **state)
{
	copy_edited(*state, "b", "one-failed", as_failed);
	expect_comparison(*state, "a", "one-failed", "blackout > 1.05", 1);
}

/* Below the floor on both sides nothing is known of a factor. */
static void test_censored_cannot_tell(void **state)
{
	for (int i = 0; i < 2; i++) {
		struct output output =
			lubench(*state, "run", "--guest=sim", "-q", "--strategy=null", "-n", "5",
				i ? "--seed=50" : "--seed=1", "-o", i ? "null-b" : "null-a", NULL);

		assert_int_equal(output.status, 0);
		output_clear(&output);
	}
	expect_comparison(*state, "null-a", "null-b", "blackout > 1.05", 3);
	expect_comparison(*state, "null-a", "a", "blackout > 1.05", 1); /* 20 ms at most, 500 ms */
	expect_comparison(*state, "a", "null-b", "blackout > 1.05",
			  0); /* whatever it is, it is less */
}

static char *scenario(const struct world *world, const char *name, int duration_ms)
{
	g_autofree char *text = g_strdup_printf("{\"strategy\": \"pause\", \"guest\": \"sim\", "
						"\"strategy_params\": {\"ms\": %d}}",
						duration_ms);

	return world_file(world, name, text);
}

/* Pairs that share a seed, in random order, are kept with labels and can be read again. */
static void test_run(void **state)
{
	const struct world *world = *state;
	g_autofree char *a = scenario(world, "before.json", 500),
			*b = scenario(world, "after.json", 550);
	struct output output = lubench(world, "compare", "--run", a, b, "--repeat=6", "-q", "-o",
				       "pairs", "--fail-if=blackout > 1.05", "--format=json", NULL);
	json_auto_t *doc = output_json(&output);

	assert_int_equal(output.status, 1);
	assert_string_equal(lu_cli_get_str(doc, "design"), "paired");
	assert_int_equal(
		lu_cli_get_int(json_array_get(json_object_get(doc, "metrics"), 0), "n_a", 0), 6);
	output_clear(&output);
	output = lubench(world, "compare", "--a=before", "--b=after", "--paired", "pairs",
			 "--fail-if=blackout > 1.05", "--format=json", NULL);
	json_auto_t *again = output_json(&output);

	assert_true(json_equal(json_object_get(doc, "metrics"), json_object_get(again, "metrics")));
	output_clear(&output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gates),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_saved_labels),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_unlike_side),
		cmocka_unit_test(test_other_hosts),
		cmocka_unit_test(test_a_failed_run_fails),
		cmocka_unit_test(test_censored_cannot_tell),
		cmocka_unit_test(test_run),
	};

	return cmocka_run_group_tests(tests, setup, world_teardown);
}
