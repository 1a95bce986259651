/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A service with files on a disk: strategies carry the disk over, or say where it broke; and what
 * happens to files or memory on the way does not go unseen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "record/error.h"
#include "model/bringup.h"
#include "model/strategy.h"
#include "model/workload.h"
#include "sim/sim.h"
#include "tests/strategies/simrun.h"

#define SECOND INT64_C(1000000000)

static void ask(struct simrun *simrun, const char *verb, json_t *args, int code)
{
	g_autoptr(GError) error = NULL;
	bool ok = simrun->guest->ops->call(simrun->guest, verb, args, 60 * SECOND, NULL, &error);

	if (ok ? code != -1 : error->code != code)
		fail_msg("%s: %s", verb, ok ? "went well" : error->message);
}

static void must(struct simrun *simrun, const char *verb, json_t *args)
{
	ask(simrun, verb, args, -1);
}

static struct simrun *up(const char *workload)
{
	struct simrun *simrun = simrun_new(simrun_plan("kexec", NULL, workload, "x86-q35"));
	g_autoptr(GError) error = NULL;

	assert_true(simrun->guest->ops->boot(simrun->guest, LU_RELEASE_OLD, 60 * SECOND, &error));
	if (!lu_bringup(simrun->guest, simrun->plan, INT64_MAX, &error))
		fail_msg("%s", error->message);
	return simrun;
}

static json_t *features(void)
{
	return json_pack("{s:[s, s, s]}", "features", "block", "ext4", "criu");
}

/* The guest of a service without files has no such disk, and undo of nothing is fine. */
static void test_no_disk(void **state)
{
	struct simrun *simrun = up("tick");

	assert_int_equal(simrun->plan->needs->data_mb, 0);
	must(simrun, "modules", features());
	ask(simrun, "data.open", NULL, LU_ERROR_UNSUPPORTED);
	ask(simrun, "data.hold", NULL, LU_ERROR_USAGE);
	must(simrun, "data.release", NULL);
	must(simrun, "data.close", NULL);
	simrun_free(simrun);
}

static void test_verbs_in_order(void **state)
{
	struct simrun *simrun = up("oltp");

	assert_int_equal(simrun->plan->needs->data_mb,
			 lu_param_int(simrun->plan->workload_params, "disk_mb"));
	ask(simrun, "data.open", NULL, LU_ERROR_USAGE);
	ask(simrun, "data.close", NULL, LU_ERROR_FAILED); /* the service has files open */
	must(simrun, "data.hold", NULL);
	must(simrun, "data.hold", NULL);
	assert_string_equal(lu_sim_left_over(simrun->guest), "held data disk");
	must(simrun, "data.release", NULL);
	assert_null(lu_sim_left_over(simrun->guest));
	must(simrun, "service.stop", NULL);
	must(simrun, "data.close", NULL);
	ask(simrun, "service.start", json_pack("{s:[s]}", "argv", "/usr/bin/oltp"),
	    LU_ERROR_FAILED);
	simrun_free(simrun);
}

/* A kernel that was left while it could still write: files are not what CRIU remembers. */
static void test_a_disk_that_was_not_held(void **state)
{
	struct simrun *simrun = up("oltp");
	g_autoptr(GError) error = NULL;

	must(simrun, "modules", features());
	must(simrun, "store.open", json_pack("{s:s, s:b}", "kind", "disk", "format", 1));
	must(simrun, "stage", NULL);
	must(simrun, "kexec.load", json_pack("{s:s, s:s}", "method", "direct", "image", "vmlinux"));
	must(simrun, "service.freeze", NULL);
	must(simrun, "net.lock", NULL);
	must(simrun, "checkpoint", json_pack("{s:b}", "tcp", 1));
	assert_true(
		simrun->guest->ops->jump(simrun->guest, "kexec.jump", NULL, 60 * SECOND, &error));
	must(simrun, "modules", features());
	must(simrun, "store.open", json_pack("{s:s, s:b}", "kind", "disk", "format", 0));
	ask(simrun, "restore", NULL, LU_ERROR_REFUSED);
	must(simrun, "data.open", NULL);
	ask(simrun, "restore", NULL, LU_ERROR_REFUSED);
	simrun_free(simrun);
}

static void check_verb(const char *strategy, const char *verb, bool before_switch)
{
	simrun_break(simrun_plan(strategy, NULL, "oltp", "x86-q35"), verb, before_switch);
}

static void test_verbs_fail(void **state)
{
	check_verb("kexec", "data.hold", true);
	check_verb("script", "data.close", true);
	check_verb("kexec", "checkpoint", true);
	check_verb("script", "checkpoint", true);
	check_verb("kexec", "restore", false);
}

/* What memory or files lost at the jump must not go unseen, whatever the service. */
static void check_damage(const char *strategy, const char *workload, const char *kind)
{
	struct simrun *simrun = simrun_new(simrun_plan(strategy, NULL, workload, "x86-q35"));

	lu_sim_damage_at_jump(simrun->guest, kind);
	simrun_run(simrun);
	if (simrun_all_pass(simrun))
		fail_msg("%s, %s: '%s' at the jump went unseen", strategy, workload, kind);
	simrun_free(simrun);
}

static void test_damage_is_seen(void **state)
{
	static const char *const kinds[] = {"lose-write", "corrupt", "reset-counter"};
	static const char *const files[] = {"hole", "torn", "swap", "bad-page"};

	for (size_t w = 0; lu_workloads[w]; w++)
		for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
			check_damage("kexec", lu_workloads[w]->name, kinds[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		check_damage("kexec", "oltp", files[i]);
		check_damage("script", "oltp", files[i]);
	}
}

/* Power is cut: memory is gone, what was waited for is on the disk. Nothing is waived there. */
static void check_power_cut(const char *params, const char *acknowledged)
{
	struct simrun *simrun = simrun_new(simrun_plan("cold", params, "oltp", "x86-q35"));

	simrun_run(simrun);
	assert_string_equal(simrun_verdict(simrun, "connections"), "waived");
	assert_string_equal(simrun_verdict(simrun, "acknowledged"), acknowledged);
	assert_string_equal(simrun_verdict(simrun, "integrity"), "pass");
	simrun_free(simrun);
}

static void test_power_cut(void **state)
{
	check_power_cut(NULL, "pass");
	check_power_cut("sync=off", "fail");
	check_power_cut("journal=rollback", "fail");
	check_power_cut("journal=rollback sync=extra", "pass");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_disk),
		cmocka_unit_test(test_verbs_in_order),
		cmocka_unit_test(test_a_disk_that_was_not_held),
		cmocka_unit_test(test_verbs_fail),
		cmocka_unit_test(test_damage_is_seen),
		cmocka_unit_test(test_power_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
