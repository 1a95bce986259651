/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line itself: help, wrong verbs and options, list, exit codes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "bench/cli.h"
#include "tests/bench/command.h"
#include "tests/kit/full.h"

static void test_no_verb(void **state)
{
	struct output output = lubench(*state, NULL);

	assert_int_equal(output.status, 2);
	assert_string_equal(output.out, "");
	assert_non_null(strstr(output.err, "Usage: lubench VERB"));
	output_clear(&output);
}

static void test_unknown_verb(void **state)
{
	struct output output = lubench(*state, "upgrade", NULL);

	assert_int_equal(output.status, 2);
	assert_int_equal(lines(output.err), 1);
	assert_non_null(strstr(output.err, "\"upgrade\""));
	assert_non_null(strstr(output.err, "run, sweep, compare, list"));
	output_clear(&output);
}

static void test_wrong_option(void **state)
{
	struct output output = lubench(*state, "run", "--stratgy=kexec", NULL);

	assert_int_equal(output.status, 2);
	assert_int_equal(lines(output.err), 1);
	assert_non_null(strstr(output.err, "--stratgy=kexec"));
	output_clear(&output);
}

static void test_run_alone_lists_strategies(void **state)
{
	struct output output = lubench(*state, "run", NULL);

	assert_int_equal(output.status, 2);
	assert_int_equal(lines(output.err), 1);
	assert_non_null(strstr(output.err, "strategy is missing"));
	assert_non_null(strstr(output.err, "kexec"));
	assert_non_null(strstr(output.err, "pause"));
	output_clear(&output);
}

static void test_repeat_range(void **state)
{
	struct output output = lubench(*state, "run", "--strategy=null", "--repeat=0", NULL);

	assert_int_equal(output.status, 2);
	assert_int_equal(lines(output.err), 1);
	assert_non_null(strstr(output.err, "--repeat"));
	output_clear(&output);
}

/* Said before the run, not in its middle. */
static void test_capture(void **state)
{
	static const struct {
		const char *more, *says;
	} wrong[] = {
		{"--guest=sim", "the simulated guest sends no frames"},
		{"--repeat=2", "one run's frames only"},
		{"--capture=/nowhere/at/all.pcap", "/nowhere/at/all.pcap: No such file"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		struct output output = lubench(*state, "run", "--strategy=null", "--capture=x.pcap",
					       wrong[i].more, NULL);

		assert_int_equal(output.status, 2);
		assert_int_equal(lines(output.err), 1);
		assert_non_null(strstr(output.err, "--capture: "));
		assert_non_null(strstr(output.err, wrong[i].says));
		output_clear(&output);
	}
}

/* Both ends of the update, and as a path that means the same from any folder. */
static void test_own_kernel(void **state)
{
	const struct world *world = *state;
	struct output output =
		lubench(world, "run", "--strategy=null", "--kernel=a/../linux", "--dry-run", NULL);
	json_auto_t *plan = output_json(&output);
	json_t *update = json_object_get(plan, "update");
	const char *from = json_string_value(json_object_get(update, "from"));

	assert_int_equal(output.status, 0);
	assert_true(g_path_is_absolute(from) && g_str_has_suffix(from, "/linux"));
	assert_null(strstr(from, ".."));
	assert_string_equal(from, json_string_value(json_object_get(update, "to")));
	output_clear(&output);
	output = lubench(world, "run", "--strategy=null", "--guest=sim", "--kernel=linux", NULL);
	assert_int_equal(output.status, 2);
	assert_int_equal(lines(output.err), 1);
	assert_non_null(strstr(output.err, "update.from: /"));
	assert_non_null(strstr(output.err, "runs on a real guest only"));
	output_clear(&output);
}

static const json_t *named(const json_t *list, const char *name)
{
	json_t *entry;
	size_t i;

	json_array_foreach(list, i,
			   entry) if (strcmp(json_string_value(json_object_get(entry, "name")),
					     name) == 0) return entry;
	return NULL;
}

static void test_list_json(void **state)
{
	struct output output = lubench(*state, "list", "--json", NULL);
	json_t *doc = output_json(&output);
	const json_t *pause = named(json_object_get(doc, "strategies"), "pause");
	const json_t *ms = named(json_object_get(pause, "params"), "ms");

	assert_int_equal(output.status, 0);
	assert_string_equal(json_string_value(json_object_get(ms, "default")), "500");
	assert_non_null(named(json_object_get(doc, "workloads"), "tick"));
	assert_non_null(named(json_object_get(doc, "machines"), "x86-q35"));
	assert_non_null(named(json_object_get(doc, "machines"), "ppc64-pseries"));
	assert_true(json_array_size(json_object_get(doc, "scenarios")) > 0);
	assert_non_null(strstr(
		lu_cli_get_str(named(json_object_get(doc, "services"), "inotify"), "summary"),
		"an inotify watch"));
	assert_non_null(
		strstr(lu_cli_get_str(named(json_object_get(doc, "scripts"), "checkpoint-by-hand"),
				      "summary"),
		       "CRIU"));
	json_decref(doc);
	output_clear(&output);
}

static void test_list_unknown_topic(void **state)
{
	struct output output = lubench(*state, "list", "guests", NULL);

	assert_int_equal(output.status, 2);
	assert_int_equal(lines(output.err), 1);
	assert_non_null(strstr(output.err, "scenarios, sweeps, services, scripts or faults"));
	output_clear(&output);
}

static void test_doctor_json(void **state)
{
	struct output output = lubench(*state, "doctor", "--json", NULL);
	json_t *doc = output_json(&output);
	bool ok = json_is_true(json_object_get(doc, "ok"));

	/* What this host has is its own matter; status and document have to agree on it. */
	assert_int_equal(output.status, ok ? 0 : 4);
	assert_non_null(named(json_object_get(doc, "checks"), "qemu-system-x86_64"));
	assert_non_null(named(json_object_get(doc, "checks"), "KVM"));
	json_decref(doc);
	output_clear(&output);
}

/* It measures for 3 s; what is made of that is in test-noise.c. */
static void test_doctor_noise(void **state)
{
	if (left_to_full("doctor --noise by its command"))
		return;
	struct output output = lubench(*state, "doctor", "--noise", "--json", NULL);
	json_auto_t *doc = output_json(&output);

	assert_int_equal(output.status, 0);
	assert_true(json_array_size(json_object_get(doc, "rates")) > 1);
	output_clear(&output);
}

/* What cannot be written is no success, and goes nowhere else. */
static int with_stdout(const struct world *world, const char *to, const char *options)
{
	g_autofree char *command =
		g_strdup_printf("%s/lubench %s %s 2>err", LU_BUILD_DIR, options, to);
	const char *argv[] = {"/bin/sh", "-c", command, NULL};
	int status;

	assert_true(g_spawn_sync(world->dir, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL,
				 NULL, &status, NULL));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_lost_output(void **state)
{
	const struct world *world = *state;
	static const char *const options[] = {"list", "--help", "run --help", "list --json",
					      "run --dry-run --strategy=null"};
	static const char *const ways[] = {">/dev/full", ">&-"};
	g_autofree char *path = g_build_filename(world->dir, "err", NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
		for (size_t w = 0; w < G_N_ELEMENTS(ways); w++) {
			g_autofree char *err = NULL;

			assert_int_equal(with_stdout(world, ways[w], options[i]), 1);
			assert_true(g_file_get_contents(path, &err, NULL, NULL));
			if (!strstr(err, "cannot write to standard output"))
				fail_msg("lubench %s %s: says '%s'", options[i], ways[w], err);
		}
	assert_int_equal(with_stdout(world, ">/dev/null", "list"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_verb),
		cmocka_unit_test(test_unknown_verb),
		cmocka_unit_test(test_wrong_option),
		cmocka_unit_test(test_run_alone_lists_strategies),
		cmocka_unit_test(test_capture),
		cmocka_unit_test(test_repeat_range),
		cmocka_unit_test(test_own_kernel),
		cmocka_unit_test(test_lost_output),
		cmocka_unit_test(test_list_json),
		cmocka_unit_test(test_list_unknown_topic),
		cmocka_unit_test(test_doctor_json),
		cmocka_unit_test(test_doctor_noise),
	};

	return cmocka_run_group_tests_name("bench-usage", tests, world_setup, world_teardown);
}
