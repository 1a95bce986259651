/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several services on a real guest: each is carried over with its state and connections, and the most
 * critical one answers before those below it, and for longer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <glib.h>
#include "tests/kit/full.h"
#include "tests/runs/run.h"

#define SCENARIO LU_SOURCE_DIR "/scenarios/priority.json "
/* Some seconds of computing decide nothing on a busy host. */
#define SMALL "--set=client.baseline_ms=2000"

static const json_t *service(const struct run *run, size_t i, const char *name)
{
	const json_t *one = json_array_get(json_object_get(run->result, "services"), i);

	assert_string_equal(json_string_value(json_object_get(one, "name")), name);
	return one;
}

static int64_t metric(const struct run *run, const char *of, const char *name)
{
	const json_t *all = json_object_get(json_object_get(run->result, "metrics"), "services");
	const json_t *value = json_object_get(json_object_get(all, of), name);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static void expect(const json_t *one, const char *oracle)
{
	const char *verdict = json_string_value(json_object_get(
		json_object_get(json_object_get(one, "oracles"), oracle), "verdict"));

	if (g_strcmp0(verdict, "pass"))
		fail_msg("%s: %s", oracle, verdict ?: "no verdict");
}

static struct run carried(const char *options)
{
	struct run run = run_good(options);
	const json_t *redis = service(&run, 1, "redis"), *batch = service(&run, 2, "batch");

	expect(service(&run, 0, "tick"), "state");
	expect(redis, "acknowledged-writes");
	expect(redis, "dataset");
	expect(redis, "connections");
	expect(batch, "state");
	expect(batch, "result");
	return run;
}

/* The order of events, whatever they took. */
static void test_priority(void **state)
{
	struct run run = carried(SCENARIO SMALL);

	assert_true(metric(&run, "batch", "blackout_begin_ns") <
		    metric(&run, "redis", "blackout_begin_ns"));
	assert_true(metric(&run, "redis", "blackout_begin_ns") <
		    metric(&run, "tick", "blackout_begin_ns"));
	assert_true(metric(&run, "tick", "blackout_end_ns") <
		    metric(&run, "redis", "blackout_end_ns"));
	assert_true(metric(&run, "redis", "blackout_end_ns") <
		    metric(&run, "batch", "blackout_end_ns"));
	run_clear(&run);
}

/* A fault when two are in the store already: all go on where they were. */
static void test_taken_back(void **state)
{
	struct run run = run_lubench(SCENARIO SMALL " --fault PRESERVE");

	assert_int_equal(run.status, 1);
	assert_true(json_is_true(json_object_get(run.result, "rolled_back")));
	expect(service(&run, 0, "tick"), "state");
	expect(service(&run, 1, "redis"), "connections");
	expect(service(&run, 2, "batch"), "state");
	run_clear(&run);
}

static void test_others(void **state)
{
	static const char *const options[] = {"--param order=none", "--param order=reverse",
					      "--strategy=twophase", "--strategy=image"};

	for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
		g_autofree char *all = g_strconcat(SCENARIO SMALL " ", options[i], NULL);
		struct run run;

		if (left_to_full(options[i]))
			continue;
		run = carried(all);
		run_clear(&run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_priority),
		cmocka_unit_test(test_taken_back),
		cmocka_unit_test(test_others),
	};
	int lacking = run_prerequisites("x86-q35");

	if (lacking)
		return lacking;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
