/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel components swapped under load in real guests: what is kept, what is broken without
 * quiescence, what is undone, and what a call costs. */
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

#define BLOCK	"--strategy=hotswap --workload=block "
#define AT_2_HZ "--rate=2 --set=client.baseline_ms=2500 "
/* Writes that sleep inside the driver, so that some are there whenever it is swapped. The disks are
 * small, so that v2 has its checksums before the first sleeper wakes. */
#define SLEEPERS                                                                                   \
	"--param residency_us=100000 --param residency_every=1 --param threads=4 --param ops=2 "   \
	"--param size_mb=1 --param swaps=3 --param every_ms=500 " AT_2_HZ

/* So long that on a busy host, too, somebody is inside for all of a short limit. */
#define LONG_SLEEPERS                                                                              \
	"--param residency_us=200000 --param residency_every=1 --param threads=4 --param "         \
	"ops=2 " AT_2_HZ

static const char *const all[] = {"component", "connections", "replies", "order",
				  "blocks",    "disks",	      NULL};

static void expect_pass(const struct run *run)
{
	for (const char *const *oracle = all; *oracle; oracle++)
		if (!g_str_equal(run_verdict(run, *oracle), "pass"))
			fail_msg("%s: %s", *oracle, run_verdict(run, *oracle));
}

static void expect_good(const char *options)
{
	struct run run = run_good(options);

	expect_pass(&run);
	run_clear(&run);
}

static void test_methods(void **state)
{
	static const char *const how[] = {"counter --param tracked=always",
					  "rcu --param tracked=always", "counter", "rcu", "stack"};

	for (size_t i = 0; i < G_N_ELEMENTS(how); i++) {
		g_autofree char *options = g_strconcat(BLOCK "--param quiescence=", how[i], NULL);

		/* Without callers that are tracked in advance, test_sleepers has the harder case. */
		if (i < 2 || !left_to_full(options))
			expect_good(options);
	}
}

/* Callers asleep inside at any moment, of the other disk too, which goes on: each has to leave
 * once, and not all of them at the same time. */
static void test_sleepers(void **state)
{
	static const char *const how[] = {"counter", "rcu", "stack"};

	for (size_t i = 0; i < G_N_ELEMENTS(how); i++) {
		g_autofree char *options =
			g_strdup_printf(BLOCK SLEEPERS "--param quiescence=%s", how[i]);

		expect_good(options);
	}
}

static int64_t operations(const struct run *run)
{
	const json_t *environment = json_object_get(run->result, "environment");

	return json_integer_value(
		json_object_get(json_object_get(environment, "workload"), "block_operations"));
}

/* Through all layouts and round again, twenty a second, with a kernel that checks its memory. */
static void test_many(void **state)
{
	struct run run = run_good(BLOCK "--param to=v2-v3-v1 --param swaps=100 --param every_ms=50 "
					"--param size_mb=1 --param pace_us=1000 --rate=20 "
					"--param checked=on");

	expect_pass(&run);
	assert_true(operations(&run) > 20000);
	run_clear(&run);
}

/* The same load and the same moves as test_sleepers: safe when quiescence is waited for, and not
 * when it is not. */
static void test_none_corrupts(void **state)
{
	struct run run = run_lubench(BLOCK SLEEPERS "--param quiescence=none");

	assert_int_not_equal(run.status, 0);
	assert_string_equal(run_verdict(&run, "blocks"), "fail");
	run_clear(&run);
}

static void expect_undone(const char *options, const char *outcome, const char *why)
{
	struct run run = run_lubench(options);

	if (g_strcmp0(run_text(&run, "outcome"), outcome) || !strstr(run_text(&run, "reason"), why))
		fail_msg("%s: %s: %s", options, run_text(&run, "outcome"),
			 run_text(&run, "reason"));
	assert_true(json_is_true(json_object_get(run.result, "rolled_back")));
	expect_pass(&run);
	run_clear(&run);
}

/* Whatever keeps a move from being made, the old version goes on with all blocks. */
static void test_undone(void **state)
{
	static const char *const how[] = {"counter", "rcu", "stack"};

	expect_undone(BLOCK "--param fail_transfers=1", "failed", "the old version stays");
	for (size_t i = 0; i < G_N_ELEMENTS(how); i++) {
		g_autofree char *options = g_strdup_printf(
			BLOCK LONG_SLEEPERS "--param limit_ms=20 --param quiescence=%s", how[i]);

		if (i && left_to_full(options))
			continue;
		expect_undone(options, "refused", "not quiescent within 20 ms");
	}
}

static int64_t ticks(const char *note, const char *way)
{
	const char *found = note ? strstr(note, way) : NULL;

	if (!found)
		fail_msg("no figure %s in '%s'", way, note ? note : "");
	return g_ascii_strtoll(found + strlen(way), NULL, 10);
}

/* No more than a hundredth above. */
static void expect_free(const char *note, const char *way, const char *straight)
{
	assert_true((ticks(note, way) - ticks(note, straight)) * 100 <= ticks(note, straight));
}

/* Counted, not timed: instructions of a block's read, and of a thousand calls that do nothing. */
static void test_cost(void **state)
{
	struct run run = run_good(BLOCK "--accel=icount --param quiescence=stack --param to=v2-v1 "
					"--param swaps=2 --param cost=on --param size_mb=1 "
					"--param threads=0 --rate=5");
	const json_t *notes = json_object_get(json_object_get(run.result, "metrics"), "notes");
	const char *after = json_string_value(json_object_get(notes, "cost.after"));

	assert_true(ticks(after, "read.straight=") > 500);
	assert_true(ticks(after, "call.straight=") > 5000);
	expect_free(after, "read.now=", "read.straight=");
	expect_free(after, "call.now=", "call.straight=");
	assert_true(ticks(after, "call.counter=") > 2 * ticks(after, "call.now="));
	run_clear(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_methods), cmocka_unit_test(test_sleepers),
		cmocka_unit_test(test_many),	cmocka_unit_test(test_none_corrupts),
		cmocka_unit_test(test_undone),	cmocka_unit_test(test_cost),
	};
	int lacking = run_prerequisites("x86-q35");

	if (lacking)
		return lacking;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
