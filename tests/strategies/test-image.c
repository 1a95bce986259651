/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strategy image on the simulated guest: what contradicts itself, what size, flash and form change,
 * and a disk that is not what the image remembers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "record/error.h"
#include "record/metrics.h"
#include "model/strategy.h"
#include "sim/sim.h"
#include "tests/strategies/simrun.h"

#define SECOND INT64_C(1000000000)

static void expect(const char *params, const char *words)
{
	struct simrun *simrun = simrun_new(simrun_plan("image", params, "tick", "x86-q35"));
	g_autoptr(GError) error = NULL;

	if (lu_plan_feasible(simrun->plan, &error))
		fail_msg("%s was accepted", params);
	assert_int_equal(error->code, LU_ERROR_REFUSED);
	if (!strstr(error->message, words))
		fail_msg("'%s' does not say '%s'", error->message, words);
	simrun_free(simrun);
}

static void test_contradictions(void **state)
{
	expect("flash=emmc flash_mb_s=7", "flash=own");
	expect("flash_latency_us=7", "flash=own");
	expect("lazy=on when=ahead", "one of them");
}

static struct simrun *run(const char *params)
{
	struct simrun *simrun = simrun_new(simrun_plan("image", params, "tick", "x86-q35"));

	simrun_run(simrun);
	if (simrun->report.outcome != LU_OK)
		fail_msg("%s: %s: %s", params, lu_outcome_name(simrun->report.outcome),
			 simrun->report.reason);
	return simrun;
}

static int64_t blackout(const char *params)
{
	struct simrun *simrun = run(params);
	int64_t ns = lu_metrics_compute(simrun->timeline).blackout_ns;

	if (!simrun_all_pass(simrun))
		fail_msg("%s: an oracle fails", params);
	simrun_free(simrun);
	return ns;
}

/* The line: 256 MiB more at 100 · 10^6 bytes a second, without latency, are 2.684 s. */
static void test_time_grows_with_the_image(void **state)
{
	int64_t small = blackout(
		"flash=own flash_mb_s=100 flash_latency_us=0 image_mb=256 predump=0 manifest=off");
	int64_t large = blackout(
		"flash=own flash_mb_s=100 flash_latency_us=0 image_mb=512 predump=0 manifest=off");

	assert_in_range(large - small, 2684 * SECOND / 1000 - SECOND / 50,
			2684 * SECOND / 1000 + SECOND / 50);
}

static void test_forms(void **state)
{
	int64_t raw = blackout("flash=emmc image_mb=256");
	int64_t zstd = blackout("flash=emmc image_mb=256 compression=zstd");
	int64_t whole = blackout("flash=emmc image_mb=256 dedup=off");
	int64_t lazy = blackout("flash=emmc image_mb=256 lazy=on");
	int64_t ahead = blackout("flash=emmc image_mb=256 when=ahead");
	int64_t short_requests = blackout("flash=emmc image_mb=256 readahead_kb=4");

	assert_true(blackout("flash=nvme image_mb=256") < raw);
	assert_true(raw < blackout("flash=compactflash image_mb=256"));
	assert_true(zstd < raw);
	assert_true(raw < whole);
	assert_true(raw < short_requests);
	assert_true(lazy < zstd);
	assert_true(ahead < lazy);
}

/* CRIU may lock each connection once more, on both machines. */
static void test_either_lock(void **state)
{
	assert_true(blackout("criu_lock=nftables") > 0);
	assert_true(blackout("criu_lock=skip nudge=off") > 0);
}

/* Before anything is stopped, and nothing is left behind. */
static void test_mismatch_is_refused(void **state)
{
	struct simrun *simrun = simrun_new(simrun_plan("image", "disk=changed", "tick", "x86-q35"));

	simrun_run(simrun);
	assert_int_equal(simrun->report.outcome, LU_REFUSED);
	assert_non_null(strstr(simrun->report.reason, "force=on"));
	assert_true(simrun->report.rolled_back);
	assert_null(lu_sim_left_over(simrun->guest));
	assert_string_equal(simrun_verdict(simrun, "replies"), "pass");
	assert_string_equal(simrun_verdict(simrun, "connections"), "pass");
	simrun_free(simrun);
}

static void test_forced(void **state)
{
	struct simrun *simrun = run("disk=changed force=on");

	assert_string_equal(simrun_verdict(simrun, "disk-as-seen"), "fail");
	assert_string_equal(simrun_verdict(simrun, "disk-sound"), "fail");
	assert_string_equal(simrun_verdict(simrun, "state"), "pass");
	simrun_free(simrun);
	assert_true(blackout("disk=same force=on") > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_time_grows_with_the_image),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_either_lock),
		cmocka_unit_test(test_mismatch_is_refused),
		cmocka_unit_test(test_forced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
