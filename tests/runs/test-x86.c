/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench run on x86-q35: each strategy's result document says what it has to, and the measuring
 * chain measures a known pause. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <glib.h>
#include "tests/runs/run.h"

#define MS	    1000000
#define INTERVAL_NS (5 * MS) /* of the default client: 200 requests/s */
#define ATTEMPTS    4	     /* at a bound that another process on the host can break */

static void test_null(void **state)
{
	struct run run = run_good("--strategy=null");

	assert_int_equal(run_metric(&run, "blackout_ns"), 0);
	assert_string_equal(run_verdict(&run, "connections"), "pass");
	run_clear(&run);
}

/* How far from the truth. A blackout cannot be shorter than the pause by more than one interval,
 * host noise or not. */
static int64_t pause_error(unsigned ms)
{
	g_autofree char *options = g_strdup_printf("--strategy=pause --param ms=%u", ms);
	struct run run = run_good(options);
	int64_t error = run_metric(&run, "longest_gap_ns") - (int64_t)ms * MS;

	run_clear(&run);
	if (error < -INTERVAL_NS - 2 * MS)
		fail_msg("pause of %u ms reported %.3f ms short", ms, -(double)error / MS);
	return error;
}

static void check_pause(unsigned ms)
{
	int64_t error = 0;

	for (int i = 0; i < ATTEMPTS; i++) {
		error = pause_error(ms);
		if (error <= INTERVAL_NS + 2 * MS)
			return;
	}
	fail_msg("pause of %u ms reported %.3f ms too long", ms, (double)error / MS);
}

static void test_pause(void **state)
{
	check_pause(50);
	check_pause(500);
	check_pause(5000);
}

static void test_cold(void **state)
{
	struct run run = run_good("--strategy=cold --workload=redis");

	assert_string_equal(run_verdict(&run, "version"), "pass");
	assert_string_equal(run_verdict(&run, "connections"), "waived");
	assert_true(run_metric(&run, "connections_reset") > 0);
	run_clear(&run);
}

/* kexec and its peer keep the same promises. */
static void check_kept(const char *options)
{
	static const char *const oracles[] = {
		"version", "connections", "replies", "acknowledged-writes", "dataset", "reads"};
	struct run run = run_good(options);

	for (size_t i = 0; i < G_N_ELEMENTS(oracles); i++)
		if (!g_str_equal(run_verdict(&run, oracles[i]), "pass"))
			fail_msg("%s: %s: %s", options, oracles[i], run_verdict(&run, oracles[i]));
	assert_int_equal(run_metric(&run, "connections_reset"), 0);
	assert_true(run_metric(&run, "blackout_ns") > 0);
	run_clear(&run);
}

/* A guest with free memory has neighbouring huge pages. */
static void check_place(const char *params, const char *place)
{
	g_autofree char *options = g_strdup_printf("--strategy=kexec %s", params);
	struct run run = run_good(options);
	json_t *notes = json_object_get(json_object_get(run.result, "metrics"), "notes");
	const char *said = json_string_value(json_object_get(notes, "kexec.place"));

	if (!said || !g_str_has_prefix(said, place))
		fail_msg("%s: kexec.place is '%s', not '%s'", options, said ? said : "", place);
	run_clear(&run);
}

static void test_kexec(void **state)
{
	check_place("--param place=auto", "huge: ");
	check_place("--param place=copy", "copy: ");
	check_kept("--strategy=kexec --workload=redis");
	check_kept("--strategy=kexec --workload=redis --param store=disk --param dataset_mb=8");
	check_kept("--strategy=kexec --workload=redis --param image=bzimage --param checksum=on "
		   "--param kdat=cold --param predump=0 --param dataset_mb=8");
}

static void test_script(void **state)
{
	check_kept("--strategy=script --workload=redis");
}

/* 1 % of the frames lost, 20 ms of delay: the connections outlive that too. */
static void test_lossy(void **state)
{
	struct run run = run_good("--strategy=kexec --workload=redis --param dataset_mb=8 "
				  "--set network.loss_ppm=10000 --set network.delay_us=20000");
	static const char *const oracles[] = {"connections", "replies", "acknowledged-writes",
					      "dataset", "reads"};

	for (size_t i = 0; i < G_N_ELEMENTS(oracles); i++)
		assert_string_equal(run_verdict(&run, oracles[i]), "pass");
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
