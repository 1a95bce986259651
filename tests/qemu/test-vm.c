/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A QEMU that dies, is silent, hangs up or panics: the right error in time, and no process left. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <sys/wait.h>
#include "record/error.h"
#include "qemu/vm/vm.h"
#include "tests/kit/guard.h"

#define FAKE	   LU_BUILD_DIR "/fake-qemu"
#define SILENCE_MS 100 /* what nothing comes in is over then */

static const struct lu_channel_ops no_ops;

struct bench {
	struct lu_machine machine;
	char *args[2];
	GMainContext *context;
	struct lu_vm *vm;
};

/* The others go on without a word until they are killed. */
static bool ends_by_itself(const char *mode)
{
	return g_str_equal(mode, "die") || g_str_equal(mode, "vanish") ||
	       g_str_equal(mode, "healthy") /* until lu_vm_kill */;
}

static void bench_open_with(struct bench *bench, const char *mode, unsigned cpus, int64_t ms,
			    const struct lu_vm_extra *extras, size_t n, GError **error)
{
	memset(bench, 0, sizeof(*bench));
	bench->args[0] = (char *)mode;
	bench->machine.qemu = (char *)FAKE;
	bench->machine.qemu_args = bench->args;
	bench->context = g_main_context_new();

	struct lu_vm_spec spec = {
		.machine = &bench->machine,
		.accel = "tcg",
		.cpus = cpus,
		.memory_mb = 16,
		.payload = {LU_PAYLOAD_LINUX, "none", -1, ""},
		.next = -1,
		.store = -1,
		.data_disk = -1,
		.net = -1,
		.extras = extras,
		.n_extras = n,
		.settle_ns = ends_by_itself(mode) ? GUARD_NS : SILENCE_MS * LU_NS_PER_MS,
		.context = bench->context,
		.channel_ops = &no_ops,
	};

	bench->vm = lu_vm_start(&spec, lu_monotonic_ns() + ms * LU_NS_PER_MS, error);
}

static void bench_open(struct bench *bench, const char *mode, int64_t ms, GError **error)
{
	bench_open_with(bench, mode, 1, ms, NULL, 0, error);
}

/* No child of ours is left, neither running nor as a zombie. */
static void bench_close(struct bench *bench)
{
	lu_vm_free(bench->vm);
	g_main_context_unref(bench->context);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void expect_error(GError **error, int code, const char *words)
{
	assert_non_null(*error);
	assert_int_equal((*error)->code, code);
	if (!strstr((*error)->message, words))
		fail_msg("'%s' is not in: %s", words, (*error)->message);
	g_clear_error(error);
}

static bool wait_boot(struct bench *bench, int64_t ms, GError **error)
{
	return lu_channel_wait_boot(lu_vm_channel(bench->vm), lu_vm_waiter(bench->vm), 0,
				    lu_monotonic_ns() + ms * LU_NS_PER_MS, error);
}

static void test_dies_at_once(void **state)
{
	GError *error = NULL;
	struct bench bench;

	bench_open(&bench, "die", GUARD_MS, &error);
	assert_null(bench.vm);
	expect_error(&error, LU_ERROR_FAILED,
		     "QEMU ended (exit status 1: fake-qemu: unsupported machine type)");
	bench_close(&bench);
}

static void test_silent(void **state)
{
	GError *error = NULL;
	struct bench bench;

	bench_open(&bench, "silent", SILENCE_MS, &error);
	assert_null(bench.vm);
	expect_error(&error, LU_ERROR_TIMEOUT, "no greeting from QMP within");
	bench_close(&bench);
}

static void test_not_installed(void **state)
{
	struct bench bench = {};
	GError *error = NULL;
	struct lu_machine machine = {.qemu = (char *)"no-such-qemu"};
	struct lu_vm_spec spec = {.machine = &machine,
				  .accel = "tcg",
				  .payload = {LU_PAYLOAD_LINUX, "none", -1, ""},
				  .next = -1,
				  .store = -1,
				  .data_disk = -1,
				  .net = -1,
				  .channel_ops = &no_ops};

	assert_null(lu_vm_start(&spec, lu_monotonic_ns() + LU_NS_PER_S, &error));
	expect_error(&error, LU_ERROR_UNSUPPORTED, "no-such-qemu is not installed");
	bench.context = g_main_context_new();
	bench_close(&bench);
}

static void test_panic(void **state)
{
	GError *error = NULL;
	struct bench bench;

	bench_open(&bench, "panic", GUARD_MS, &error);
	assert_non_null(bench.vm);
	assert_false(wait_boot(&bench, GUARD_MS, &error));
	expect_error(&error, LU_ERROR_FAILED, "Kernel panic - not syncing: no init");
	/* and so does every wait after it */
	assert_false(wait_boot(&bench, GUARD_MS, &error));
	expect_error(&error, LU_ERROR_FAILED, "trace");
	bench_close(&bench);
}

/* A crash that QEMU is known to cause is said to be that, where vCPUs have threads. */
static void test_known_fault(void **state)
{
	for (unsigned cpus = 1; cpus <= 2; cpus++) {
		GError *error = NULL;
		struct bench bench;

		bench_open_with(&bench, "breakpoint", cpus, GUARD_MS, NULL, 0, &error);
		assert_non_null(bench.vm);
		assert_false(wait_boot(&bench, GUARD_MS, &error));
		assert_int_equal(strstr(error->message, "QEMU before 8.1") != NULL, cpus > 1);
		expect_error(&error, LU_ERROR_FAILED, "Kernel panic - not syncing: Fatal");
		bench_close(&bench);
	}
}

static void test_vanishes_in_a_call(void **state)
{
	GError *error = NULL;
	struct bench bench;

	bench_open(&bench, "vanish", GUARD_MS, &error);
	assert_non_null(bench.vm);
	assert_true(wait_boot(&bench, GUARD_MS, NULL));
	assert_false(lu_channel_call(lu_vm_channel(bench.vm), lu_vm_waiter(bench.vm), "ping", NULL,
				     lu_monotonic_ns() + GUARD_NS, NULL, &error));
	assert_non_null(strstr(error->message, "last console words: half a word|and then"));
	expect_error(&error, LU_ERROR_FAILED, "QEMU ended (killed by signal 9)");
	bench_close(&bench);
}

static void test_hangs_up(void **state)
{
	GError *error = NULL;
	struct bench bench;

	bench_open(&bench, "hang-up", GUARD_MS, &error);
	assert_non_null(bench.vm);
	assert_false(wait_boot(&bench, GUARD_MS, &error));
	expect_error(&error, LU_ERROR_FAILED, "still running");
	bench_close(&bench);
}

/* An agent that does nothing but talk is heard so long, and then is why the run fails. */
static void test_flood(void **state)
{
	GError *error = NULL;
	struct bench bench;

	bench_open(&bench, "flood", GUARD_MS, &error);
	assert_non_null(bench.vm);
	assert_false(wait_boot(&bench, GUARD_MS, &error));
	expect_error(&error, LU_ERROR_FAILED, "the guest's agent floods the harness with events");
	/* and so does every wait after it, however short */
	assert_false(lu_wait_until(lu_vm_waiter(bench.vm), lu_monotonic_ns(), &error));
	expect_error(&error, LU_ERROR_FAILED, "dropped");
	assert_true(lu_channel_dropped(lu_vm_channel(bench.vm)) > 0);
	bench_close(&bench);
}

static void test_killed(void **state)
{
	GError *error = NULL;
	struct bench bench;

	bench_open(&bench, "healthy", GUARD_MS, &error);
	assert_non_null(bench.vm);
	assert_true(lu_vm_kill(bench.vm, &error));
	assert_false(wait_boot(&bench, GUARD_MS, &error));
	expect_error(&error, LU_ERROR_FAILED, "killed by signal 9");
	bench_close(&bench);
}

/* An extra that notes what it hears, with its letter: "a+ b+ b- a-". */
struct listener {
	char letter;
	bool fails;
	int fd;
	pid_t pid;
	GString *heard; /* of all */
};

static void add_plugin(void *data, GPtrArray *args)
{
	struct listener *listener = data;

	g_ptr_array_add(args, g_strdup("-plugin"));
	g_ptr_array_add(args, g_strdup_printf("/lib/fake-plugin.so,fd=%d", listener->fd));
}

static void add_icount(void *data, GPtrArray *args)
{
	g_ptr_array_add(args, g_strdup("-icount"));
	g_ptr_array_add(args, g_strdup("shift=0,sleep=off"));
}

static bool started(void *data, pid_t pid, GError **error)
{
	struct listener *listener = data;

	listener->pid = pid;
	g_string_append_printf(listener->heard, "%c%s ", listener->letter,
			       kill(pid, 0) ? "?" : "+");
	if (listener->fails)
		g_set_error_literal(error, LU_ERROR, LU_ERROR_FAILED, "the plugin is silent");
	return !listener->fails;
}

static void ended(void *data)
{
	struct listener *listener = data;

	g_string_append_printf(listener->heard, "%c%s ", listener->letter,
			       kill(listener->pid, 0) ? "-" : "?");
}

/* Two extras, the first of which has a descriptor of its own. */
struct pair {
	GString *heard;
	struct listener listeners[2];
	struct lu_vm_extra extras[2];
	int pipe[2];
};

static void pair_open(struct pair *pair)
{
	assert_int_equal(pipe2(pair->pipe, O_CLOEXEC), 0);
	pair->heard = g_string_new(NULL);
	pair->listeners[0] = (struct listener){'a', .fd = pair->pipe[1], .heard = pair->heard};
	pair->listeners[1] = (struct listener){'b', .fd = -1, .heard = pair->heard};
	pair->extras[0] = (struct lu_vm_extra){add_plugin, &pair->listeners[0].fd, 1, started,
					       ended,	   &pair->listeners[0]};
	pair->extras[1] =
		(struct lu_vm_extra){add_icount, NULL, 0, started, ended, &pair->listeners[1]};
}

static void pair_close(struct pair *pair, const char *heard)
{
	assert_string_equal(pair->heard->str, heard);
	g_string_free(pair->heard, TRUE);
	close(pair->pipe[0]);
	close(pair->pipe[1]);
}

/* QEMU has their words, last and in order, and their descriptor; they hear of its start and end. */
static void test_extras(void **state)
{
	g_autoptr(GError) error = NULL;
	char words[4096] = "";
	struct bench bench;
	struct pair pair;

	pair_open(&pair);
	bench_open_with(&bench, "healthy", 1, GUARD_MS, pair.extras, 2, &error);
	assert_non_null(bench.vm);
	assert_int_equal(pair.listeners[1].pid, lu_vm_pid(bench.vm));
	assert_string_equal(pair.heard->str, "a+ b+ ");
	assert_true(read(pair.pipe[0], words, sizeof(words) - 1) > 0);
	assert_non_null(strstr(words, "-append  -plugin /lib/fake-plugin.so,fd="));
	assert_true(g_str_has_suffix(words, " -icount shift=0,sleep=off "));
	assert_true(lu_vm_kill(bench.vm, NULL));
	assert_string_equal(pair.heard->str, "a+ b+ ");
	bench_close(&bench);
	pair_close(&pair, "a+ b+ b- a- ");
}

static void test_extra_fails(void **state)
{
	GError *error = NULL;
	struct bench bench;
	struct pair pair;

	pair_open(&pair);
	pair.listeners[1].fails = true;
	bench_open_with(&bench, "healthy", 1, GUARD_MS, pair.extras, 2, &error);
	assert_null(bench.vm);
	expect_error(&error, LU_ERROR_FAILED, "the plugin is silent");
	bench_close(&bench);
	pair_close(&pair, "a+ b+ a- ");
}

/* QEMU fails after they have heard of it. */
static void test_extras_of_silent(void **state)
{
	GError *error = NULL;
	struct bench bench;
	struct pair pair;

	pair_open(&pair);
	bench_open_with(&bench, "silent", 1, SILENCE_MS, pair.extras, 2, &error);
	assert_null(bench.vm);
	expect_error(&error, LU_ERROR_TIMEOUT, "no greeting from QMP within");
	bench_close(&bench);
	pair_close(&pair, "a+ b+ b- a- ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dies_at_once),  cmocka_unit_test(test_silent),
		cmocka_unit_test(test_not_installed), cmocka_unit_test(test_panic),
		cmocka_unit_test(test_known_fault),   cmocka_unit_test(test_vanishes_in_a_call),
		cmocka_unit_test(test_hangs_up),      cmocka_unit_test(test_flood),
		cmocka_unit_test(test_killed),	      cmocka_unit_test(test_extras),
		cmocka_unit_test(test_extra_fails),   cmocka_unit_test(test_extras_of_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
