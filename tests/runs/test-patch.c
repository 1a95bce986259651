/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel component's code reloaded and live-patched on x86-q35, and what each of both keeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include "tests/kit/full.h"
#include "tests/runs/run.h"

static struct run reload(const char *state)
{
	g_autofree char *options = g_strdup_printf(
		"--strategy=reload --workload=block --param state=%s --param size_mb=1", state);
	struct run run = run_good(options);

	assert_string_equal(run_verdict(&run, "component"), "pass");
	assert_string_equal(run_verdict(&run, "blocks"), "pass");
	assert_string_equal(run_verdict(&run, "connections"), "waived");
	assert_true(run_metric(&run, "connections_reset") > 0);
	assert_true(run_metric(&run, "blackout_ns") > 0);
	return run;
}

/* What was on the disks is gone, or comes back by user space. */
static void test_reload(void **state)
{
	struct run run = reload("copy");

	assert_string_equal(run_verdict(&run, "disks"), "pass");
	run_clear(&run);
	if (left_to_full("reload, state=drop"))
		return;
	run = reload("drop");
	assert_string_equal(run_verdict(&run, "disks"), "waived");
	run_clear(&run);
}

static void check_patch(const char *options)
{
	static const char *const oracles[] = {"component", "blocks", "disks", "connections",
					      "replies"};
	struct run run = run_good(options);

	for (size_t i = 0; i < G_N_ELEMENTS(oracles); i++)
		if (!g_str_equal(run_verdict(&run, oracles[i]), "pass"))
			fail_msg("%s: %s: %s", options, oracles[i], run_verdict(&run, oracles[i]));
	run_clear(&run);
}

static void test_livepatch(void **state)
{
	check_patch("--strategy=livepatch --workload=block --param to=crc");
	if (!left_to_full("livepatch, to=fix"))
		check_patch("--strategy=livepatch --workload=block --param to=fix");
}

/* Writes that sleep inside the old code for longer than the patch waits: it is taken back, and
 * nothing is lost. */
static void test_livepatch_sleeper(void **state)
{
	struct run run = run_lubench("--strategy=livepatch --workload=block --param limit_ms=300 "
				     "--param residency_us=900000 --param residency_every=2 "
				     "--param ops=1 --rate=2 --set=client.baseline_ms=3000");

	assert_string_equal(run_text(&run, "outcome"), "refused");
	assert_string_equal(run_verdict(&run, "component"), "pass");
	assert_string_equal(run_verdict(&run, "blocks"), "pass");
	run_clear(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_livepatch),
		cmocka_unit_test(test_livepatch_sleeper),
	};
	int lacking = run_prerequisites("x86-q35");

	if (lacking)
		return lacking;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
