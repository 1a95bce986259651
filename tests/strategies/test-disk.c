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
#include "tests/strategies/trial.h"

#define SECOND INT64_C(1000000000)

static void ask(struct trial *trial, const char *verb, json_t *args, int code)
{
	g_autoptr(GError) error = NULL;
	bool ok = trial->guest->ops->call(trial->guest, verb, args, 60 * SECOND, NULL, &error);

	if (ok ? code != -1 : error->code != code)
		fail_msg("%s: %s", verb, ok ? "went well" : error->message);
}

static void must(struct trial *trial, const char *verb, json_t *args)
{
	ask(trial, verb, args, -1);
}

static struct trial *up(const char *workload)
{
	struct trial *trial = trial_new(trial_plan("kexec", NULL, workload, "x86-q35"));
	g_autoptr(GError) error = NULL;

	assert_true(trial->guest->ops->boot(trial->guest, LU_RELEASE_OLD, 60 * SECOND, &error));
	if (!lu_bringup(trial->guest, trial->plan, INT64_MAX, &error))
		fail_msg("%s", error->message);
	return trial;
}

static json_t *features(void)
{
	return json_pack("{s:[s, s, s]}", "features", "block", "ext4", "criu");
}

/* The guest of a service without files has no such disk, and undo of nothing is fine. */
static void test_no_disk(void **state)
{
	struct trial *trial = up("tick");

	assert_int_equal(trial->plan->needs->data_mb, 0);
	must(trial, "modules", features());
	ask(trial, "data.open", NULL, LU_ERROR_UNSUPPORTED);
	ask(trial, "data.hold", NULL, LU_ERROR_USAGE);
	must(trial, "data.release", NULL);
	must(trial, "data.close", NULL);
	trial_free(trial);
}

static void test_verbs_in_order(void **state)
{
	struct trial *trial = up("oltp");

	assert_int_equal(trial->plan->needs->data_mb,
			 lu_param_int(trial->plan->workload_params, "disk_mb"));
	ask(trial, "data.open", NULL, LU_ERROR_USAGE);
	ask(trial, "data.close", NULL, LU_ERROR_FAILED); /* the service has files open */
	must(trial, "data.hold", NULL);
	must(trial, "data.hold", NULL);
	assert_string_equal(lu_sim_left_over(trial->guest), "held data disk");
	must(trial, "data.release", NULL);
	assert_null(lu_sim_left_over(trial->guest));
	must(trial, "service.stop", NULL);
	must(trial, "data.close", NULL);
	ask(trial, "service.start", json_pack("{s:[s]}", "argv", "/usr/bin/oltp"), LU_ERROR_FAILED);
	trial_free(trial);
}

/* A kernel that was left while it could still write: files are not what CRIU remembers. */
static void test_a_disk_that_was_not_held(void **state)
{
	struct trial *trial = up("oltp");
	g_autoptr(GError) error = NULL;

	must(trial, "modules", features());
	must(trial, "store.open", json_pack("{s:s, s:b}", "kind", "disk", "format", 1));
	must(trial, "stage", NULL);
	must(trial, "kexec.load", json_pack("{s:s, s:s}", "method", "direct", "image", "vmlinux"));
	must(trial, "service.freeze", NULL);
	must(trial, "net.lock", NULL);
	must(trial, "checkpoint", json_pack("{s:b}", "tcp", 1));
	assert_true(trial->guest->ops->jump(trial->guest, "kexec.jump", NULL, 60 * SECOND, &error));
	must(trial, "modules", features());
	must(trial, "store.open", json_pack("{s:s, s:b}", "kind", "disk", "format", 0));
	ask(trial, "restore", NULL, LU_ERROR_REFUSED);
	must(trial, "data.open", NULL);
	ask(trial, "restore", NULL, LU_ERROR_REFUSED);
	trial_free(trial);
}

static void check_verb(const char *strategy, const char *verb, bool before_switch)
{
	trial_break(trial_plan(strategy, NULL, "oltp", "x86-q35"), verb, before_switch);
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
	struct trial *trial = trial_new(trial_plan(strategy, NULL, workload, "x86-q35"));

	lu_sim_damage_at_jump(trial->guest, kind);
	trial_run(trial);
	if (trial_all_pass(trial))
		fail_msg("%s, %s: '%s' at the jump went unseen", strategy, workload, kind);
	trial_free(trial);
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
	struct trial *trial = trial_new(trial_plan("cold", params, "oltp", "x86-q35"));

	trial_run(trial);
	assert_string_equal(trial_verdict(trial, "connections"), "waived");
	assert_string_equal(trial_verdict(trial, "acknowledged"), acknowledged);
	assert_string_equal(trial_verdict(trial, "integrity"), "pass");
	trial_free(trial);
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
