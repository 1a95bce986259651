/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The QMP client against scripted peers: what QEMU says, and what a broken one might. */
#include <string.h>
#include "record/error.h"
#include "qemu/vm/qmp.h"
#include "tests/qemu/peer.h"
#include "tests/kit/guard.h"

#define GREETING                                                                                   \
	"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}, "         \
	"\"package\": \"Debian\"}, \"capabilities\": []}}\r\n"

struct seen {
	unsigned events;
	char *last;
	int64_t t_ns;
};

static void on_event(void *data, const char *name, json_t *details, int64_t t_ns)
{
	struct seen *seen = data;

	seen->events++;
	seen->t_ns = t_ns;
	g_free(seen->last);
	seen->last = g_strdup(name);
}

struct bench {
	struct peer *peer;
	struct lu_qmp *qmp;
	struct lu_waiter waiter;
	struct seen seen;
};

static void bench_open(struct bench *bench, const struct peer_step *steps)
{
	int fd;

	memset(bench, 0, sizeof(*bench));
	bench->peer = peer_new(steps, &fd);
	bench->waiter.context = g_main_context_new();
	bench->qmp = lu_qmp_new(bench->waiter.context, fd, on_event, &bench->seen);
}

static void bench_close(struct bench *bench)
{
	assert_true(peer_free(bench->peer));
	lu_qmp_free(bench->qmp);
	g_main_context_unref(bench->waiter.context);
	g_free(bench->seen.last);
}

static int64_t in_ms(int64_t ms)
{
	return lu_monotonic_ns() + ms * LU_NS_PER_MS;
}

static void expect_error(GError **error, int code, const char *words)
{
	assert_non_null(*error);
	assert_int_equal((*error)->code, code);
	assert_non_null(strstr((*error)->message, words));
	g_clear_error(error);
}

static void test_handshake(void **state)
{
	static const struct peer_step steps[] = {
		{NULL, GREETING}, {"\"qmp_capabilities\"", "{\"return\": {}, \"id\": 1}\r\n"}, {}};
	struct bench bench;

	bench_open(&bench, steps);
	assert_true(lu_qmp_handshake(bench.qmp, &bench.waiter, in_ms(GUARD_MS), NULL));
	assert_string_equal(lu_qmp_version(bench.qmp), "7.2.22 (Debian)");
	bench_close(&bench);
}

/* Events before and in the midst of an answer, garbage, and the late answer of another command. */
static void test_interleaved(void **state)
{
	static const struct peer_step steps[] = {
		{NULL, "{\"timestamp\": {\"seconds\": 10, \"microseconds\": 5}, \"event\": "
		       "\"STOP\"}\r\n"},
		{"\"stop\"", "no json\r\n{\"return\": 1, \"id\": 77}\r\n{\"event\": \"RESU"},
		{NULL, "ME\"}\r\n{\"return\": {\"a\": 2}, \"id\": 1}\r\n"},
		{}};
	json_t *ret = NULL;
	struct bench bench;

	bench_open(&bench, steps);
	assert_true(lu_qmp_execute(bench.qmp, &bench.waiter, "stop", NULL, in_ms(GUARD_MS), &ret,
				   NULL));
	assert_int_equal(json_integer_value(json_object_get(ret, "a")), 2);
	assert_int_equal(bench.seen.events, 2);
	assert_string_equal(bench.seen.last, "RESUME");
	assert_int_equal(bench.seen.t_ns, -1);
	assert_int_equal(lu_qmp_garbage(bench.qmp), 1);
	json_decref(ret);
	bench_close(&bench);
}

static void test_time_stamp(void **state)
{
	struct seen seen = {};
	struct lu_qmp *qmp = lu_qmp_new(NULL, -1, on_event, &seen);
	static const char event[] = "{\"timestamp\": {\"seconds\": 10, \"microseconds\": 5}, "
				    "\"event\": \"STOP\"}\n";

	lu_qmp_feed(qmp, event, strlen(event));
	assert_int_equal(seen.t_ns, 10000005000);
	lu_qmp_free(qmp);
	g_free(seen.last);
}

static void test_error_reply(void **state)
{
	static const struct peer_step steps[] = {
		{"\"cont\"",
		 "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}, \"id\": 1}\n"},
		{}};
	GError *error = NULL;
	struct bench bench;

	bench_open(&bench, steps);
	assert_false(lu_qmp_execute(bench.qmp, &bench.waiter, "cont", NULL, in_ms(GUARD_MS), NULL,
				    &error));
	expect_error(&error, LU_ERROR_FAILED, "QMP cont: GenericError: no");
	bench_close(&bench);
}

/* Silence ends at the deadline; the late answer does not serve the next command. */
static void test_silence(void **state)
{
	static const struct peer_step steps[] = {
		{"\"one\"", NULL},
		{"\"two\"", "{\"return\": 1, \"id\": 1}\n{\"return\": 2, \"id\": 2}\n"},
		{}};
	int64_t begin_ns = lu_monotonic_ns();
	GError *error = NULL;
	json_t *ret = NULL;
	struct bench bench;

	bench_open(&bench, steps);
	assert_false(
		lu_qmp_execute(bench.qmp, &bench.waiter, "one", NULL, in_ms(50), NULL, &error));
	expect_error(&error, LU_ERROR_TIMEOUT, "no answer to QMP one within");
	assert_true(lu_monotonic_ns() - begin_ns >= 50 * LU_NS_PER_MS);
	assert_true(
		lu_qmp_execute(bench.qmp, &bench.waiter, "two", NULL, in_ms(GUARD_MS), &ret, NULL));
	assert_int_equal(json_integer_value(ret), 2);
	json_decref(ret);
	bench_close(&bench);
}

static void test_hang_up(void **state)
{
	static const struct peer_step steps[] = {{"\"quit\"", ""}, {}};
	GError *error = NULL;
	struct bench bench;

	bench_open(&bench, steps);
	assert_false(lu_qmp_execute(bench.qmp, &bench.waiter, "quit", NULL, in_ms(GUARD_MS), NULL,
				    &error));
	expect_error(&error, LU_ERROR_FAILED, "closed its QMP socket during quit");
	assert_true(lu_qmp_closed(bench.qmp));
	bench_close(&bench);
}

static void test_overlong_line(void **state)
{
	struct seen seen = {};
	struct lu_qmp *qmp = lu_qmp_new(NULL, -1, on_event, &seen);
	g_autofree char *flood = g_strnfill(3 << 20, 'x');
	static const char event[] = "\n{\"event\": \"STOP\"}\n";

	lu_qmp_feed(qmp, flood, 3 << 20);
	lu_qmp_feed(qmp, event, strlen(event));
	assert_int_equal(lu_qmp_garbage(qmp), 1);
	assert_int_equal(seen.events, 1);
	lu_qmp_free(qmp);
	g_free(seen.last);
}

static void test_cancelled(void **state)
{
	static const struct peer_step steps[] = {{"\"stop\"", NULL}, {}};
	GError *error = NULL;
	struct bench bench;

	bench_open(&bench, steps);
	bench.waiter.cancellable = g_cancellable_new();
	g_cancellable_cancel(bench.waiter.cancellable);
	assert_false(lu_qmp_execute(bench.qmp, &bench.waiter, "stop", NULL, in_ms(GUARD_MS), NULL,
				    &error));
	expect_error(&error, LU_ERROR_INTERRUPTED, "interrupted");
	g_object_unref(bench.waiter.cancellable);
	bench_close(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handshake),     cmocka_unit_test(test_interleaved),
		cmocka_unit_test(test_time_stamp),    cmocka_unit_test(test_error_reply),
		cmocka_unit_test(test_silence),	      cmocka_unit_test(test_hang_up),
		cmocka_unit_test(test_overlong_line), cmocka_unit_test(test_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
