/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench run on the simulated guest: documents, files, exit codes, signals. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "tests/bench/command.h"
#include "tests/kit/guard.h"

static const char *outcome_of(const json_t *doc)
{
	return json_string_value(json_object_get(doc, "outcome"));
}

static json_int_t metric(const json_t *doc, const char *name)
{
	const json_t *value = json_object_get(json_object_get(doc, "metrics"), name);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

/* Every result has its timeline and there is nothing else. Returns the number of results. */
static guint count_results(const char *dir)
{
	g_autoptr(GPtrArray) names = folder(dir);
	guint results = 0;

	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autofree char *path = g_build_filename(dir, name, NULL);

		if (!g_str_has_suffix(name, ".json")) {
			assert_true(g_str_has_suffix(name, ".timeline.jsonl"));
			continue;
		}
		json_t *doc = json_load_file(path, 0, NULL);

		assert_non_null(doc);
		json_decref(doc);
		results++;
	}
	assert_int_equal(names->len, 2 * results);
	return results;
}

/* It runs where the guest is real, and says that it is the simulator that lacks something. */
static bool not_simulated(const struct output *output, const json_t *doc)
{
	const char *reason = json_string_value(json_object_get(doc, "reason"));

	return output->status == 4 && !g_strcmp0(outcome_of(doc), "unsupported") && reason &&
	       strstr(reason, "the simulator");
}

static bool is_good(const struct output *output, const json_t *doc)
{
	return !output->status && !g_strcmp0(outcome_of(doc), "ok");
}

static void expect_default_run(const struct world *world, const char *strategy)
{
	struct output output =
		lubench(world, "run", "--guest=sim", "--json", "--strategy", strategy, NULL);
	json_t *doc = output_json(&output);

	if (!is_good(&output, doc) && !not_simulated(&output, doc))
		fail_msg("%s: status %d, outcome %s: %s", strategy, output.status, outcome_of(doc),
			 output.err);
	assert_int_equal(json_integer_value(json_object_get(doc, "schema_version")), 1);
	json_decref(doc);
	output_clear(&output);
}

/* With nothing but its name. */
static void test_every_strategy_runs(void **state)
{
	struct output output = lubench(*state, "list", "--json", "strategies", NULL);
	json_t *doc = output_json(&output), *strategy;
	const json_t *strategies = json_object_get(doc, "strategies");
	size_t i;

	assert_true(json_array_size(strategies) > 5);
	json_array_foreach(strategies, i, strategy)
		expect_default_run(*state, json_string_value(json_object_get(strategy, "name")));
	json_decref(doc);
	output_clear(&output);
}

static void test_null_and_pause_blackouts(void **state)
{
	struct output null =
		lubench(*state, "run", "--guest=sim", "--json", "-q", "--strategy=null", NULL);
	struct output pause = lubench(*state, "run", "--guest=sim", "--json", "-q",
				      "--strategy=pause", "--param", "ms=500", NULL);
	json_t *null_doc = output_json(&null), *pause_doc = output_json(&pause);
	json_int_t interval_ns = metric(pause_doc, "steady_interval_ns");

	assert_int_equal(metric(null_doc, "blackout_ns"), 0);
	assert_true(llabs(metric(pause_doc, "blackout_ns") - 500000000LL) <=
		    2000000LL + interval_ns);
	assert_string_equal(null.err, "");
	json_decref(null_doc);
	json_decref(pause_doc);
	output_clear(&null);
	output_clear(&pause);
}

static void test_result_is_saved(void **state)
{
	const struct world *world = *state;
	g_autofree char *dir = g_build_filename(world->dir, "saved", NULL);
	struct output output = lubench(world, "run", "--guest=sim", "--strategy=kexec", "--json",
				       "--output", dir, NULL);
	json_t *doc = output_json(&output);
	g_autofree char *file =
		g_strconcat(json_string_value(json_object_get(json_object_get(doc, "run"), "id")),
			    ".json", NULL);
	g_autofree char *path = g_build_filename(dir, file, NULL);
	json_t *saved = json_load_file(path, 0, NULL);

	assert_int_equal(count_results(dir), 1);
	assert_true(json_equal(doc, saved));
	json_decref(saved);
	json_decref(doc);
	output_clear(&output);
}

static void test_summary_for_people(void **state)
{
	struct output output = lubench(*state, "run", "--guest=sim", "--strategy=kexec", NULL);

	assert_int_equal(output.status, 0);
	assert_non_null(strstr(output.out, "outcome     ok"));
	assert_non_null(strstr(output.out, " → "));
	assert_non_null(strstr(output.out, "RESTORE"));
	assert_non_null(strstr(output.out, "lubench plot last"));
	/* Not a terminal: progress is plain lines. */
	assert_non_null(strstr(output.err, "PRESERVE"));
	assert_null(strchr(output.err, '\r'));
	output_clear(&output);
}

static void test_repeat(void **state)
{
	const struct world *world = *state;
	g_autofree char *dir = g_build_filename(world->dir, "repeat", NULL);
	struct output output = lubench(world, "run", "--guest=sim", "--strategy=pause", "--json",
				       "-q", "--repeat=5", "--seed=11", "-o", dir, NULL);
	json_t *doc = output_json(&output), *results = json_object_get(doc, "results"), *result;
	const json_t *summary = json_object_get(doc, "summary");
	const json_t *stats = json_object_get(json_object_get(summary, "metrics"), "blackout_ns");
	size_t i;

	assert_int_equal(output.status, 0);
	assert_int_equal(json_array_size(results), 5);
	json_array_foreach(results, i, result) assert_int_equal(
		json_integer_value(json_object_get(json_object_get(result, "plan"), "seed")),
		11 + (json_int_t)i);
	assert_int_equal(json_integer_value(json_object_get(summary, "good")), 5);
	double median = json_number_value(json_object_get(stats, "median"));

	assert_true(json_number_value(json_object_get(stats, "ci_low")) <= median);
	assert_true(json_number_value(json_object_get(stats, "ci_high")) >= median);
	assert_true(json_number_value(json_object_get(stats, "min")) <= median);
	assert_int_equal(count_results(dir), 5);
	json_decref(doc);
	output_clear(&output);
}

static void test_faults(void **state)
{
	static const struct {
		const char *fault;
		bool rolled_back;
	} cases[] = {{"PREPARE", true},
		     {"freeze:before", true},
		     {"PRESERVE", true},
		     {"SWITCH", false},
		     {"RESTORE:error", false}};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct output output = lubench(*state, "run", "--guest=sim", "--strategy=kexec",
					       "--json", "-q", "--fault", cases[i].fault, NULL);
		json_t *doc = output_json(&output);

		assert_int_equal(output.status, 1);
		assert_string_equal(outcome_of(doc), "failed");
		assert_int_equal(json_is_true(json_object_get(doc, "rolled_back")),
				 cases[i].rolled_back);
		json_decref(doc);
		output_clear(&output);
	}
}

static void test_dry_run_is_a_scenario(void **state)
{
	const struct world *world = *state;
	struct output first = lubench(world, "run", "--strategy=kexec", "--rate=50", "--dry-run",
				      "--param", "checksum=on", "--guest=sim", NULL);
	g_autofree char *path = world_file(world, "plan.json", first.out);
	struct output second = lubench(world, "run", "--dry-run", path, NULL);
	json_t *plan = output_json(&first);

	assert_int_equal(first.status, 0);
	assert_int_equal(second.status, 0);
	/* The same document, and the same hash on stderr. */
	assert_string_equal(first.out, second.out);
	assert_string_equal(first.err, second.err);
	assert_true(json_is_true(
		json_object_get(json_object_get(plan, "strategy_params"), "checksum")));
	json_decref(plan);
	output_clear(&first);
	output_clear(&second);
}

static void test_named_scenario(void **state)
{
	struct output output = lubench(*state, "run", "kexec-tick", "--guest=sim", "-q", NULL);

	assert_int_equal(output.status, 0);
	output_clear(&output);
}

static void test_output_that_cannot_be(void **state)
{
	const struct world *world = *state;
	g_autofree char *path = world_file(world, "a-file", "");
	struct output output = lubench(world, "run", "--guest=sim", "--strategy=null", "-q",
				       "--output", path, NULL);

	assert_int_equal(output.status, 2);
	assert_int_equal(lines(output.err), 1);
	assert_non_null(strstr(output.err, "--output"));
	output_clear(&output);
}

static void test_nothing_left_in_tmp(void **state)
{
	const struct world *world = *state;
	struct output output = lubench(world, "run", "--guest=sim", "--strategy=kexec", "-q", NULL);
	g_autoptr(GPtrArray) names = folder(world->tmp);

	assert_int_equal(output.status, 0);
	assert_int_equal(names->len, 0);
	output_clear(&output);
}

/* A name of the user's own, which is no part of the plan. */
static void test_label(void **state)
{
	static const char *const wrong[] = {"--label=", "--label=a/b", "--label=a b"};
	struct output with = lubench(*state, "run", "--guest=sim", "--strategy=null", "--json",
				     "-q", "--label=before", NULL);
	struct output without =
		lubench(*state, "run", "--guest=sim", "--strategy=null", "--json", "-q", NULL);
	json_auto_t *a = output_json(&with), *b = output_json(&without);

	assert_string_equal(json_string_value(json_object_get(json_object_get(a, "run"), "label")),
			    "before");
	assert_null(json_object_get(json_object_get(b, "run"), "label"));
	assert_true(json_equal(json_object_get(a, "plan"), json_object_get(b, "plan")));
	output_clear(&with);
	output_clear(&without);
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		struct output output =
			lubench(*state, "run", "--guest=sim", "--strategy=null", wrong[i], NULL);

		assert_int_equal(output.status, 2);
		assert_non_null(strstr(output.err, "--label"));
		output_clear(&output);
	}
}

/* A result is a scenario: of its plan. Flags go over it as over any other. */
static void test_run_of_a_result(void **state)
{
	const struct world *world = *state;
	struct output output = lubench(world, "run", "--guest=sim", "--strategy=kexec", "--json",
				       "-q", "--seed=7", "--param", "state_mb=9", NULL);
	json_auto_t *first = output_json(&output);
	g_autofree char *path = world_file(world, "a-result.json", output.out);

	output_clear(&output);
	output = lubench(world, "run", path, "--json", "-q", NULL);
	json_auto_t *again = output_json(&output);

	assert_string_equal(json_string_value(json_object_get(first, "plan_hash")),
			    json_string_value(json_object_get(again, "plan_hash")));
	output_clear(&output);
	output = lubench(world, "run", path, "--dry-run", "--seed=8", NULL);
	json_auto_t *plan = output_json(&output);

	assert_int_equal(json_integer_value(json_object_get(plan, "seed")), 8);
	output_clear(&output);
}

/* Where results went elsewhere, "last" is another run. */
static void test_next_names_the_run(void **state)
{
	static const char *const dirs[] = {"elsewhere", "else where"};

	for (size_t i = 0; i < G_N_ELEMENTS(dirs); i++) {
		struct output output = lubench(*state, "run", "--guest=sim", "--strategy=kexec",
					       "-q", "-o", dirs[i], NULL);
		g_autofree char *due =
			g_strdup_printf("lubench plot %s%s/2", i ? "'" : "", dirs[i]);

		assert_non_null(strstr(output.out, due));
		output_clear(&output);
	}
	struct output output =
		lubench(*state, "run", "--guest=sim", "--strategy=kexec", "-q", NULL);

	assert_non_null(strstr(output.out, "lubench plot last"));
	output_clear(&output);
}

static void wait_for_a_result(const char *dir)
{
	gint64 deadline = g_get_monotonic_time() + GUARD_MS * G_TIME_SPAN_MILLISECOND;

	while (g_get_monotonic_time() < deadline) {
		g_autoptr(GPtrArray) names = folder(dir);

		if (names->len >= 2)
			return;
		g_usleep(1000);
	}
	fail_msg("no result in %s", dir);
}

/* What was saved is told, of how many that were asked for. */
static void expect_what_was_saved(const char *printed, const char *dir)
{
	json_auto_t *doc = json_loads(printed, 0, NULL);

	assert_int_equal(json_array_size(json_object_get(doc, "results")), count_results(dir));
	assert_int_equal(json_integer_value(json_object_get(doc, "asked_for")), 10000);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(doc, "summary"), "runs")),
		count_results(dir));
}

static void test_signals_end_the_rest(void **state)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGKILL};
	const struct world *world = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(signals); i++) {
		g_autofree char *name = g_strdup_printf("signal-%d", signals[i]);
		g_autofree char *dir = g_build_filename(world->dir, name, NULL);
		g_autofree char *out = g_build_filename(world->dir, "out", NULL);
		g_autofree char *printed = NULL;
		GPid pid = lubench_start(world, "run", "--guest=sim", "--strategy=kexec", "--json",
					 "-q", "--repeat=10000", "-o", dir, NULL);

		wait_for_a_result(dir);
		assert_int_equal(kill(pid, signals[i]), 0);
		assert_int_equal(lubench_wait(pid), 128 + signals[i]);
		assert_true(g_file_get_contents(out, &printed, NULL, NULL));
		/* SIGKILL may fall between the two names of one result: then
		 * the timeline is alone. */
		if (signals[i] == SIGKILL) {
			assert_string_equal(printed, "");
			continue;
		}
		expect_what_was_saved(printed, dir);
		assert_true(count_results(dir) >= 1);
		g_autofree char *err = g_build_filename(world->dir, "err", NULL), *said = NULL;
		g_autofree char *due =
			g_strdup_printf("of 10000 runs, which are saved in %s\n", dir);

		assert_true(g_file_get_contents(err, &said, NULL, NULL));
		assert_true(g_str_has_suffix(said, due));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_strategy_runs),
		cmocka_unit_test(test_null_and_pause_blackouts),
		cmocka_unit_test(test_result_is_saved),
		cmocka_unit_test(test_summary_for_people),
		cmocka_unit_test(test_repeat),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_dry_run_is_a_scenario),
		cmocka_unit_test(test_named_scenario),
		cmocka_unit_test(test_output_that_cannot_be),
		cmocka_unit_test(test_nothing_left_in_tmp),
		cmocka_unit_test(test_label),
		cmocka_unit_test(test_run_of_a_result),
		cmocka_unit_test(test_next_names_the_run),
		cmocka_unit_test(test_signals_end_the_rest),
	};

	return cmocka_run_group_tests_name("bench-run", tests, world_setup, world_teardown);
}
