/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare --format=csv and jsonl: a row for each run, a column for each parameter and metric. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "bench/cli.h"
#include "tests/bench/command.h"

/* Runs with another parameter each, with and without a blackout above the floor, and a refusal. */
static int setup(void **state)
{
	static const char *const strategies[] = {"pause", "null", "kexec"};

	world_setup(state);
	for (size_t i = 0; i < G_N_ELEMENTS(strategies); i++) {
		struct output output = lubench(*state, "run", "--guest=sim", "-q", "--repeat=2",
					       "-o", "runs", "--strategy", strategies[i], NULL);

		assert_int_equal(output.status, 0);
		output_clear(&output);
	}
	struct output output = lubench(*state, "run", "--guest=sim", "-q", "-o", "runs",
				       "--strategy=migrate", "--set", "fault.phase=FREEZE", NULL);

	assert_int_equal(output.status, 1);
	output_clear(&output);
	return 0;
}

/* The fields of a line without quoted ones that hold commas. */
static char **fields(const char *line)
{
	return g_strsplit(line, ",", -1);
}

static const char *field(char **names, char **values, const char *name)
{
	for (guint i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return values[i];
	fail_msg("no column %s", name);
	return NULL;
}

static json_t *jsonl(const struct world *world)
{
	struct output output = lubench(world, "compare", "runs", "--format=jsonl", NULL);
	g_auto(GStrv) lines = g_strsplit(g_strchomp(output.out), "\n", -1);
	json_t *rows = json_array();

	for (char **line = lines; *line; line++)
		json_array_append_new(rows, json_loads(*line, 0, NULL));
	output_clear(&output);
	return rows;
}

static void test_a_row_for_each_run(void **state)
{
	json_auto_t *rows = jsonl(*state);
	struct output output = lubench(*state, "compare", "runs", "--format=csv", NULL);
	g_auto(GStrv) lines = g_strsplit(output.out, "\r\n", -1);
	g_auto(GStrv) names = fields(lines[0]);

	assert_int_equal(json_array_size(rows), 7);
	assert_int_equal(g_strv_length(lines), 1 + 7 + 1); /* names, runs, the end */
	for (size_t i = 0; i < 7; i++) {
		const json_t *row = json_array_get(rows, i);

		if (!json_is_true(json_object_get(row, "good"))) /* its reason may have commas */
			continue;
		g_auto(GStrv) values = fields(lines[i + 1]);

		assert_int_equal(g_strv_length(values), g_strv_length(names));
		assert_string_equal(field(names, values, "run_id"), lu_cli_get_str(row, "run_id"));
		assert_true(g_ascii_strtod(field(names, values, "blackout_ns"), NULL) ==
			    json_number_value(json_object_get(row, "blackout_ns")));
		assert_string_equal(field(names, values, "good"), "TRUE");
	}
	output_clear(&output);
}

/* The same names in each line, and a name is there once. */
static void test_columns(void **state)
{
	json_auto_t *rows = jsonl(*state);
	const json_t *first = json_array_get(rows, 0);
	json_t *row, *value;
	const char *name;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		assert_int_equal(json_object_size(row), json_object_size(first));
		json_object_foreach(row, name, value) assert_non_null(json_object_get(first, name));
	}
	/* What guests and hosts have alike are two columns. */
	assert_non_null(json_object_get(first, "cpus"));
	assert_non_null(json_object_get(first, "host_cpus"));
	assert_non_null(json_object_get(first, "strategy_params.ms"));
}

/* The only row of both: runs begun within one second stand in no order. */
static const json_t *row_of(const json_t *rows, const char *strategy, const char *workload)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		if (g_strcmp0(lu_cli_get_str(row, "strategy"), strategy) == 0 &&
		    g_strcmp0(lu_cli_get_str(row, "workload"), workload) == 0)
			return row;
	}
	fail_msg("no row of %s with %s", strategy, workload);
	return NULL;
}

static void test_values(void **state)
{
	json_auto_t *rows = jsonl(*state);
	const json_t *pause = row_of(rows, "pause", "tick"), *null = row_of(rows, "null", "tick");
	const json_t *migrate = row_of(rows, "migrate", "tick");

	assert_true(json_is_false(json_object_get(pause, "blackout_ns.censored")));
	assert_int_equal(json_integer_value(json_object_get(pause, "strategy_params.ms")), 500);
	assert_true(json_is_null(json_object_get(null, "strategy_params.ms")));
	/* A blackout below the floor is the floor, and said to be a bound; never 0. */
	assert_true(json_is_true(json_object_get(null, "blackout_ns.censored")));
	assert_true(json_number_value(json_object_get(null, "blackout_ns")) > 19e6);
	assert_true(json_is_false(json_object_get(migrate, "good")));
	/* Never is no number. */
	assert_true(json_is_null(json_object_get(migrate, "total_ns")));
}

/* redis has reads and writes, all others requests of one class. */
static void test_classes(void **state)
{
	static const char *const asked[] = {"read.p99", "write.run.p99.9", "run.max"};
	struct output output = lubench(*state, "run", "--guest=sim", "-q", "-o", "runs",
				       "--strategy=pause", "--workload=redis", NULL);

	assert_int_equal(output.status, 0);
	output_clear(&output);
	json_auto_t *rows = jsonl(*state);
	const json_t *redis = row_of(rows, "pause", "redis");
	const json_t *other = row_of(rows, "pause", "tick");

	for (int i = 0; i < 2; i++) {
		const char *name = i ? "latency.by_class.write.run.p999_ns"
				     : "latency.by_class.read.upgrade.p99_ns";

		assert_true(json_number_value(json_object_get(redis, name)) > 100e6);
		assert_true(json_is_null(json_object_get(other, name)));
	}
	assert_true(json_is_integer(json_object_get(other, "latency.run.p50_ns")));
	assert_true(json_is_false(json_object_get(other, "p99_ns.at_least")));
	assert_null(json_object_get(other, "latency.upgrade.p50_ns"));
	for (size_t i = 0; i < G_N_ELEMENTS(asked); i++) {
		g_autofree char *metric = g_strconcat("--metric=", asked[i], NULL);

		output = lubench(*state, "compare", "runs", metric, "--format=json", NULL);
		json_auto_t *doc = output_json(&output);
		const char *name =
			json_string_value(json_array_get(json_object_get(doc, "metrics"), 0));

		assert_true(g_str_has_prefix(name, "latency."));
		assert_non_null(strstr(output.out, "\"median\""));
		output_clear(&output);
	}
	output = lubench(*state, "compare", "runs", "--metric=churn.p99", NULL);
	assert_int_equal(output.status, 2);
	assert_int_equal(lines(output.err), 1);
	assert_non_null(strstr(output.err, "read, steady, write"));
	output_clear(&output);
}

/* Requests that the client gave up waited for at least as long as its timeout. */
static void test_lower_bounds(void **state)
{
	struct output output =
		lubench(*state, "run", "--guest=sim", "-q", "-o", "given-up", "--strategy=pause",
			"--param", "ms=1500", "--set", "client.timeout_ms=1000", NULL);

	output_clear(&output);
	output = lubench(*state, "compare", "given-up", "--format=jsonl", NULL);
	json_auto_t *row = json_loads(output.out, JSON_DISABLE_EOF_CHECK, NULL);

	assert_true(json_is_true(json_object_get(row, "p99_ns.at_least")));
	assert_true(json_is_true(json_object_get(row, "max_latency_ns.at_least")));
	assert_true(json_is_true(json_object_get(row, "latency.run.max_ns.at_least")));
	assert_true(json_is_false(json_object_get(row, "p50_ns.at_least")));
	output_clear(&output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_row_for_each_run),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_lower_bounds),
	};

	return cmocka_run_group_tests(tests, setup, world_teardown);
}
