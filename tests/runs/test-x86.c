/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench run on x86-q35: each strategy's result document says what it has to, and the measuring
 * chain measures a known pause. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <glib.h>
#include "tests/kit/full.h"
#include "tests/runs/run.h"

#define MS	    1000000
#define INTERVAL_NS (5 * MS) /* of the default client: 200 requests/s */
/* At bounds that another process on the host can break: replies are read late before the pause, or
 * after it. */
#define ATTEMPTS 4
/* What is judged by time needs a noise floor that has seen the host. */
#define STEADY "--set=client.baseline_ms=3000"

static void test_null(void **state)
{
	struct run run = run_good("--strategy=null " STEADY);

	assert_int_equal(run_metric(&run, "blackout_ns"), 0);
	assert_string_equal(run_verdict(&run, "connections"), "pass");
	run_clear(&run);
}

/* How far from the truth. */
static int64_t pause_error(unsigned ms)
{
	g_autofree char *options = g_strdup_printf("--strategy=pause --param ms=%u " STEADY, ms);
	struct run run = run_good(options);
	int64_t error = run_metric(&run, "longest_gap_ns") - (int64_t)ms * MS;

	run_clear(&run);
	return error;
}

static void check_pause(unsigned ms)
{
	int64_t error = 0;

	for (int i = 0; i < ATTEMPTS; i++) {
		error = pause_error(ms);
		if (llabs(error) <= INTERVAL_NS + 2 * MS)
			return;
	}
	fail_msg("pause of %u ms reported as %+.3f ms more", ms, (double)error / MS);
}

static void test_pause(void **state)
{
	check_pause(500);
	if (left_to_full("pause of 50 and of 5000 ms"))
		return;
	check_pause(50);
	check_pause(5000);
}

static void test_cold(void **state)
{
	struct run run = run_good("--strategy=cold --workload=redis --param dataset_mb=8");

	assert_string_equal(run_verdict(&run, "version"), "pass");
	assert_string_equal(run_verdict(&run, "connections"), "waived");
	assert_true(run_metric(&run, "connections_reset") > 0);
	run_clear(&run);
}

/* kexec and its peer keep the same promises. */
static struct run run_kept(const char *options)
{
	static const char *const oracles[] = {
		"version", "connections", "replies", "acknowledged-writes", "dataset", "reads"};
	g_autofree char *line = g_strconcat("--workload=redis ", options, NULL);
	struct run run = run_good(line);

	for (size_t i = 0; i < G_N_ELEMENTS(oracles); i++)
		if (!g_str_equal(run_verdict(&run, oracles[i]), "pass"))
			fail_msg("%s: %s: %s", line, oracles[i], run_verdict(&run, oracles[i]));
	assert_int_equal(run_metric(&run, "connections_reset"), 0);
	assert_true(run_metric(&run, "blackout_ns") > 0);
	return run;
}

static void check_kept(const char *options)
{
	struct run run = run_kept(options);

	run_clear(&run);
}

static void check_placed(const char *options, const char *place)
{
	struct run run = run_kept(options);
	json_t *notes = json_object_get(json_object_get(run.result, "metrics"), "notes");
	const char *said = json_string_value(json_object_get(notes, "kexec.place"));

	if (!said || !g_str_has_prefix(said, place))
		fail_msg("%s: kexec.place is '%s', not '%s'", options, said ? said : "", place);
	run_clear(&run);
}

/* A guest with free memory has neighbouring huge pages. */
static void test_kexec(void **state)
{
	check_placed("--strategy=kexec", "huge: ");
	check_placed("--strategy=kexec --param store=disk --param place=copy --param dataset_mb=8",
		     "copy: ");
	check_kept("--strategy=kexec --param image=bzimage --param checksum=on "
		   "--param kdat=cold --param predump=0 --param dataset_mb=8");
}

static void test_script(void **state)
{
	check_kept("--strategy=script --param dataset_mb=8");
}

/* 1 % of the frames lost, 20 ms of delay: the connections outlive that too. */
static void test_lossy(void **state)
{
	struct run run;

	if (left_to_full("redis over a bad network"))
		return;
	run = run_kept("--strategy=kexec --param dataset_mb=8 --set network.loss_ppm=10000 "
		       "--set network.delay_us=20000");
	assert_true(run_metric(&run, "baseline_p50_ns") >= 40 * MS);
	run_clear(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_null),   cmocka_unit_test(test_pause),
		cmocka_unit_test(test_cold),   cmocka_unit_test(test_kexec),
		cmocka_unit_test(test_script), cmocka_unit_test(test_lossy),
	};
	int lacking = run_prerequisites("x86-q35");

	if (lacking)
		return lacking;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
