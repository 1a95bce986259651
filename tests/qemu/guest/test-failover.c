/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole failovers on real QEMUs under load: nothing of the standby is seen outside before the flip.
 * That is looked for where frames pass the gate (a capture) and by the port's own count, and the
 * same look has to find something when the gate is opened on purpose.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <cmocka.h>
#include <unistd.h>
#include "record/error.h"
#include "record/metrics.h"
#include "engine/engine.h"
#include "qemu/guest.h"
#include "qemu/state.h"
#include "model/strategy.h"
#include "tests/kit/full.h"

#define PCAP_HEADER 24 /* bytes of a capture without a frame */

static struct lu_plan *plan;
static struct lu_timeline *timeline;
static struct lu_guest *guest;

static struct lu_plan *make_plan(const char *restore)
{
	g_autoptr(GError) error = NULL;
	json_t *doc = json_pack("{s:s, s:s, s:{s:s}, s:{s:i, s:i}}", "strategy", "failover",
				"accel", "tcg", "strategy_params", "restore", restore, "client",
				"baseline_ms", 1000, "settle_ms", 500);
	struct lu_plan *made = lu_plan_new(doc, "test", LU_SOURCE_DIR "/machines", 0, &error);

	json_decref(doc);
	if (!made)
		g_error("%s", error->message);
	return made;
}

static struct lu_guest *make(GError **error)
{
	struct lu_qemu_options options = {.agent_dir = LU_BUILD_DIR, .offline = true};

	return lu_qemu_guest_new(plan, timeline, &options, error);
}

static void begin(const char *restore)
{
	g_autoptr(GError) error = NULL;

	plan = make_plan(restore);
	timeline = lu_timeline_new();
	guest = make(&error);
	if (!guest)
		fail_msg("%s", error->message);
}

static void end(void)
{
	lu_guest_free(guest);
	lu_timeline_free(timeline);
	lu_plan_free(plan);
}

/* What was seen at the standby's port up to the flip. */
struct watch {
	bool open_gate; /* on purpose */
	bool begun;
	int capture;
	struct lu_port_stats before_flip;
	off_t captured; /* bytes, -1: the flip was never reached */
};

static struct lu_fabric *fabric(void)
{
	return QEMU(guest)->fabric;
}

/* The phase after its boot begins: its network is not up yet. */
static void watch_standby(struct watch *watch)
{
	g_autoptr(GError) error = NULL;
	int port = QEMU(guest)->standby.spare, fd = dup(watch->capture);

	watch->begun = true;
	if (!lu_fabric_capture(fabric(), port, fd, &error))
		fail_msg("%s", error->message);
	if (watch->open_gate)
		lu_fabric_gate(fabric(), port, LU_GATE_OPEN);
}

static void look(struct watch *watch)
{
	struct stat st;
	int port = QEMU(guest)->standby.spare;

	lu_fabric_stats(fabric(), port, &watch->before_flip);
	assert_int_equal(fstat(watch->capture, &st), 0);
	watch->captured = st.st_size - PCAP_HEADER;
	lu_fabric_capture(fabric(), port, -1, NULL);
}

static void on_progress(void *data, const char *step, int64_t elapsed_ns, uint64_t replies)
{
	struct watch *watch = data;

	if (g_str_equal(step, lu_phase_kind_name(LU_PREPARE)) && QEMU(guest)->standby.vm &&
	    !watch->begun)
		watch_standby(watch);
	else if (g_str_equal(step, lu_phase_kind_name(LU_SWITCH)) && watch->captured < 0)
		look(watch);
}

static struct lu_outcome_report run(struct watch *watch)
{
	struct lu_engine_options options = {on_progress, watch};
	struct lu_outcome_report report = {};
	g_autoptr(GError) error = NULL;

	watch->capture = memfd_create("capture", MFD_CLOEXEC);
	watch->captured = -1;
	if (!lu_engine_run(plan, guest, timeline, &options, &report, &error))
		fail_msg("%s", error->message);
	close(watch->capture);
	return report;
}

static void expect_pass(const struct lu_outcome_report *report, const char *oracle)
{
	const char *verdict = json_string_value(
		json_object_get(json_object_get(report->oracles, oracle), "verdict"));

	if (g_strcmp0(verdict, "pass"))
		fail_msg("%s: %s", oracle, verdict ? verdict : "(none)");
}

/* It tries to speak, and nobody hears it; then it takes over, and all connections with it. */
static void check_silent(const char *restore)
{
	struct watch watch = {};
	struct lu_outcome_report report;
	struct lu_metrics metrics;

	begin(restore);
	report = run(&watch);
	if (report.outcome != LU_OK)
		fail_msg("%s", report.reason);
	assert_true(watch.before_flip.frames_in > 0);
	assert_int_equal(watch.before_flip.leaked_before_open, 0);
	assert_int_equal(watch.captured, 0);
	metrics = lu_metrics_compute(timeline);
	assert_int_equal(metrics.connections_reset, 0);
	assert_true(metrics.blackout_ns > 0);
	expect_pass(&report, "version");
	expect_pass(&report, "state");
	lu_outcome_report_clear(&report);
	end();
}

static void test_silent(void **state)
{
	check_silent("before");
	if (!left_to_full("restore=after"))
		check_silent("after");
}

/* The same look through a gate that stands open sees what the standby says; what comes of the run
 * is no matter. */
static void test_open_gate_is_seen(void **state)
{
	struct watch watch = {.open_gate = true};
	struct lu_outcome_report report;

	begin("before");
	report = run(&watch);
	assert_true(watch.captured > 0);
	lu_outcome_report_clear(&report);
	end();
}

/* Without QEMU or cached assets there is nothing to test: say what is missing. */
static bool can_run(void)
{
	g_autoptr(GError) error = NULL;
	bool can;

	plan = make_plan("before");
	timeline = lu_timeline_new();
	guest = make(&error);
	can = guest != NULL;
	if (!can)
		g_printerr("skipped: %s\n", error->message);
	end();
	return can;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_open_gate_is_seen),
	};

	return can_run() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
