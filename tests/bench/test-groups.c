/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which runs are pooled: alike ones only, each once, and in the simulator no seed twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "bench/cli.h"
#include "tests/bench/command.h"

/* The same four runs twice, each time anew. */
static int setup(void **state)
{
	world_setup(state);
	for (int i = 0; i < 2; i++) {
		struct output output =
			lubench(*state, "run", "--guest=sim", "-q", "--strategy=pause", "-n", "4",
				"-o", i ? "again" : "first", NULL);

		assert_int_equal(output.status, 0);
		output_clear(&output);
	}
	return 0;
}

/* Path of a folder's first result; caller frees. */
static char *result_in(const struct world *world, const char *dir)
{
	g_autofree char *path = g_build_filename(world->dir, dir, NULL);
	g_autoptr(GPtrArray) names = folder(path);

	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);

		if (g_str_has_suffix(name, ".json"))
			return g_build_filename(path, name, NULL);
	}
	fail_msg("%s: no result", path);
	return NULL;
}

/* A copy of a run in which one thing is another. Path; caller frees. */
static char *edited(const struct world *world, const char *dotted, json_t *value)
{
	g_autofree char *path = result_in(world, "first");
	json_auto_t *result = json_load_file(path, 0, NULL);
	g_auto(GStrv) keys = g_strsplit(dotted, ".", -1);
	json_t *at = result;
	guint last = g_strv_length(keys) - 1;

	for (guint i = 0; i < last; i++)
		at = json_object_get(at, keys[i]);
	json_object_set_new(at, keys[last], value);
	char *text = json_dumps(result, 0);
	char *copy = world_file(world, "edited.json", text);

	free(text);
	return copy;
}

static json_t *show(const struct world *world, const char *a, const char *b)
{
	struct output output = lubench(world, "show", "--json", a, b, NULL);
	json_t *doc = output_json(&output);

	assert_int_equal(output.status, 0);
	output_clear(&output);
	return doc;
}

static void expect_group(const json_t *doc, size_t i, int runs, int samples)
{
	const json_t *group = json_array_get(json_object_get(doc, "groups"), i);

	assert_int_equal(lu_cli_get_int(group, "summary.runs", 0), runs);
	assert_int_equal(lu_cli_get_int(group, "summary.metrics.blackout_ns.n", 0), samples);
}

static void test_a_run_counts_once(void **state)
{
	const struct world *world = *state;
	g_autofree char *path = result_in(world, "first"), *text = NULL;

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	g_autofree char *copy = world_file(world, "copy.json", text);
	const char *const twice[] = {"first", path, copy};

	for (size_t i = 0; i < G_N_ELEMENTS(twice); i++) {
		json_auto_t *doc = show(world, "first", twice[i]);

		assert_int_equal(json_array_size(json_object_get(doc, "groups")), 1);
		expect_group(doc, 0, 4, 4);
	}
	struct output output = lubench(world, "show", path, path, NULL);

	assert_int_equal(output.status, 0);
	assert_non_null(strstr(output.err, "1 result is of runs that were given already"));
	assert_non_null(strstr(output.out, "outcome     ok")); /* one run: in full */
	output_clear(&output);
}

static void test_repeated_seeds(void **state)
{
	json_auto_t *once = show(*state, "first", "first"), *doc = show(*state, "first", "again");
	static const char *const where = "summary.metrics.blackout_ns";

	assert_int_equal(json_array_size(json_object_get(doc, "groups")), 1);
	expect_group(doc, 0, 8, 4);
	assert_true(
		json_equal(lu_cli_get(json_array_get(json_object_get(doc, "groups"), 0), where),
			   lu_cli_get(json_array_get(json_object_get(once, "groups"), 0), where)));
	struct output output = lubench(*state, "show", "first", "again", NULL);

	assert_non_null(strstr(output.out, "n = 4 of 8: 4 repeat a seed"));
	output_clear(&output);
	output = lubench(*state, "compare", "first", "again", NULL);
	assert_non_null(strstr(output.out, "n=4 of 8"));
	output_clear(&output);
}

/* In a real guest a seed does not make a run: the same one again is another sample. */
static void test_real_seeds_are_samples(void **state)
{
	g_autofree char *copy = edited(*state, "plan.guest", json_string("qemu"));
	json_auto_t *result = json_load_file(copy, 0, NULL);

	json_object_set_new(json_object_get(result, "run"), "id", json_string("another"));
	char *text = json_dumps(result, 0);
	g_autofree char *other = world_file(*state, "other.json", text);
	json_auto_t *doc = show(*state, copy, other);

	free(text);
	assert_int_equal(json_array_size(json_object_get(doc, "groups")), 1);
	expect_group(doc, 0, 2, 2);
}

static void test_unlike_runs(void **state)
{
	static const struct {
		const char *dotted, *value, *named;
	} others[] = {
		{"environment.host.cpu", "\"another processor\"", "host_cpu=another_processor"},
		{"environment.host.cpus", "999", "host_cpus=999"},
		{"environment.host.kernel", "\"0.1\"", "host_kernel=0.1"},
		{"environment.guest.kernels.new", "\"0.2\"", "new_kernel=0.2"},
		{"lubench.git", "\"0123456789ab\"", "lubench=0123456789ab"},
		{"environment.host.cpu", "null", "host_cpu=unknown"},
		{"plan.memory_mb", "77", "memory_mb=77"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
		json_t *value = json_loads(others[i].value, JSON_DECODE_ANY, NULL);
		g_autofree char *copy = edited(*state, others[i].dotted, value);
		json_auto_t *doc = show(*state, "first", copy);
		const json_t *groups = json_object_get(doc, "groups");
		const char *label = lu_cli_get_str(json_array_get(groups, 1), "label");

		if (json_array_size(groups) != 2 || !strstr(label, others[i].named))
			fail_msg("%s: %zu groups, \"%s\"", others[i].dotted,
				 json_array_size(groups), label);
		expect_group(doc, 0, 4, 4);
		expect_group(doc, 1, 1, 1);
		struct output output = lubench(*state, "compare", "first", copy, NULL);

		if (!strstr(output.out, others[i].named))
			fail_msg("compare does not say %s:\n%s", others[i].named, output.out);
		output_clear(&output);
	}
}

/* What only real guests have: accelerator, QEMU, packages. */
static void test_unlike_guests(void **state)
{
	static const char *const a =
		"{\"accelerator\": \"tcg\", \"qemu\": \"7.2.4\", \"assets\": [{\"package\": "
		"\"criu\", \"version\": \"3.17\"}], \"agent_sha256\": \"1d\", \"booted\": "
		"{\"old\": {\"kernel_sha256\": \"0d\"}, \"new\": {\"kernel_sha256\": \"0e\"}}, "
		"\"moved\": {\"to\": {\"qemu\": \"7.2.4\"}}}";
	static const char *const others[][2] = {
		{"{\"accelerator\": \"kvm\", \"qemu\": \"7.2.4\", \"assets\": [{\"package\": "
		 "\"criu\", \"version\": \"3.17\"}]}",
		 "accelerator=kvm"},
		{"{\"accelerator\": \"tcg\", \"qemu\": \"7.2.9\", \"assets\": [{\"package\": "
		 "\"criu\", \"version\": \"3.17\"}]}",
		 "qemu=7.2.9"},
		{"{\"accelerator\": \"tcg\", \"qemu\": \"7.2.4\", \"assets\": [{\"package\": "
		 "\"criu\", \"version\": \"4.0\"}]}",
		 "criu=4.0"},
		{"{\"accelerator\": \"tcg\", \"qemu\": \"7.2.4\", \"assets\": [{\"package\": "
		 "\"criu\", \"version\": \"3.17\"}], \"booted\": {\"new\": {\"kernel_sha256\": "
		 "\"0f\", \"initramfs_sha256\": \"1e\"}}}",
		 "new_kernel_sha256=0f"},
		{"{\"accelerator\": \"tcg\", \"qemu\": \"7.2.4\", \"assets\": [{\"package\": "
		 "\"criu\", \"version\": \"3.17\"}], \"agent_sha256\": \"2d\"}",
		 "agent_sha256=2d"},
		{"{\"accelerator\": \"tcg\", \"booted\": {\"old\": {\"kernel_sha256\": \"0f\"}}}",
		 "old_kernel_sha256=0f"},
		{"{\"accelerator\": \"tcg\", \"moved\": {\"to\": {\"qemu\": \"8.1\"}}}",
		 "next_qemu=8.1"},
	};
	g_autofree char *copy = edited(*state, "environment.guest", json_loads(a, 0, NULL));
	g_autofree char *one = g_strconcat(copy, ".one.json", NULL), *text = NULL;

	assert_true(g_file_get_contents(copy, &text, NULL, NULL));
	assert_true(g_file_set_contents(one, text, -1, NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
		g_autofree char *other =
			edited(*state, "environment.guest", json_loads(others[i][0], 0, NULL));
		json_auto_t *doc = show(*state, one, other);
		const json_t *groups = json_object_get(doc, "groups");

		assert_int_equal(json_array_size(groups), 2);
		const char *label = lu_cli_get_str(json_array_get(groups, 1), "label");

		if (!strstr(label, others[i][1]))
			fail_msg("\"%s\" was to say %s", label, others[i][1]);
	}
}

/* A run that ended before it had a guest is one of its plan's, whatever the others' guest was. */
static void test_ended_early(void **state)
{
	g_autofree char *copy = edited(*state, "environment.guest", json_null());
	json_auto_t *result = json_load_file(copy, 0, NULL);

	json_object_del(json_object_get(result, "environment"), "guest");
	json_object_set_new(result, "outcome", json_string("failed"));
	json_object_set_new(json_object_get(result, "run"), "id", json_string("early"));
	char *text = json_dumps(result, 0);
	g_autofree char *early = world_file(*state, "early.json", text);
	json_auto_t *doc = show(*state, early, "first");

	free(text);
	assert_int_equal(json_array_size(json_object_get(doc, "groups")), 1);
	expect_group(doc, 0, 5, 4);
}

/* A suspect run stays out unless it is asked for. */
static void test_suspect(void **state)
{
	json_t *validity = json_pack("{s:s, s:[]}", "verdict", "suspect", "reasons");
	g_autofree char *copy = edited(*state, "validity", validity);
	json_auto_t *result = json_load_file(copy, 0, NULL);

	json_object_set_new(json_object_get(result, "plan"), "seed", json_integer(99));
	json_object_set_new(json_object_get(result, "run"), "id", json_string("suspect"));
	char *text = json_dumps(result, 0);
	g_autofree char *suspect = world_file(*state, "suspect.json", text);
	json_auto_t *doc = show(*state, "first", suspect);
	struct output output = lubench(*state, "show", "first", suspect, NULL);

	free(text);
	expect_group(doc, 0, 5, 4);
	assert_non_null(strstr(output.out, "n = 4 of 5: 1 suspect"));
	output_clear(&output);
	output = lubench(*state, "show", "--json", "--with-suspect", "first", suspect, NULL);
	json_auto_t *all = output_json(&output);

	expect_group(all, 0, 5, 5);
	output_clear(&output);
	output = lubench(*state, "compare", "first", suspect, NULL);
	assert_non_null(strstr(output.out, "n=4 of 5"));
	output_clear(&output);
}

static json_int_t count_of(const json_t *doc, const char *metric)
{
	const json_t *group = json_array_get(json_object_get(doc, "groups"), 0);
	const json_t *metrics = json_object_get(json_object_get(group, "summary"), "metrics");

	return json_integer_value(json_object_get(json_object_get(metrics, metric), "n"));
}

/* What makes a blackout no headline is nothing against total time and waits. */
static void test_suspect_in_part(void **state)
{
	json_t *validity = json_pack("{s:s, s:[{s:s, s:s, s:s, s:[s, s]}]}", "verdict", "suspect",
				     "reasons", "key", "connection-darker", "what", "dark",
				     "advice", "look", "metrics", "blackout_ns", "longest_gap_ns");
	g_autofree char *copy = edited(*state, "validity", validity);
	json_auto_t *result = json_load_file(copy, 0, NULL);

	json_object_set_new(json_object_get(result, "plan"), "seed", json_integer(98));
	json_object_set_new(json_object_get(result, "run"), "id", json_string("in-part"));
	char *text = json_dumps(result, 0);
	g_autofree char *suspect = world_file(*state, "in-part.json", text);

	free(text);
	json_auto_t *doc = show(*state, "first", suspect);

	assert_int_equal(count_of(doc, "blackout_ns"), 4);
	assert_int_equal(count_of(doc, "longest_gap_ns"), 4);
	assert_int_equal(count_of(doc, "total_ns"), 5);
	assert_int_equal(count_of(doc, "p99_ns"), 5);
	struct output output = lubench(*state, "show", "first", suspect, NULL);

	assert_non_null(strstr(output.out, "1 suspect in part"));
	output_clear(&output);
	output = lubench(*state, "show", "--json", "--with-suspect", "first", suspect, NULL);
	json_auto_t *all = output_json(&output);

	assert_int_equal(count_of(all, "blackout_ns"), 5);
	output_clear(&output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_run_counts_once),
		cmocka_unit_test(test_repeated_seeds),
		cmocka_unit_test(test_real_seeds_are_samples),
		cmocka_unit_test(test_unlike_runs),
		cmocka_unit_test(test_unlike_guests),
		cmocka_unit_test(test_ended_early),
		cmocka_unit_test(test_suspect),
		cmocka_unit_test(test_suspect_in_part),
	};

	return cmocka_run_group_tests(tests, setup, world_teardown);
}
