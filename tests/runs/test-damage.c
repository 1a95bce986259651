/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Real guests in which a checkpoint, or what its restore needs, is damaged on purpose: the upgrade
 * says so, and no client gets a wrong reply. */
#include "tests/kit/cmocka-all.h"
#include <string.h>
#include "tests/kit/full.h"
#include "tests/runs/run.h"

static void expect(const char *options, const char *phase, const char *words, bool rolled_back)
{
	struct run run = run_lubench(options);

	assert_int_equal(run.status, 1);
	if (strcmp(run_text(&run, "phase"), phase) || !strstr(run_text(&run, "reason"), words))
		fail_msg("%s: in %s: %s", options, run_text(&run, "phase"),
			 run_text(&run, "reason"));
	assert_int_equal(json_is_true(json_object_get(run.result, "rolled_back")), rolled_back);
	assert_int_equal(run_metric(&run, "replies_wrong"), 0);
	run_clear(&run);
}

static void test_store(void **state)
{
	expect("--strategy=kexec --fault=PRESERVE:store-flip", "RESTORE",
	       "the checkpoint is damaged", false);
	if (left_to_full("a damaged store by other strategies"))
		return;
	expect("--strategy=kexec --fault=PRESERVE:store-remove", "RESTORE",
	       "the checkpoint is damaged", false);
	expect("--strategy=failover --fault=PRESERVE:store-flip", "PRESERVE",
	       "the checkpoint is damaged", true);
	expect("--strategy=twophase --param manifest=on --fault=PRESERVE:store-flip", "RESTORE",
	       "the checkpoint is damaged", false);
	expect("--strategy=warm --fault=PRESERVE:store-flip", "RESTORE",
	       "the checkpoint is damaged", false);
	expect("--strategy=kexec --fault=FREEZE:store-full", "PRESERVE", "No space left", true);
}

static void test_beside_the_checkpoint(void **state)
{
	expect("--strategy=kexec --fault=RESTORE:library-replaced", "RESTORE", "build-ID", false);
	if (left_to_full("other files of the service"))
		return;
	expect("--strategy=kexec --fault=RESTORE:file-missing", "RESTORE", "No such file", false);
	expect("--strategy=failover --fault=PRESERVE:restore-fails", "PRESERVE", "criu: ", true);
}

static void test_next_release(void **state)
{
	expect("--strategy=kexec --fault=SWITCH:next-panics", "SWITCH", "Kernel panic", false);
	if (left_to_full("other next releases that fail"))
		return;
	expect("--strategy=kexec --fault=SWITCH:next-hangs --set timeouts.phase_ms=30000", "SWITCH",
	       "30000 ms", false);
	expect("--strategy=failover --fault=PREPARE:next-panics", "PREPARE", "Kernel panic", true);
}

static void test_network_down(void **state)
{
	struct run run = run_good("--strategy=kexec --fault=PREPARE:network-down");

	assert_int_equal(run_metric(&run, "connections_reset"), 0);
	run_clear(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_beside_the_checkpoint),
		cmocka_unit_test(test_next_release),
		cmocka_unit_test(test_network_down),
	};
	int lacking = run_prerequisites("x86-q35");

	if (lacking)
		return lacking;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
