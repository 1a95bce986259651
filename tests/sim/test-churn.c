/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections that come and go during an upgrade, on the simulated guest: what becomes of their
 * SYNs under each kind of interruption, with every workload that has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "model/workload.h"
#include "record/connects.h"
#include "record/metrics.h"
#include "tests/strategies/simrun.h"

#define MS	 INT64_C(1000000)
#define CHURN_HZ 50

static struct simrun *run(const char *strategy, const char *workload)
{
	struct lu_plan *plan = simrun_plan(strategy, NULL, workload, "x86-q35");
	struct simrun *simrun;

	plan->churn_hz = CHURN_HZ;
	simrun = simrun_new(plan);
	simrun_run(simrun);
	if (simrun->report.outcome != LU_OK || !simrun_all_pass(simrun))
		fail_msg("%s with %s: %s", strategy, workload,
			 simrun->report.reason ?: "an oracle");
	return simrun;
}

/* Each was intended at its time, and ended once. */
static void check_schedule(const struct simrun *simrun)
{
	int64_t first_ns = INT64_MAX;
	guint number = 0;
	g_autoptr(GArray) seen = g_array_new(FALSE, TRUE, sizeof(guint));

	for (size_t i = 0; i < lu_timeline_count(simrun->timeline); i++) {
		const struct lu_event *event = lu_timeline_at(simrun->timeline, i);
		int64_t intended_ns;

		if (!g_str_equal(event->kind, "churn"))
			continue;
		intended_ns = json_integer_value(json_object_get(event->value, "intended_ns"));
		first_ns = MIN(first_ns, intended_ns - event->id * 1000 * MS / CHURN_HZ);
		assert_int_equal(intended_ns, first_ns + event->id * 1000 * MS / CHURN_HZ);
		if (seen->len <= event->id)
			g_array_set_size(seen, (guint)event->id + 1);
		g_array_index(seen, guint, event->id)++;
	}
	for (number = 0; number < seen->len; number++)
		assert_int_equal(g_array_index(seen, guint, number), 1);
	assert_true(number > CHURN_HZ);
}

static struct lu_metrics metrics_of(struct simrun *simrun)
{
	struct lu_metrics metrics = lu_metrics_compute(simrun->timeline);

	check_schedule(simrun);
	simrun_free(simrun);
	return metrics;
}

static void test_nothing_happens(void **state)
{
	struct lu_metrics m = metrics_of(run("null", "tick"));

	assert_true(m.connects > 0);
	assert_int_equal(m.connects_late, 0);
	assert_int_equal(m.connects_refused + m.connects_reset + m.connects_timeout, 0);
	assert_in_range(m.connect_max_ns, 1, 2 * MS);
}

/* A stopped machine keeps what arrives: late by what was left of the pause, and by no timer. */
static void test_a_pause_keeps_syns(void **state)
{
	struct lu_metrics m = metrics_of(run("pause", "tick"));

	assert_int_equal(m.connects_refused + m.connects_reset + m.connects_timeout, 0);
	assert_in_range(m.connects_late, m.blackout_ns * CHURN_HZ / (1000 * MS) - 2,
			m.blackout_ns * CHURN_HZ / (1000 * MS) + 2);
	assert_true(m.connect_max_ns <= m.blackout_ns + 5 * MS);
}

/* The lock and the kernel that is not there yet drop SYNs, and nobody nudges their senders: each
 * waits 1, 3 or 7 s although the service is back before. */
static void test_kexec_loses_syns(void **state)
{
	struct lu_metrics m = metrics_of(run("kexec", "tick"));

	/* that was being opened in that very moment */
	assert_in_range(m.connects_refused + m.connects_reset + m.connects_timeout, 0, 1);
	assert_true(m.blackout_ns > 1000 * MS && m.blackout_ns < 7000 * MS);
	assert_true(m.connects_late >= (m.blackout_ns - 200 * MS) * CHURN_HZ / (1000 * MS));
	assert_true(m.connect_max_ns > m.blackout_ns);
	assert_true(m.connect_max_ns % (1000 * MS) < 5 * MS);
}

/* While no service listens its kernel refuses. */
static void test_a_restart_refuses(void **state)
{
	struct lu_metrics m = metrics_of(run("restart", "tick"));

	assert_true(m.connects_refused > 0);
	assert_int_equal(m.connects_timeout, 0);
	assert_true(m.connect_max_ns < 5 * MS);
}

static void test_every_workload(void **state)
{
	for (size_t i = 0; lu_workloads[i]; i++)
		if (lu_workloads[i]->churn) {
			struct lu_metrics m = metrics_of(run("kexec", lu_workloads[i]->name));

			assert_true(m.connects_late > 0);
		}
}

/* Its acknowledged writes and counts are the service's own, whoever asked. */
static void test_runs_are_equal(void **state)
{
	struct lu_metrics a = metrics_of(run("failover", "redis"));
	struct lu_metrics b = metrics_of(run("failover", "redis"));

	assert_int_equal(a.connects, b.connects);
	assert_int_equal(a.connects_late, b.connects_late);
	assert_int_equal(a.connect_p99_ns, b.connect_p99_ns);
	assert_int_equal(a.blackout_ns, b.blackout_ns);
}

static void refused(const char *scenario, const char *says)
{
	g_autoptr(GError) error = NULL;
	json_t *doc = json_loads(scenario, 0, NULL);

	assert_null(lu_plan_new(doc, "test", LU_SOURCE_DIR "/machines", 0, &error));
	if (!strstr(error->message, says))
		fail_msg("\"%s\" does not say \"%s\"", error->message, says);
	json_decref(doc);
}

static void test_what_cannot_be_is_said(void **state)
{
	refused("{\"strategy\": \"hotswap\", \"workload\": \"block\", \"client\": {\"churn_hz\": "
		"5}}",
		"client.churn_hz: the clients of workload block keep their connections");
	refused("{\"strategy\": \"null\", \"client\": {\"churn_hz\": 400}}",
		"client.churn_hz: 400 a second");
	refused("{\"strategy\": \"null\", \"client\": {\"churn_hz\": 1}}",
		"client.baseline_ms: 3000 ms at churn_hz=1");
	refused("{\"strategy\": \"null\", \"client\": {\"churn_hz\": 401}}", "churn_hz");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_happens),
		cmocka_unit_test(test_a_pause_keeps_syns),
		cmocka_unit_test(test_kexec_loses_syns),
		cmocka_unit_test(test_a_restart_refuses),
		cmocka_unit_test(test_every_workload),
		cmocka_unit_test(test_runs_are_equal),
		cmocka_unit_test(test_what_cannot_be_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
