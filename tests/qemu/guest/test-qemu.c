/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest interface with a real QEMU, kernel and agent: life, pause, panic, power cycle, and
 * nothing left afterwards. */
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include "record/error.h"
#include "model/plan.h"
#include "qemu/guest.h"
#include "host/wait.h"

#define BOOT_NS (90 * LU_NS_PER_S)

static struct lu_plan *plan;
static struct lu_timeline *timeline;
static struct lu_guest *guest;

static struct lu_guest *make(GError **error)
{
	struct lu_qemu_options options = {.agent_dir = LU_BUILD_DIR, .offline = true};

	return lu_qemu_guest_new(plan, timeline, &options, error);
}

static bool boot(GError **error)
{
	return guest->ops->boot(guest, LU_RELEASE_OLD, BOOT_NS, error);
}

static int setup(void **state)
{
	GError *error = NULL;

	timeline = lu_timeline_new();
	guest = make(&error);
	if (!guest)
		fail_msg("%s", error->message);
	if (!boot(&error))
		fail_msg("%s", error->message);
	return 0;
}

static int teardown(void **state)
{
	lu_guest_free(guest);
	lu_timeline_free(timeline);
	return 0;
}

/* What the guest says of itself is what the assets say of it, and the time stamps are in order. */
static void test_boot(void **state)
{
	const struct lu_event *hello, *mark;
	struct lu_memory memory;
	json_t *info = NULL;

	assert_string_equal(guest->ops->kernel(guest), guest->ops->release(guest, LU_RELEASE_OLD));
	assert_int_not_equal(guest->ops->endpoint(guest, 0), 0);
	assert_true(guest->ops->call(guest, "info", NULL, 10 * LU_NS_PER_S, &info, NULL));
	assert_string_equal(json_string_value(json_object_get(info, "kernel")),
			    guest->ops->kernel(guest));
	json_decref(info);
	guest->ops->memory(guest, &memory);
	assert_true(memory.host_qemu_bytes > 32 << 20);
	assert_true(memory.host_files_bytes > 1 << 20);
	lu_timeline_sort(timeline);
	mark = lu_timeline_find(timeline, "guest", "mark", 0);
	hello = lu_timeline_find(timeline, "guest", "hello", 0);
	assert_non_null(hello);
	assert_non_null(mark);
	assert_true(mark->t_ns <= hello->t_ns);
}

/* While stopped the guest does not answer; QEMU's own account of the pause is the wait's length. */
static void test_pause(void **state)
{
	const struct lu_event *claim;
	GError *error = NULL;
	int64_t ns;

	assert_true(guest->ops->stop(guest, NULL));
	assert_false(guest->ops->call(guest, "ping", NULL, 100 * LU_NS_PER_MS, NULL, &error));
	assert_int_equal(error->code, LU_ERROR_TIMEOUT);
	g_clear_error(&error);
	assert_true(guest->ops->wait(guest, 200 * LU_NS_PER_MS, NULL));
	assert_true(guest->ops->cont(guest, NULL));
	assert_true(guest->ops->call(guest, "ping", NULL, 10 * LU_NS_PER_S, NULL, NULL));
	claim = lu_timeline_find(timeline, "guest", "claim", 0);
	assert_non_null(claim);
	ns = json_integer_value(json_object_get(claim->value, "ns"));
	assert_in_range(ns, 299 * LU_NS_PER_MS, 600 * LU_NS_PER_MS);
}

static void test_power_cycle(void **state)
{
	uint16_t port = guest->ops->endpoint(guest, 0);
	GError *error = NULL;

	if (!guest->ops->power_cycle(guest, LU_RELEASE_NEW, BOOT_NS, &error))
		fail_msg("%s", error->message);
	assert_string_equal(guest->ops->kernel(guest), guest->ops->release(guest, LU_RELEASE_NEW));
	assert_int_equal(guest->ops->endpoint(guest, 0), port);
}

static void expect_broken(const char *words)
{
	GError *error = NULL;

	assert_false(guest->ops->call(guest, "ping", NULL, 30 * LU_NS_PER_S, NULL, &error));
	assert_int_equal(error->code, LU_ERROR_FAILED);
	if (!strstr(error->message, words))
		fail_msg("'%s' is not in: %s", words, error->message);
	g_clear_error(&error);
}

static void test_panic(void **state)
{
	g_autofree char *tail = NULL;

	assert_true(guest->ops->sabotage(guest, "panic", NULL));
	expect_broken("Kernel panic - not syncing");
	tail = guest->ops->console_tail(guest, 100);
	assert_non_null(strstr(tail, "Kernel panic"));
}

static void test_kill(void **state)
{
	assert_true(guest->ops->sabotage(guest, "kill", NULL));
	expect_broken("killed by signal 9");
}

static void test_hang(void **state)
{
	GError *error = NULL;

	assert_true(guest->ops->sabotage(guest, "hang", NULL));
	assert_false(guest->ops->call(guest, "ping", NULL, 200 * LU_NS_PER_MS, NULL, &error));
	assert_int_equal(error->code, LU_ERROR_TIMEOUT);
	g_clear_error(&error);
	assert_false(guest->ops->cont(guest, &error));
	g_clear_error(&error);
}

/* The QEMU that a harness started: its only child. */
static pid_t child_of(pid_t harness)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/children", harness, harness);
	g_autofree char *text = NULL;

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	return (pid_t)g_ascii_strtoll(text, NULL, 10);
}

static _Noreturn void be_harness(int report)
{
	timeline = lu_timeline_new();
	guest = make(NULL);
	if (!guest || !boot(NULL) || write(report, "x", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void test_sigkill_of_the_harness(void **state)
{
	int report[2], pidfd;
	pid_t harness, qemu;
	char byte;

	assert_int_equal(pipe(report), 0);
	harness = fork();
	if (!harness)
		be_harness(report[1]);
	close(report[1]);
	assert_int_equal(read(report[0], &byte, 1), 1);
	close(report[0]);
	qemu = child_of(harness);
	pidfd = pidfd_open(qemu, 0);
	assert_true(pidfd >= 0);
	kill(harness, SIGKILL);
	assert_int_equal(waitpid(harness, NULL, 0), harness);

	struct pollfd ended = {.fd = pidfd, .events = POLLIN};

	assert_int_equal(poll(&ended, 1, 5000), 1);
	close(pidfd);
}

static struct lu_plan *make_plan(void)
{
	json_t *scenario = json_pack("{s:s, s:s}", "strategy", "null", "accel", "tcg");
	struct lu_plan *made = lu_plan_new(scenario, "test", LU_SOURCE_DIR "/machines", 0, NULL);

	json_decref(scenario);
	g_assert_nonnull(made);
	return made;
}

/* Without QEMU or cached assets there is nothing to test: say what is missing. */
static bool can_run(void)
{
	g_autoptr(GError) error = NULL;
	struct lu_guest *probe;

	timeline = lu_timeline_new();
	probe = make(&error);
	if (!probe)
		g_printerr("skipped: %s\n", error->message);
	lu_guest_free(probe);
	lu_timeline_free(timeline);
	return probe != NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_boot, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pause, setup, teardown),
		cmocka_unit_test_setup_teardown(test_power_cycle, setup, teardown),
		cmocka_unit_test_setup_teardown(test_panic, setup, teardown),
		cmocka_unit_test_setup_teardown(test_kill, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hang, setup, teardown),
		cmocka_unit_test(test_sigkill_of_the_harness),
	};
	int failures;

	plan = make_plan();
	failures = can_run() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
	lu_plan_free(plan);
	return failures;
}
