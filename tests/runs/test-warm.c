/* SPDX-License-Identifier: GPL-2.0-or-later */
/* warm on real guests: memory by CRIU with its connections, or by the service itself without, and the
 * kernel component's disks, over the firmware. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <glib.h>
#include "tests/kit/full.h"
#include "tests/runs/run.h"

static void check(const char *options, const char *const *passes, const char *connections)
{
	struct run run = run_good(options);

	for (; *passes; passes++)
		if (!g_str_equal(run_verdict(&run, *passes), "pass"))
			fail_msg("%s: %s: %s", options, *passes, run_verdict(&run, *passes));
	assert_string_equal(run_verdict(&run, "version"), "pass");
	assert_string_equal(run_verdict(&run, "connections"), connections);
	assert_true(run_metric(&run, "blackout_ns") > 0);
	run_clear(&run);
}

static const char *const of_redis[] = {"acknowledged-writes", "dataset", "reads", NULL};
static const char *const of_tick[] = {"state", "order", NULL};
static const char *const of_block[] = {"blocks", "disks", NULL};

/* With every saving that the machine has, whose presets the kernel before has measured. */
static void test_criu(void **state)
{
	struct run run = run_good("--strategy=warm");
	json_t *notes = json_object_get(json_object_get(run.result, "metrics"), "notes");
	const char *words = json_string_value(json_object_get(notes, "boot.words"));

	assert_string_equal(run_verdict(&run, "state"), "pass");
	assert_string_equal(run_verdict(&run, "connections"), "pass");
	assert_non_null(words);
	assert_non_null(strstr(words, "lpj="));
	assert_non_null(strstr(words, "tsc_early_khz="));
	run_clear(&run);
}

static void test_criu_more(void **state)
{
	if (left_to_full("redis by CRIU images, and tick with every switch plain"))
		return;
	check("--strategy=warm --workload=redis --param dataset_mb=8", of_redis, "pass");
	check("--strategy=warm --param menu=plain --param rom=plain --param kernel=plain --param "
	      "initramfs=plain --param console=plain --param calibration=plain --param "
	      "probing=plain --param selftests=plain --param modules=plain --param kdat=cold",
	      of_tick, "pass");
}

static void test_app(void **state)
{
	if (left_to_full("what redis, tick and two kernel disks save by themselves"))
		return;
	check("--strategy=warm --param state=app --workload=redis --param dataset_mb=8", of_redis,
	      "waived");
	check("--strategy=warm --param state=app", of_tick, "waived");
	check("--strategy=warm --param state=app --workload=block --param size_mb=2", of_block,
	      "waived");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_criu),
		cmocka_unit_test(test_criu_more),
		cmocka_unit_test(test_app),
	};
	int lacking = run_prerequisites("x86-q35");

	if (lacking)
		return lacking;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
