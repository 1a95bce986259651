/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every strategy over a network with 1 % loss and 20 ms delay: no oracle fails, and the network is
 * seen in the record. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "record/metrics.h"
#include "record/validity.h"
#include "model/strategy.h"
#include "tests/strategies/simrun.h"

#define MS    INT64_C(1000000)
#define SEEDS 4
#define FEWER 2 /* of a workload whose state is large */

/* Besides the one that the strategy can carry in any case. */
static const char *const workloads[] = {"redis"};

static struct simrun *run(const char *strategy, const char *workload, const char *network,
			  uint64_t seed)
{
	struct lu_plan *base = simrun_plan_network(strategy, workload, "x86-q35", network);
	struct simrun *simrun = simrun_new(lu_plan_with_seed(base, seed));

	simrun_run(simrun);
	lu_plan_free(base);
	return simrun;
}

static void check(const char *strategy, const char *workload, uint64_t seed)
{
	struct simrun *simrun =
		run(strategy, workload, "{\"delay_us\": 20000, \"loss_ppm\": 10000}", seed);

	if (simrun->report.outcome == LU_REFUSED && !simrun->report.phase) {
		simrun_free(simrun); /* before anything was booted: no matter of the network */
		return;
	}
	if (simrun->report.outcome != LU_OK || !simrun_all_pass(simrun))
		fail_msg("%s with %s, seed %u: %s, %s", strategy, workload, (unsigned)seed,
			 simrun->report.reason ?: "ok",
			 simrun_all_pass(simrun) ? "no oracle failed" : "an oracle failed");
	simrun_free(simrun);
}

static bool carries(const struct lu_strategy *strategy, const char *workload)
{
	struct lu_plan *plan = simrun_plan(strategy->name, NULL, workload, "x86-q35");
	bool yes = lu_plan_feasible(plan, NULL);

	lu_plan_free(plan);
	return yes;
}

static void check_seeds(const struct lu_strategy *strategy, const char *workload, uint64_t seeds)
{
	for (uint64_t seed = 1; seed <= seeds && carries(strategy, workload); seed++)
		check(strategy->name, workload, seed);
}

static void test_no_oracle_fails(void **state)
{
	for (const struct lu_strategy *const *s = lu_strategies; *s; s++) {
		check_seeds(*s, simrun_workload((*s)->name, "x86-q35"), SEEDS);
		for (size_t w = 0; w < G_N_ELEMENTS(workloads); w++)
			check_seeds(*s, workloads[w], FEWER);
	}
}

/* A reply takes a round trip, and one whose segment was lost several. */
static void test_seen(void **state)
{
	struct simrun *delayed = run("null", "tick", "{\"delay_us\": 20000}", 1);
	struct simrun *lossy = run("null", "tick", "{\"delay_us\": 20000, \"loss_ppm\": 30000}", 1);
	struct lu_metrics plain = lu_metrics_compute(delayed->timeline);
	struct lu_metrics holed = lu_metrics_compute(lossy->timeline);

	assert_in_range(plain.baseline_p50_ns, 40 * MS, 42 * MS);
	assert_in_range(plain.baseline_max_ns, 40 * MS, 43 * MS);
	assert_in_range(holed.baseline_p50_ns, 40 * MS, 42 * MS);
	assert_true(holed.baseline_max_ns > 80 * MS);
	simrun_free(delayed);
	simrun_free(lossy);
}

static void test_same_seed_same_losses(void **state)
{
	static const uint64_t seeds[] = {7, 7, 8};
	g_autofree char *texts[G_N_ELEMENTS(seeds)] = {0};

	for (size_t i = 0; i < G_N_ELEMENTS(seeds); i++) {
		struct simrun *simrun = run("kexec", "tick", "{\"loss_ppm\": 50000}", seeds[i]);

		texts[i] = g_string_free(lu_timeline_to_jsonl(simrun->timeline), FALSE);
		simrun_free(simrun);
	}
	assert_string_equal(texts[0], texts[1]);
	assert_string_not_equal(texts[0], texts[2]);
	g_free(texts[1]);
	g_free(texts[2]);
}

/* Not a byte comes through: said of the baseline, not of the upgrade. */
static void test_dead_link(void **state)
{
	struct simrun *simrun = run("null", "tick", "{\"loss_ppm\": 1000000}", 1);

	assert_int_equal(simrun->report.outcome, LU_TIMEOUT);
	assert_null(simrun->report.phase);
	assert_non_null(
		strstr(simrun->report.reason, "baseline: the service gave no correct reply"));
	simrun_free(simrun);
}

static const char *verdict(const struct simrun *simrun, const char *oracle, const char *key)
{
	return json_string_value(
		json_object_get(json_object_get(simrun->report.oracles, oracle), key));
}

static void assert_waived_as_saturated(const struct simrun *simrun, const char *oracle)
{
	assert_string_equal(verdict(simrun, oracle, "verdict"), "waived");
	assert_non_null(strstr(verdict(simrun, oracle, "evidence"), "saturated"));
	assert_non_null(strstr(verdict(simrun, oracle, "evidence"), "requests/s were answered"));
}

/* A link that carries a small part of what is asked: the backlog is not the upgrade's to answer for, and
 * the run says that it measured no upgrade. */
static void test_saturated_is_not_lost(void **state)
{
	struct simrun *swapped = run("hotswap", "block", "{\"rate_kbps\": 3}", 1);
	struct lu_metrics metrics = lu_metrics_compute(swapped->timeline);
	json_t *validity = lu_validity_to_json(swapped->timeline, &metrics, true);
	const json_t *reason = json_array_get(json_object_get(validity, "reasons"), 0);

	assert_int_equal(swapped->report.outcome, LU_OK);
	assert_true(metrics.lost_timeout > 0);
	assert_waived_as_saturated(swapped, "replies");
	assert_waived_as_saturated(swapped, "component"); /* none was answered that came later */
	assert_string_equal(json_string_value(json_object_get(validity, "verdict")), "suspect");
	assert_string_equal(json_string_value(json_object_get(reason, "key")), "saturated");
	json_decref(validity);
	simrun_free(swapped);
}

/* Of a queue that is longer than the client's patience nothing comes in time: so it was before. */
static void test_saturated_is_no_silence(void **state)
{
	json_t *doc = json_pack("{s:s, s:s, s:s, s:s, s:{s:i, s:i}, s:{s:i}}", "strategy", "kexec",
				"workload", "tick", "machine", "x86-q35", "guest", "sim", "client",
				"connections", 1, "timeout_ms", 1500, "network", "rate_kbps", 15);
	struct lu_plan *plan = lu_plan_new(doc, "test", LU_SOURCE_DIR "/machines", 0, NULL);

	json_decref(doc);
	assert_non_null(plan);
	struct simrun *simrun = simrun_new(plan);

	simrun_run(simrun);
	assert_int_equal(simrun->report.outcome, LU_TIMEOUT);
	assert_non_null(strstr(simrun->report.reason, "the service was saturated before: "));
	simrun_free(simrun);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_oracle_fails),
		cmocka_unit_test(test_seen),
		cmocka_unit_test(test_same_seed_same_losses),
		cmocka_unit_test(test_dead_link),
		cmocka_unit_test(test_saturated_is_not_lost),
		cmocka_unit_test(test_saturated_is_no_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
