/* SPDX-License-Identifier: GPL-2.0-or-later */
/* warm: what gets over the firmware by which form of state, what breaks it, and what each of the
 * boot's switches costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "model/boot-switch.h"
#include "model/bringup.h"
#include "model/strategy.h"
#include "record/error.h"
#include "record/metrics.h"
#include "sim/sim.h"
#include "tests/strategies/simrun.h"

#define SECOND INT64_C(1000000000)

static struct simrun *run_of(const char *params, const char *workload, const char *machine)
{
	struct simrun *simrun = simrun_new(simrun_plan("warm", params, workload, machine));

	simrun_run(simrun);
	return simrun;
}

static struct simrun *good(const char *params, const char *workload, const char *machine)
{
	struct simrun *simrun = run_of(params, workload, machine);

	if (simrun->report.outcome != LU_OK || !simrun_all_pass(simrun)) {
		g_autofree char *oracles = json_dumps(simrun->report.oracles, JSON_INDENT(1));

		fail_msg("%s, %s, %s: %s\n%s", params, workload, machine, simrun->report.reason,
			 oracles);
	}
	return simrun;
}

static void check_verdicts(const char *params, const char *workload, const char *state,
			   const char *connections)
{
	g_auto(GStrv) machines = simrun_machines();

	for (char **machine = machines; *machine; machine++) {
		struct simrun *simrun = good(params, workload, *machine);

		assert_string_equal(simrun_verdict(simrun, state), "pass");
		assert_string_equal(simrun_verdict(simrun, "connections"), connections);
		simrun_free(simrun);
	}
}

static void test_criu_carries_connections(void **state)
{
	check_verdicts("state=criu", "tick", "state", "pass");
	check_verdicts("state=criu", "redis", "dataset", "pass");
	check_verdicts("state=criu", "oltp", "acknowledged", "pass");
}

static void test_app_carries_state_alone(void **state)
{
	check_verdicts("state=app", "tick", "state", "waived");
	check_verdicts("state=app", "redis", "dataset", "waived");
	check_verdicts("state=app", "redis", "acknowledged-writes", "waived");
}

/* The disks of the kernel component, too. */
static void test_app_carries_devices(void **state)
{
	check_verdicts("state=app", "block", "disks", "waived");
}

static void refuse(const char *params, const char *workload, const char *machine, int code,
		   const char *words)
{
	struct lu_plan *plan = simrun_plan("warm", params, workload, machine);
	g_autoptr(GError) error = NULL;

	if (lu_plan_feasible(plan, &error))
		fail_msg("%s with %s on %s was accepted", params, workload, machine);
	assert_int_equal(error->code, code);
	if (!strstr(error->message, words))
		fail_msg("'%s' does not say '%s'", error->message, words);
	lu_plan_free(plan);
}

static void test_refuses(void **state)
{
	refuse("state=app", "http", "x86-q35", LU_ERROR_REFUSED, "does not save");
	refuse("state=app", "nat", "x86-q35", LU_ERROR_REFUSED, "does not save");
	refuse("state=criu", "block", "x86-q35", LU_ERROR_REFUSED, "kernel modules");
	refuse("kernel=fast", "tick", "ppc64-pseries", LU_ERROR_UNSUPPORTED, "unpacked");
	refuse("firmware=plain", "tick", "x86-q35", LU_ERROR_UNSUPPORTED, "qboot");
	refuse("console=plain", "tick", "arm64-virt", LU_ERROR_UNSUPPORTED, "machine.json");
}

static void test_verbs_fail(void **state)
{
	static const struct {
		const char *params, *verb;
		bool before_switch;
	} all[] = {
		{"state=criu", "store.open", true},
		{"state=criu", "log.words", true},
		{"state=criu", "service.freeze", true},
		{"state=criu", "net.lock", true},
		{"state=criu predump=0", "checkpoint", true},
		{"state=criu", "store.close", true},
		{"state=criu", "power_cycle", false},
		{"state=criu", "restore", false},
		{"state=criu", "net.nudge", false},
		{"state=app", "log.words", true},
		{"state=app", "data.room", true},
		{"state=app", "service.freeze", true},
		{"state=app", "service.stop", false},
		{"state=app", "data.close", false},
		{"state=app", "power_cycle", false},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
		simrun_break(simrun_plan("warm", all[i].params, "tick", "x86-q35"), all[i].verb,
			     all[i].before_switch);
}

/* Before the freeze, and with a size that would do; without the look the simulated service, whose
 * files take no room, gets over. */
static void test_room_on_the_data_disk(void **state)
{
	struct simrun *simrun = run_of("state=app store_mb=9", "tick", "x86-q35");

	assert_int_equal(simrun->report.outcome, LU_REFUSED);
	assert_non_null(strstr(simrun->report.reason, "the data disk has room for 9 MB"));
	assert_non_null(strstr(simrun->report.reason, "store_mb="));
	assert_true(lu_metrics_compute(simrun->timeline).blackout_ns == 0);
	simrun_free(simrun);
	simrun_free(good("state=app store_mb=9 preflight=off", "tick", "x86-q35"));
	simrun_free(good("state=app store_mb=24", "tick", "x86-q35"));
}

static void test_damage_is_seen(void **state)
{
	static const char *const kinds[] = {"lose-write", "corrupt", "reset-counter"};
	static const char *const params[] = {"state=criu", "state=app"};

	for (size_t i = 0; i < G_N_ELEMENTS(kinds) * G_N_ELEMENTS(params); i++) {
		struct simrun *simrun =
			simrun_new(simrun_plan("warm", params[i % 2], "tick", "x86-q35"));

		lu_sim_damage_at_jump(simrun->guest, kinds[i / 2]);
		simrun_run(simrun);
		if (simrun_all_pass(simrun))
			fail_msg("%s: '%s' went unseen", params[i % 2], kinds[i / 2]);
		simrun_free(simrun);
	}
}

static void must(struct simrun *simrun, const char *verb, json_t *args)
{
	g_autoptr(GError) error = NULL;

	if (!simrun->guest->ops->call(simrun->guest, verb, args, 60 * SECOND, NULL, &error))
		fail_msg("%s: %s", verb, error->message);
}

static json_t *store(bool format)
{
	return json_pack("{s:s, s:b}", "kind", "disk", "format", (int)format);
}

static json_t *features(void)
{
	return json_pack("{s:[s, s, s, s]}", "features", "net", "block", "ext4", "criu");
}

static struct simrun *checkpointed(void)
{
	struct simrun *simrun = simrun_new(simrun_plan("warm", NULL, "tick", "x86-q35"));
	const struct lu_guest_ops *ops = simrun->guest->ops;
	g_autoptr(GError) error = NULL;

	assert_true(ops->boot(simrun->guest, LU_RELEASE_OLD, 60 * SECOND, &error));
	assert_true(lu_bringup(simrun->guest, simrun->plan, INT64_MAX, &error));
	must(simrun, "modules", features());
	must(simrun, "store.open", store(true));
	must(simrun, "service.freeze", NULL);
	must(simrun, "net.lock", NULL);
	must(simrun, "checkpoint", json_pack("{s:b}", "tcp", 1));
	return simrun;
}

/* Whether a checkpoint can be restored after the power has been off. */
static bool outlives(bool unmount)
{
	struct simrun *simrun = checkpointed();
	const struct lu_guest_ops *ops = simrun->guest->ops;
	g_autoptr(GError) error = NULL;
	bool restored;

	if (unmount)
		must(simrun, "store.close", NULL);
	assert_true(ops->power_cycle(simrun->guest, LU_RELEASE_NEW, 60 * SECOND, &error));
	must(simrun, "modules", features());
	restored = ops->call(simrun->guest, "store.open", store(false), 60 * SECOND, NULL, NULL) &&
		   ops->call(simrun->guest, "restore", NULL, 60 * SECOND, NULL, NULL);
	simrun_free(simrun);
	return restored;
}

static void test_only_an_unmounted_store_outlives_power(void **state)
{
	assert_true(outlives(true));
	assert_false(outlives(false));
}

static int64_t blackout(const char *params, const char *machine)
{
	struct simrun *simrun = good(params, "tick", machine);
	struct lu_metrics metrics = lu_metrics_compute(simrun->timeline);

	simrun_free(simrun);
	return metrics.blackout_ns;
}

/* Each costs something by itself, where the machine has it. */
static void test_each_switch_costs(void **state)
{
	g_auto(GStrv) machines = simrun_machines();

	for (char **machine = machines; *machine; machine++) {
		int64_t fast = blackout(NULL, *machine);

		for (const char *const *name = lu_boot_switches; *name; name++) {
			g_autofree char *plain = g_strdup_printf("%s=plain", *name);
			struct lu_plan *plan = simrun_plan("warm", plain, "tick", *machine);
			bool offered = lu_plan_feasible(plan, NULL);

			lu_plan_free(plan);
			if (offered && blackout(plain, *machine) <= fast)
				fail_msg("%s on %s costs nothing", plain, *machine);
		}
	}
}

static void check_next_boot(const char *params, bool plain)
{
	struct lu_plan *plan = simrun_plan("warm", params, "tick", "x86-q35");
	const struct lu_next_boot *boot = &plan->needs->next_boot;

	assert_int_equal(plan->needs->pin_kdat, !plain);
	assert_int_equal(boot->most_modules, plain);
	assert_int_equal(boot->cmdline && strstr(boot->cmdline, "loglevel=7"), plain);
	assert_int_equal(g_strcmp0(boot->image, "vmlinux") != 0, plain);
	lu_plan_free(plan);
}

/* The parameters say how the next kernel boots, not only what that costs in the simulator. */
static void test_next_boot(void **state)
{
	check_next_boot(NULL, false);
	check_next_boot("kdat=cold initramfs=plain console=plain kernel=plain", true);
}

static GString *told; /* all that the boot loader was, each in brackets */

static bool tell(struct lu_guest *guest, const char *words, GError **error)
{
	g_string_append_printf(told, "[%s]", words);
	return true;
}

/* What the boot loader is told by a run in which that verb fails ("": none does). */
static void check_told(const char *params, const char *verb, const char *expected)
{
	struct simrun *simrun = simrun_new(simrun_plan("warm", params, "tick", "x86-q35"));
	struct lu_guest_ops ops = *simrun->guest->ops;

	ops.boot_words = tell;
	simrun->guest->ops = &ops;
	lu_sim_fail_verb(simrun->guest, verb, LU_ERROR_FAILED, "it broke");
	told = g_string_new(NULL);
	simrun_run(simrun);
	assert_string_equal(told->str, expected);
	g_string_free(told, TRUE);
	simrun_free(simrun);
}

/* The words that the running kernel's log gave, taken back when the boot does not come. */
static void test_boot_loader_is_told(void **state)
{
	check_told(NULL, "", "[lpj=0 tsc_early_khz=0]");
	check_told("calibration=plain", "", "");
	check_told(NULL, "service.freeze", "[lpj=0 tsc_early_khz=0][]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_criu_carries_connections),
		cmocka_unit_test(test_app_carries_state_alone),
		cmocka_unit_test(test_app_carries_devices),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_verbs_fail),
		cmocka_unit_test(test_room_on_the_data_disk),
		cmocka_unit_test(test_damage_is_seen),
		cmocka_unit_test(test_only_an_unmounted_store_outlives_power),
		cmocka_unit_test(test_each_switch_costs),
		cmocka_unit_test(test_next_boot),
		cmocka_unit_test(test_boot_loader_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
