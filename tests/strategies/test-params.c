/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters: what the machine lacks, what contradicts itself, and what each one changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "record/error.h"
#include "model/strategy.h"
#include "tests/strategies/simrun.h"

#define MS INT64_C(1000000)

static void expect_of(const char *strategy, const char *params, const char *machine, int code,
		      const char *words)
{
	struct simrun *simrun = simrun_new(simrun_plan(strategy, params, "tick", machine));
	g_autoptr(GError) error = NULL;

	if (lu_plan_feasible(simrun->plan, &error))
		fail_msg("%s on %s was accepted", params, machine);
	assert_int_equal(error->code, code);
	if (!strstr(error->message, words))
		fail_msg("'%s' does not say '%s'", error->message, words);
	simrun_free(simrun);
}

static void expect(const char *params, const char *machine, int code, const char *words)
{
	expect_of("kexec", params, machine, code, words);
}

static void test_not_offered(void **state)
{
	expect("store=pmem", "ppc64-pseries", LU_ERROR_UNSUPPORTED, "disk");
	expect("image=bzimage", "ppc64-pseries", LU_ERROR_UNSUPPORTED, "vmlinux");
}

static void expect_infeasible(const char *strategy, const char *params, const char *words)
{
	struct lu_plan *plan = simrun_plan(strategy, params, "tick", "arm64-virt");
	g_autoptr(GError) error = NULL;
	bool feasible = lu_plan_feasible(plan, &error);

	assert_true(words ? !feasible : feasible);
	if (words && (error->code != LU_ERROR_UNSUPPORTED || !strstr(error->message, words)))
		fail_msg("%s %s: %s", strategy, params, error->message);
	lu_plan_free(plan);
}

/* What its kernel cannot do is known before it is booted. */
static void test_precopy_needs_soft_dirty(void **state)
{
	expect_infeasible("kexec", "predump=1", "predump=0");
	expect_infeasible("kexec", "predump=0", NULL);
	expect_infeasible("failover", "", "soft-dirty");
}

static void test_hotswap_refuses(void **state)
{
	expect_of("hotswap", "to=v2", "x86-q35", LU_ERROR_REFUSED, "--workload=block");
	expect_of("hotswap", "to=v3", "ppc64-pseries", LU_ERROR_REFUSED, "uses no component");
}

static void expect_block(const char *strategy, const char *params, const char *words)
{
	struct simrun *simrun = simrun_new(simrun_plan(strategy, params, "block", "x86-q35"));
	g_autoptr(GError) error = NULL;

	assert_false(lu_plan_feasible(simrun->plan, &error));
	assert_int_equal(error->code, LU_ERROR_REFUSED);
	if (!strstr(error->message, words))
		fail_msg("'%s' does not say '%s'", error->message, words);
	simrun_free(simrun);
}

static void test_block_refused(void **state)
{
	expect_block("hotswap", "swaps=4", "odd");
	expect_block("hotswap", "to=v1", "not to 'v1'");
	expect_block("hotswap", "to=v2-v9", "v1, v2, v3");
	expect_block("hotswap", "component=nat", "uses component block");
	expect_block("kexec", NULL, "lu_swap");
	expect_block("failover", NULL, "lu_swap");
}

/* What goes wrong without quiescence is found by the workload's oracle. */
static void test_hotswap_unsafe(void **state)
{
	struct simrun *simrun =
		simrun_new(simrun_plan("hotswap", "quiescence=none", "block", "x86-q35"));

	simrun_run(simrun);
	assert_string_equal(simrun_verdict(simrun, "blocks"), "fail");
	simrun_free(simrun);
}

/* One of the two disks has the new version afterwards, and more moves take longer. */
static int64_t hotswap_ns(const char *params)
{
	struct simrun *simrun = simrun_new(simrun_plan("hotswap", params, "block", "x86-q35"));
	json_auto_t *state = NULL;
	json_t *versions;
	int64_t end_ns;

	simrun_run(simrun);
	assert_int_equal(simrun->report.outcome, LU_OK);
	assert_true(simrun_all_pass(simrun));
	assert_true(simrun->guest->ops->call(simrun->guest, "swap.state", NULL, 5000 * MS, &state,
					     NULL));
	versions = json_object_get(state, "versions");
	assert_string_equal(json_string_value(json_object_get(versions, "lublk0")), "v1");
	assert_string_equal(json_string_value(json_object_get(versions, "lublk1")), "v3");
	end_ns = simrun->guest->ops->now(simrun->guest);
	simrun_free(simrun);
	return end_ns;
}

static void test_hotswap_instance(void **state)
{
	int64_t once = hotswap_ns("instance=1 to=v3");

	assert_true(hotswap_ns("instance=1 to=v3 swaps=101") > once + 100 * MS);
}

/* Through all versions and home again, which is no contradiction. */
static void test_hotswap_tour(void **state)
{
	struct simrun *simrun =
		simrun_new(simrun_plan("hotswap", "to=v2-v3-v1 swaps=3", "block", "x86-q35"));
	const char *evidence;

	simrun_run(simrun);
	assert_int_equal(simrun->report.outcome, LU_OK);
	assert_true(simrun_all_pass(simrun));
	evidence = json_string_value(
		json_object_get(json_object_get(simrun->report.oracles, "component"), "evidence"));
	assert_non_null(strstr(evidence, "lublk0 v1"));
	simrun_free(simrun);
}

static void expect_end(const char *params, enum lu_outcome outcome)
{
	struct simrun *simrun = simrun_new(simrun_plan("hotswap", params, "block", "x86-q35"));

	simrun_run(simrun);
	assert_int_equal(simrun->report.outcome, outcome);
	assert_true(simrun_all_pass(simrun));
	simrun_free(simrun);
}

/* A transfer that fails leaves all as it was; a simulated guest has no instructions to count. */
static void test_hotswap_ends(void **state)
{
	expect_block("hotswap", "cost=on instance=1", "instance=0");
	expect_end("fail_transfers=1", LU_FAILED);
	expect_end("cost=on", LU_UNSUPPORTED);
}

static void test_contradictions(void **state)
{
	expect("method=direct checksum=on", "x86-q35", LU_ERROR_REFUSED, "purgatory");
	expect("method=direct image=bzimage", "x86-q35", LU_ERROR_REFUSED, "ELF");
	expect("method=file image=vmlinux checksum=on", "x86-q35", LU_ERROR_REFUSED, "bzimage");
	expect("method=tools image=vmlinux", "x86-q35", LU_ERROR_REFUSED, "bzimage");
	expect("method=tools place=huge", "x86-q35", LU_ERROR_REFUSED, "method=direct");
	expect("method=file", "x86-q35", LU_ERROR_REFUSED, "checksum=on");
}

static struct lu_metrics measure(const char *strategy, const char *params, const char *workload)
{
	struct simrun *simrun = simrun_new(simrun_plan(strategy, params, workload, "x86-q35"));
	struct lu_metrics metrics;

	simrun_run(simrun);
	if (simrun->report.outcome != LU_OK || !simrun_all_pass(simrun))
		fail_msg("%s %s: %s: %s", strategy, params ? params : "",
			 lu_outcome_name(simrun->report.outcome), simrun->report.reason);
	metrics = lu_metrics_compute(simrun->timeline);
	simrun_free(simrun);
	return metrics;
}

/* Every accepted combination works, none by accident of another's defaults. */
static void test_combinations(void **state)
{
	static const char *const params[] = {
		"store=pmem",
		"store=disk",
		"checksum=on",
		"method=file checksum=on",
		"method=tools",
		"method=tools checksum=on image=bzimage",
		"method=direct image=vmlinux",
		"image=bzimage",
		"place=copy",
		"place=huge",
		"cmdline=same",
		"criu_lock=skip",
		"criu_lock=nftables",
		"criu_lock=skip kdat=cold",
		"predump=4",
		"nudge=off",
		"store_mb=256",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(params); i++)
		measure("kexec", params[i], "tick");
}

/* What each parameter is there for, in the order that the costs give. */
static void test_effects(void **state)
{
	int64_t best = measure("kexec", NULL, "tick").blackout_ns;
	int64_t same = measure("kexec", "cmdline=same", "tick").blackout_ns;
	int64_t copied = measure("kexec", "place=copy", "tick").blackout_ns;
	int64_t bzimage = measure("kexec", "image=bzimage", "tick").blackout_ns;
	int64_t verified = measure("kexec", "image=bzimage checksum=on", "tick").blackout_ns;
	/* a state with which no peer's timer happens to run out when the service goes on */
	int64_t nudge = measure("kexec", "state_mb=32 manifest=off", "tick").blackout_ns;
	int64_t no_nudge =
		measure("kexec", "nudge=off state_mb=32 manifest=off", "tick").blackout_ns;
	int64_t script = measure("script", NULL, "tick").blackout_ns;

	assert_true(best < same);
	assert_true(best < copied);
	assert_true(best < bzimage);
	assert_true(bzimage < verified);
	assert_true(nudge < no_nudge);
	assert_true(best < script);
}

static void test_predump_shortens_the_stop(void **state)
{
	struct lu_metrics plain = measure("kexec", "state_mb=64 predump=0", "tick");
	struct lu_metrics ahead = measure("kexec", "state_mb=64 predump=1", "tick");

	assert_true(ahead.blackout_ns < plain.blackout_ns);
	assert_true(ahead.prepare_ns > plain.prepare_ns);
}

static void check_pause(const char *params, int64_t ms)
{
	struct lu_metrics metrics = measure("pause", params, "tick");
	int64_t off = metrics.blackout_ns - ms * MS;

	/* one interval between requests, and the machine's own stop and cont */
	if (off < -5 * MS || off > 5 * MS + 2 * MS)
		fail_msg("pause of %d ms reported as %.3f ms", (int)ms,
			 (double)metrics.blackout_ns / 1e6);
}

static void test_pause_is_exact(void **state)
{
	check_pause("ms=50", 50);
	check_pause("ms=500", 500);
	check_pause("ms=5000", 5000);
}

static void test_null_is_nothing(void **state)
{
	struct lu_metrics metrics = measure("null", NULL, "tick");

	assert_int_equal(metrics.blackout_ns, 0);
	assert_int_equal(metrics.connections_reset, 0);
}

static void test_cold_loses_connections(void **state)
{
	struct lu_metrics metrics = measure("cold", NULL, "tick");

	assert_true(metrics.connections_reset >= 8);
	assert_true(metrics.blackout_ns > 1000 * MS);
}

/* What would do nothing is refused. */
static void test_migrate_contradictions(void **state)
{
	expect_of("migrate", "multifd_channels=2 mode=postcopy", "x86-q35", LU_ERROR_REFUSED,
		  "mode=precopy");
	expect_of("migrate", "target_qemu=other", "x86-q35", LU_ERROR_UNSUPPORTED, "same");
	expect_of("migrate", "mode=file xbzrle=on", "x86-q35", LU_ERROR_REFUSED, "precopy");
	expect_of("migrate", "mode=postcopy auto_converge=on", "x86-q35", LU_ERROR_REFUSED,
		  "precopy");
}

/* Memory that is sent while the machine is stopped is blackout, by the megabyte; what is
 * moved before is not. */
static void test_migrate_modes(void **state)
{
	int64_t pre = measure("migrate", "state_mb=64 downtime_limit_ms=20", "tick").blackout_ns;
	int64_t post = measure("migrate", "state_mb=64 mode=postcopy", "tick").blackout_ns;
	int64_t file = measure("migrate", "state_mb=64 mode=file", "tick").blackout_ns;
	int64_t wide = measure("migrate", "state_mb=64 downtime_limit_ms=5000", "tick").blackout_ns;

	assert_true(pre < 60 * MS);
	assert_true(post < 60 * MS);
	assert_true(wide > 300 * MS); /* all of it while stopped: 134 MB at 400 MB/s */
	assert_true(file > 2 * 300 * MS);
}

/* A pause that grows with the state without rounds, and does not with them. */
static void test_standby_rounds(void **state)
{
	struct lu_metrics small = measure("standby", "state_mb=1 rounds=0", "tick");
	struct lu_metrics large = measure("standby", "state_mb=64 rounds=0", "tick");
	struct lu_metrics ahead = measure("standby", "state_mb=64 rounds=2", "tick");

	assert_true(large.blackout_ns > 10 * small.blackout_ns);
	assert_true(ahead.blackout_ns < 50 * MS);
	assert_true(ahead.prepare_ns > large.prepare_ns);
	assert_int_equal(ahead.connections_reset, 0);
	assert_true(ahead.activation_ns > 0);
	assert_true(ahead.extra_bytes_peak >= 64 << 20);
}

/* Two machines hold more than one, and longer in the one that takes longer to prepare. */
static void test_second_machine_counts(void **state)
{
	struct lu_metrics none = measure("pause", "state_mb=64", "tick");
	struct lu_metrics moved = measure("migrate", "state_mb=64", "tick");
	struct lu_metrics over = measure("failover", "state_mb=64", "tick");

	assert_int_equal(none.extra_bytes_peak, 0);
	assert_true(moved.extra_bytes_peak >= 64 << 20);
	assert_true(over.extra_bytes_peak >= 64 << 20);
	assert_true(over.extra_byte_seconds > moved.extra_byte_seconds);
}

static void test_restart_loses_connections(void **state)
{
	struct lu_metrics metrics = measure("restart", NULL, "tick");

	assert_true(metrics.connections_reset >= 8);
	assert_true(metrics.blackout_ns > measure("standby", NULL, "tick").blackout_ns);
}

/* A program that hands nothing over, and versions that there are not. */
static void test_app_refusals(void **state)
{
	static const char *const strategies[] = {"standby", "restart"};

	for (size_t i = 0; i < G_N_ELEMENTS(strategies); i++) {
		struct simrun *simrun =
			simrun_new(simrun_plan(strategies[i], NULL, "redis", "x86-q35"));

		simrun_run(simrun);
		assert_int_equal(simrun->report.outcome, LU_REFUSED);
		assert_non_null(strstr(simrun->report.reason, "workload redis"));
		simrun_free(simrun);
	}
}

static void expect_no_end(const char *params, enum lu_outcome outcome)
{
	struct simrun *simrun = simrun_new(simrun_plan("migrate", params, "tick", "x86-q35"));

	simrun_run(simrun);
	assert_int_equal(simrun->report.outcome, outcome);
	assert_string_equal(simrun->report.phase, "PREPARE");
	assert_true(simrun->report.rolled_back);
	simrun_free(simrun);
}

/* Slower than the service dirties its memory: pre-copy is given up, by the phase's deadline without
 * a bound of its own, and the service is unharmed. */
static void test_migrate_does_not_converge(void **state)
{
	expect_no_end("link_mb_s=1 downtime_limit_ms=1 max_rounds=0", LU_TIMEOUT);
	expect_no_end("bandwidth_mb_s=1 downtime_limit_ms=1 max_rounds=0", LU_TIMEOUT);
	expect_no_end("link_mb_s=10 downtime_limit_ms=1 max_rounds=1", LU_FAILED);
}

/* Or it is stopped for as long as the rest takes. */
static void test_migrate_is_forced(void **state)
{
	int64_t limit =
		measure("migrate", "link_mb_s=10 downtime_limit_ms=100", "tick").blackout_ns;
	int64_t forced =
		measure("migrate",
			"link_mb_s=10 downtime_limit_ms=1 max_rounds=1 not_converging=force",
			"tick")
			.blackout_ns;

	assert_true(limit < 200 * MS);
	assert_true(forced > 200 * MS);
}

/* 20 MB/s written, 10 MB/s sent: 4 MB take 0.4 s, whatever is repeated. */
#define HOPELESS "dirty_mb_per_s=20 link_mb_s=10 downtime_limit_ms=1 max_rounds=0 "

static int64_t claim_of(const char *params, const char *name, int64_t *blackout_ns)
{
	struct simrun *simrun = simrun_new(simrun_plan("migrate", params, "dirty", "x86-q35"));
	struct lu_metrics metrics;
	json_t *doc;
	int64_t ns;

	simrun_run(simrun);
	assert_int_equal(simrun->report.outcome, LU_OK);
	metrics = lu_metrics_compute(simrun->timeline);
	doc = lu_metrics_to_json(&metrics, simrun->timeline);
	ns = json_integer_value(json_object_get(json_object_get(doc, "claims"), name));
	*blackout_ns = metrics.blackout_ns;
	json_decref(doc);
	simrun_free(simrun);
	return ns;
}

/* A limit that grows ends what the first one does not, at the price of that pause. */
static void test_migrate_ramp(void **state)
{
	int64_t blackout_ns, limit_ns;

	expect_of("migrate", "downtime_step_ms=1 downtime_most_ms=300", "x86-q35", LU_ERROR_REFUSED,
		  "downtime_most_ms");
	expect_of("migrate", "downtime_step_ms=1 mode=postcopy", "x86-q35", LU_ERROR_REFUSED,
		  "precopy");
	limit_ns = claim_of(HOPELESS "downtime_step_ms=100 downtime_every_ms=1000",
			    "migrate.downtime_limit_ns", &blackout_ns);
	/* the first look is after the first pass, over all memory */
	assert_in_range(limit_ns, 401 * MS, 2001 * MS);
	assert_int_equal(limit_ns % (100 * MS), 1 * MS);
	assert_in_range(blackout_ns, 400 * MS, 500 * MS);
}

/* After the time the destination runs and fetches the rest: no such pause. */
static void test_migrate_switches_to_postcopy(void **state)
{
	int64_t blackout_ns, at_ns;

	expect_of("migrate", "postcopy_after_ms=1 mode=postcopy", "x86-q35", LU_ERROR_REFUSED,
		  "precopy");
	expect_of("migrate", "postcopy_after_ms=1 multifd_channels=2", "x86-q35", LU_ERROR_REFUSED,
		  "postcopy_after_ms=0");
	at_ns = claim_of(HOPELESS "postcopy_after_ms=3000", "migrate.postcopy_ns", &blackout_ns);
	assert_int_equal(at_ns, 3000 * MS);
	assert_true(blackout_ns < 60 * MS);
	/* whoever is done before does not switch */
	at_ns = claim_of("dirty_mb_per_s=0 link_mb_s=100 postcopy_after_ms=15000",
			 "migrate.postcopy_ns", &blackout_ns);
	assert_int_equal(at_ns, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_migrate_ramp),
		cmocka_unit_test(test_migrate_switches_to_postcopy),
		cmocka_unit_test(test_not_offered),
		cmocka_unit_test(test_precopy_needs_soft_dirty),
		cmocka_unit_test(test_hotswap_refuses),
		cmocka_unit_test(test_block_refused),
		cmocka_unit_test(test_hotswap_unsafe),
		cmocka_unit_test(test_hotswap_instance),
		cmocka_unit_test(test_hotswap_tour),
		cmocka_unit_test(test_hotswap_ends),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_combinations),
		cmocka_unit_test(test_effects),
		cmocka_unit_test(test_predump_shortens_the_stop),
		cmocka_unit_test(test_pause_is_exact),
		cmocka_unit_test(test_null_is_nothing),
		cmocka_unit_test(test_cold_loses_connections),
		cmocka_unit_test(test_migrate_contradictions),
		cmocka_unit_test(test_migrate_modes),
		cmocka_unit_test(test_standby_rounds),
		cmocka_unit_test(test_second_machine_counts),
		cmocka_unit_test(test_restart_loses_connections),
		cmocka_unit_test(test_app_refusals),
		cmocka_unit_test(test_migrate_does_not_converge),
		cmocka_unit_test(test_migrate_is_forced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
