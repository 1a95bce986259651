/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The second machine with real QEMUs: moves, drops, and deaths at bad moments. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <unistd.h>
#include "record/error.h"
#include "record/metrics.h"
#include "engine/engine.h"
#include "qemu/migration/memory-compare.h"
#include "qemu/guest.h"
#include "qemu/state.h"
#include "host/wait.h"
#include "model/strategy.h"
#include "tests/kit/full.h"

#define BOOT_NS (90 * LU_NS_PER_S)
#define MOVE_NS (90 * LU_NS_PER_S)
#define CALL_NS (10 * LU_NS_PER_S)

static const struct lu_migration_config precopy = {
	.mode = LU_MIGRATION_PRECOPY,
	.bandwidth = 1000000000,
	.downtime_limit_ns = 300 * LU_NS_PER_MS,
};

static struct lu_plan *plan;
static struct lu_timeline *timeline;
static struct lu_guest *guest;

static struct lu_plan *make_plan(const char *mode, const char *fault)
{
	g_autoptr(GError) error = NULL;
	json_t *doc = json_pack("{s:s, s:s, s:{s:s}, s:{s:i, s:i}}", "strategy", "migrate", "accel",
				"tcg", "strategy_params", "mode", mode, "client", "baseline_ms",
				1000, "settle_ms", 500);
	struct lu_plan *made;

	if (fault)
		json_object_set_new(doc, "fault",
				    json_pack("{s:s, s:s}", "phase", fault, "kind", "error"));
	made = lu_plan_new(doc, "test", LU_SOURCE_DIR "/machines", 0, &error);
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

static void end(void)
{
	g_clear_pointer(&guest, lu_guest_free);
	g_clear_pointer(&timeline, lu_timeline_free);
	g_clear_pointer(&plan, lu_plan_free);
}

static void begin(const char *mode, const char *fault)
{
	g_autoptr(GError) error = NULL;

	end();
	plan = make_plan(mode, fault);
	timeline = lu_timeline_new();
	guest = make(&error);
	if (!guest)
		fail_msg("%s", error->message);
}

/* The QEMUs that run, in the order in which they were started. */
static char **children(void)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/children", getpid(), getpid());
	g_autofree char *text = NULL;

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	return g_strsplit(g_strstrip(text), " ", -1);
}

static void kill_standby(void)
{
	g_auto(GStrv) pids = children();

	assert_int_equal(g_strv_length(pids), 2);
	assert_int_equal(kill((pid_t)g_ascii_strtoll(pids[1], NULL, 10), SIGKILL), 0);
}

static void expect_machines(unsigned n)
{
	g_auto(GStrv) pids = children();

	assert_int_equal(g_strv_length(pids), n);
}

/* The error is looked at only after the call that sets it. */
#define must(ok, error)                                                                            \
	do {                                                                                       \
		if (!(ok))                                                                         \
			fail_msg("%s", (error)->message);                                          \
	} while (0)

static void start(enum lu_standby_kind kind)
{
	g_autoptr(GError) error = NULL;

	must(guest->ops->standby_start(guest, kind, LU_RELEASE_NEW, BOOT_NS, &error), error);
	expect_machines(2);
}

static void copy(const struct lu_migration_config *move)
{
	g_autoptr(GError) error = NULL;

	must(guest->ops->standby_copy(guest, move, MOVE_NS, &error), error);
}

static void change_over(void)
{
	g_autoptr(GError) error = NULL;

	must(guest->ops->standby_switch(guest, MOVE_NS, &error), error);
}

static void stop(void)
{
	g_autoptr(GError) error = NULL;

	must(guest->ops->stop(guest, &error), error);
}

static void drop(void)
{
	g_autoptr(GError) error = NULL;

	must(guest->ops->standby_drop(guest, &error), error);
	expect_machines(1);
}

static void expect_alive(const char *kernel)
{
	g_autoptr(GError) error = NULL;
	json_t *info = NULL;

	must(guest->ops->call(guest, "info", NULL, CALL_NS, &info, &error), error);
	assert_string_equal(json_string_value(json_object_get(info, "kernel")), kernel);
	assert_string_equal(guest->ops->kernel(guest), kernel);
	json_decref(info);
}

static const char *release(enum lu_release which)
{
	return guest->ops->release(guest, which);
}

/* One that a test has left as it was: alone, with the kernel that it booted. */
static bool usable(void)
{
	g_auto(GStrv) pids = guest ? children() : NULL;

	return guest && g_strv_length(pids) == 1 &&
	       g_strcmp0(guest->ops->kernel(guest), release(LU_RELEASE_OLD)) == 0 &&
	       guest->ops->call(guest, "ping", NULL, CALL_NS, NULL, NULL);
}

/* The guest that the test before has left, or another. */
static int setup(void **state)
{
	g_autoptr(GError) error = NULL;

	if (usable())
		return 0;
	begin("precopy", NULL);
	if (!guest->ops->boot(guest, LU_RELEASE_OLD, BOOT_NS, &error))
		fail_msg("%s", error->message);
	/* An agent says hello until it is asked something: at the other place
	 * that would be a boot. */
	expect_alive(release(LU_RELEASE_OLD));
	return 0;
}

/* It answers from the other QEMU afterwards, and can move again. */
static void test_move_twice(void **state)
{
	uint16_t port = guest->ops->endpoint(guest, 0);

	for (int i = 0; i < 2; i++) {
		start(LU_STANDBY_INCOMING);
		expect_alive(release(LU_RELEASE_OLD));
		copy(&precopy);
		change_over();
		expect_machines(2);
		drop();
		expect_alive(release(LU_RELEASE_OLD));
	}
	assert_int_equal(guest->ops->endpoint(guest, 0), port);
}

/* Further streams meet at a socket that has no name any more. */
static void test_move_in_streams(void **state)
{
	struct lu_migration_config streams = precopy;

	streams.channels = 2;
	start(LU_STANDBY_INCOMING);
	copy(&streams);
	change_over();
	drop();
	expect_alive(release(LU_RELEASE_OLD));
}

/* Over a link on which it cannot converge within a round: it is stopped, and arrives running. */
static void test_forced(void **state)
{
	struct lu_migration_config forced = precopy;

	forced.transport_rate = 60000000;
	forced.downtime_limit_ns = 1000000;
	forced.max_rounds = 1;
	forced.force = true;
	start(LU_STANDBY_INCOMING);
	copy(&forced);
	change_over();
	drop();
	expect_alive(release(LU_RELEASE_OLD));
	start(LU_STANDBY_INCOMING);
	copy(&forced);
	drop(); /* stopped by us, it goes on by us */
	expect_alive(release(LU_RELEASE_OLD));
}

/* A number that QEMU answers with. */
static json_int_t asked_of(const struct lu_vm *vm, const char *command, const char *member)
{
	g_autoptr(GError) error = NULL;
	json_auto_t *answer = NULL;

	must(lu_qmp_execute(lu_vm_qmp(vm), lu_vm_waiter(vm), command, NULL,
			    lu_monotonic_ns() + CALL_NS, &answer, &error),
	     error);
	assert_true(json_is_integer(json_object_get(answer, member)));
	return json_integer_value(json_object_get(answer, member));
}

/* Over a link on which the first pass outlasts the ramp: QEMU has been told each step to its end. */
static void test_ramp(void **state)
{
	struct lu_migration_config ramped = precopy;
	struct qemu_guest *qemu = QEMU(guest);

	ramped.transport_rate = 30000000;
	ramped.downtime_limit_ns = LU_NS_PER_MS;
	ramped.ramp = (struct lu_precopy_ramp){100 * LU_NS_PER_MS, 200 * LU_NS_PER_MS,
					       301 * LU_NS_PER_MS};
	start(LU_STANDBY_INCOMING);
	copy(&ramped);
	assert_int_equal(asked_of(qemu->vm, "query-migrate-parameters", "downtime-limit"), 301);
	assert_int_equal(lu_migration_limit_ns(qemu->standby.migration), 301 * LU_NS_PER_MS);
	change_over();
	drop();
	expect_alive(release(LU_RELEASE_OLD));
}

/* In the middle of the first pass: what is left of it is fetched from there. */
static void test_switches_to_postcopy(void **state)
{
	struct lu_migration_config switched = precopy;
	struct qemu_guest *qemu = QEMU(guest);
	const json_t *ram;

	if (left_to_full("a switch to post-copy"))
		return;
	switched.transport_rate = 30000000;
	switched.postcopy_after_ns = 500 * LU_NS_PER_MS;
	start(LU_STANDBY_INCOMING);
	copy(&switched);
	assert_in_range(lu_migration_postcopy_ns(qemu->standby.migration), 500 * LU_NS_PER_MS,
			MOVE_NS);
	change_over();
	ram = json_object_get(json_object_get(qemu->migrated, "claims"), "ram");
	assert_true(json_integer_value(json_object_get(ram, "postcopy-bytes")) > 1 << 20);
	drop();
	expect_alive(release(LU_RELEASE_OLD));
}

/* Rounds that follow each other as fast as they can, where emulation's log of writes once had
 * holes: what stood still here and what arrived there are the same, byte by byte. */
static void test_no_page_is_lost(void **state)
{
	struct lu_migration_config move = precopy;

	move.downtime_limit_ns = 1000000;
	move.max_rounds = 30;
	move.force = move.compare = true;
	for (int i = 0; i < 3; i++) {
		start(LU_STANDBY_INCOMING);
		copy(&move);
		change_over();
		drop();
		expect_alive(release(LU_RELEASE_OLD));
		move.mode = i == 0 ? LU_MIGRATION_POSTCOPY : LU_MIGRATION_FILE;
		if (move.mode == LU_MIGRATION_FILE)
			stop();
	}
}

/* Two machines that booted by themselves. */
static void test_difference_is_seen(void **state)
{
	struct qemu_guest *qemu = QEMU(guest);
	int64_t deadline_ns = lu_monotonic_ns() + MOVE_NS;
	g_autoptr(GError) error = NULL;

	start(LU_STANDBY_BOOT);
	must(lu_vm_stop(qemu->vm, deadline_ns, &error), error);
	must(lu_vm_stop(qemu->standby.vm, deadline_ns, &error), error);
	assert_true(
		lu_memory_compare(qemu->vm, qemu->vm, lu_vm_waiter(qemu->vm), deadline_ns, &error));
	assert_false(lu_memory_compare(qemu->vm, qemu->standby.vm, lu_vm_waiter(qemu->vm),
				       deadline_ns, &error));
	assert_int_equal(error->code, LU_ERROR_FAILED);
	if (!strstr(error->message, "pages of the machine's memory differ"))
		fail_msg("%s", error->message);
}

static void test_drop_waiting(void **state)
{
	start(LU_STANDBY_INCOMING);
	drop();
	expect_alive(release(LU_RELEASE_OLD));
	drop(); /* nothing to drop */
}

static void test_drop_copied(void **state)
{
	start(LU_STANDBY_INCOMING);
	copy(&precopy);
	drop();
	expect_alive(release(LU_RELEASE_OLD));
}

/* A standby that is gone does not take the machine with it: not before the copy … */
static void test_killed_waiting(void **state)
{
	g_autoptr(GError) error = NULL;

	start(LU_STANDBY_INCOMING);
	kill_standby();
	expect_alive(release(LU_RELEASE_OLD));
	assert_false(guest->ops->standby_copy(guest, &precopy, MOVE_NS, &error));
	assert_int_equal(error->code, LU_ERROR_FAILED);
	if (!strstr(error->message, "the other machine"))
		fail_msg("%s", error->message);
	drop();
	expect_alive(release(LU_RELEASE_OLD));
}

/* … and not when all but the rest is there. */
static void test_killed_copied(void **state)
{
	start(LU_STANDBY_INCOMING);
	copy(&precopy);
	kill_standby();
	drop();
	expect_alive(release(LU_RELEASE_OLD));
}

/* A second machine with a kernel of its own: asked by itself before, the guest afterwards. */
static void test_boot(void **state)
{
	g_autoptr(GError) error = NULL;
	json_t *info = NULL;

	start(LU_STANDBY_BOOT);
	must(guest->ops->standby_call(guest, "info", NULL, CALL_NS, &info, &error), error);
	assert_string_equal(json_string_value(json_object_get(info, "kernel")),
			    release(LU_RELEASE_NEW));
	json_decref(info);
	expect_alive(release(LU_RELEASE_OLD));
	change_over();
	expect_alive(release(LU_RELEASE_NEW));
	drop();
	expect_alive(release(LU_RELEASE_NEW));
}

static void expect_usage(bool ok, GError **error)
{
	assert_false(ok);
	assert_int_equal((*error)->code, LU_ERROR_USAGE);
	g_clear_error(error);
}

static void test_usage(void **state)
{
	const struct lu_guest_ops *ops = guest->ops;
	const struct lu_migration_config file = {.mode = LU_MIGRATION_FILE,
						 .bandwidth = 1000000000};
	GError *error = NULL;

	expect_usage(ops->standby_copy(guest, &precopy, MOVE_NS, &error), &error);
	expect_usage(ops->standby_switch(guest, MOVE_NS, &error), &error);
	start(LU_STANDBY_INCOMING);
	expect_usage(ops->standby_start(guest, LU_STANDBY_BOOT, LU_RELEASE_NEW, BOOT_NS, &error),
		     &error);
	expect_usage(ops->standby_call(guest, "ping", NULL, CALL_NS, NULL, &error), &error);
	expect_usage(ops->standby_switch(guest, MOVE_NS, &error), &error);
	expect_usage(ops->standby_copy(guest, &file, MOVE_NS, &error), &error);
	drop();
}

static const char *verdict(const struct lu_outcome_report *report, const char *oracle)
{
	const char *word = json_string_value(
		json_object_get(json_object_get(report->oracles, oracle), "verdict"));

	return word ? word : "(none)";
}

static struct lu_outcome_report run(lu_progress_fn progress, void *data)
{
	struct lu_engine_options options = {progress, data};
	struct lu_outcome_report report = {};
	g_autoptr(GError) error = NULL;

	must(lu_engine_run(plan, guest, timeline, &options, &report, &error), error);
	return report;
}

/* A whole run under load: no connection and no reply is lost, and the silence was seen. */
static void check_run(const char *mode)
{
	struct lu_outcome_report report;
	struct lu_metrics metrics;

	begin(mode, NULL);
	report = run(NULL, NULL);
	if (report.outcome != LU_OK)
		fail_msg("%s: %s", mode, report.reason);
	assert_string_equal(verdict(&report, "version"), "pass");
	assert_string_equal(verdict(&report, "connections"), "pass");
	assert_string_equal(verdict(&report, "replies"), "pass");
	assert_string_equal(verdict(&report, "state"), "pass");
	metrics = lu_metrics_compute(timeline);
	assert_true(metrics.blackout_ns > 0);
	assert_int_equal(metrics.connections_reset, 0);
	lu_outcome_report_clear(&report);
	end();
}

static void test_runs(void **state)
{
	check_run("precopy");
	if (left_to_full("runs with postcopy and file"))
		return;
	check_run("postcopy");
	check_run("file");
}

static void expect_unharmed(struct lu_outcome_report *report)
{
	assert_int_equal(report->outcome, LU_FAILED);
	if (!report->rolled_back)
		fail_msg("not rolled back: %s", report->reason);
	assert_string_equal(verdict(report, "service-unharmed"), "pass");
	expect_machines(1);
	lu_outcome_report_clear(report);
}

/* Called off with everything copied, under load. */
static void check_fault(const char *mode, const char *phase)
{
	struct lu_outcome_report report;

	begin(mode, phase);
	report = run(NULL, NULL);
	expect_unharmed(&report);
	end();
}

static void test_called_off(void **state)
{
	check_fault("precopy", "FREEZE");
	if (!left_to_full("a file that is called off in PRESERVE"))
		check_fault("file", "PRESERVE");
}

/* The second phase of PREPARE begins: the standby is there. */
static void kill_at_copy(void *data, const char *step, int64_t elapsed_ns, uint64_t replies)
{
	unsigned *entered = data;

	if (g_str_equal(step, lu_phase_kind_name(LU_PREPARE)) && ++*entered == 2)
		kill_standby();
}

static void test_killed_under_load(void **state)
{
	struct lu_outcome_report report;
	unsigned entered = 0;

	begin("precopy", NULL);
	report = run(kill_at_copy, &entered);
	assert_string_equal(report.phase, "PREPARE");
	expect_unharmed(&report);
	end();
}

/* Without QEMU or cached assets there is nothing to test: say what is missing. */
static bool can_run(void)
{
	g_autoptr(GError) error = NULL;
	bool can;

	plan = make_plan("precopy", NULL);
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
		cmocka_unit_test_setup(test_move_twice, setup),
		cmocka_unit_test_setup(test_move_in_streams, setup),
		cmocka_unit_test_setup(test_forced, setup),
		cmocka_unit_test_setup(test_ramp, setup),
		cmocka_unit_test_setup(test_switches_to_postcopy, setup),
		cmocka_unit_test_setup(test_no_page_is_lost, setup),
		cmocka_unit_test_setup(test_drop_waiting, setup),
		cmocka_unit_test_setup(test_drop_copied, setup),
		cmocka_unit_test_setup(test_usage, setup),
		cmocka_unit_test_setup(test_killed_waiting, setup),
		cmocka_unit_test_setup(test_killed_copied, setup),
		cmocka_unit_test_setup(test_boot, setup),
		cmocka_unit_test_setup(test_difference_is_seen, setup),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_called_off),
		cmocka_unit_test(test_killed_under_load),
	};

	return can_run() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
