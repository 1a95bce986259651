/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent's channel against scripted agents, on a line that loses and echoes bytes. */
#include <string.h>
#include "record/error.h"
#include "qemu/vm/allowance.h"
#include "qemu/vm/channel.h"
#include "tests/qemu/peer.h"
#include "tests/kit/guard.h"

#define HELLO(kernel, generation, uptime)                                                          \
	"{\"event\":\"hello\",\"kernel\":\"" kernel "\",\"arch\":\"x86_64\",\"uptime_ns\":" uptime \
	",\"generation\":" generation ",\"marks\":{\"init_ns\":5}}\n"

struct seen {
	unsigned hellos, events;
	int64_t generation, mark_ns;
};

static void on_hello(void *data, const struct lu_hello *hello)
{
	struct seen *seen = data;

	seen->hellos++;
	seen->generation = hello->generation;
	seen->mark_ns = json_integer_value(json_object_get(hello->marks, "init_ns"));
}

static void on_event(void *data, const char *name, json_t *event)
{
	struct seen *seen = data;

	seen->events++;
}

static const struct lu_channel_ops ops = {on_hello, on_event};

struct bench {
	struct peer *peer;
	struct lu_channel *channel;
	struct lu_waiter waiter;
	struct seen seen;
};

static void bench_open(struct bench *bench, const struct peer_step *steps)
{
	int fd;

	memset(bench, 0, sizeof(*bench));
	bench->peer = peer_new(steps, &fd);
	bench->waiter.context = g_main_context_new();
	bench->channel = lu_channel_new(bench->waiter.context, fd, &ops, &bench->seen);
}

static void bench_close(struct bench *bench)
{
	assert_true(peer_free(bench->peer));
	lu_channel_free(bench->channel);
	g_main_context_unref(bench->waiter.context);
}

static bool ask(struct bench *bench, const char *verb, int64_t ms, json_t **result, GError **error)
{
	return lu_channel_call(bench->channel, &bench->waiter, verb, NULL,
			       lu_monotonic_ns() + ms * LU_NS_PER_MS, result, error);
}

static void expect_error(GError **error, int code, const char *words)
{
	assert_non_null(*error);
	assert_int_equal((*error)->code, code);
	assert_non_null(strstr((*error)->message, words));
	g_clear_error(error);
}

static struct seen fed(const char *text, unsigned *garbage)
{
	struct seen seen = {};
	struct lu_channel *channel = lu_channel_new(NULL, -1, &ops, &seen);

	lu_channel_feed(channel, text, strlen(text));
	if (garbage)
		*garbage = lu_channel_garbage(channel);
	lu_channel_free(channel);
	return seen;
}

static void test_answer(void **state)
{
	static const struct peer_step steps[] = {{"\"verb\":\"info\"",
						  "{\"event\":\"memory\",\"used_bytes\":1}\n"
						  "{\"id\":1,\"ok\":true,\"result\":{\"n\":3}}\n"},
						 {}};
	json_t *result = NULL;
	struct bench bench;

	bench_open(&bench, steps);
	assert_true(ask(&bench, "info", GUARD_MS, &result, NULL));
	assert_int_equal(json_integer_value(json_object_get(result, "n")), 3);
	assert_int_equal(bench.seen.events, 1);
	json_decref(result);
	bench_close(&bench);
}

static void refusal(const char *code, int expected)
{
	g_autofree char *say = g_strdup_printf(
		"{\"id\":1,\"ok\":false,\"error\":{\"code\":\"%s\",\"message\":\"why\"}}\n", code);
	const struct peer_step steps[] = {{"checkpoint", say}, {}};
	GError *error = NULL;
	struct bench bench;

	bench_open(&bench, steps);
	assert_false(ask(&bench, "checkpoint", GUARD_MS, NULL, &error));
	expect_error(&error, expected, "checkpoint: why");
	bench_close(&bench);
}

static void test_refusals(void **state)
{
	refusal("refused", LU_ERROR_REFUSED);
	refusal("unsupported", LU_ERROR_UNSUPPORTED);
	refusal("failed", LU_ERROR_FAILED);
	refusal("usage", LU_ERROR_FAILED);
}

/* The late answer to a verb that timed out is not taken for the next verb's. */
static void test_silence(void **state)
{
	static const struct peer_step steps[] = {{"one", NULL},
						 {"two",
						  "{\"id\":1,\"ok\":true,\"result\":{\"n\":1}}\n"
						  "{\"id\":2,\"ok\":true,\"result\":{\"n\":2}}\n"},
						 {}};
	GError *error = NULL;
	json_t *result = NULL;
	struct bench bench;

	bench_open(&bench, steps);
	assert_false(ask(&bench, "one", 50, NULL, &error));
	expect_error(&error, LU_ERROR_TIMEOUT, "no answer to one");
	assert_true(ask(&bench, "two", GUARD_MS, &result, NULL));
	assert_int_equal(json_integer_value(json_object_get(result, "n")), 2);
	json_decref(result);
	bench_close(&bench);
}

static void test_jump(void **state)
{
	static const struct peer_step steps[] = {
		{NULL, HELLO("a", "0", "10")},
		{"kexec.jump", "{\"event\":\"jump\",\"uptime_ns\":99}\n" HELLO("a", "0", "11")},
		{NULL, "\033[2J{\"id\":7,\"ve" HELLO("b", "1", "8")},
		{}};
	struct bench bench;
	int64_t deadline_ns = lu_monotonic_ns() + GUARD_NS;

	bench_open(&bench, steps);
	assert_true(lu_channel_wait_boot(bench.channel, &bench.waiter, 0, deadline_ns, NULL));
	assert_true(lu_channel_jump(bench.channel, &bench.waiter, "kexec.jump", NULL, deadline_ns,
				    NULL));
	assert_int_equal(bench.seen.hellos, 2);
	assert_int_equal(bench.seen.generation, 1);
	assert_int_equal(bench.seen.mark_ns, 5);
	bench_close(&bench);
}

static void test_jump_refused(void **state)
{
	static const struct peer_step steps[] = {
		{"kexec.jump", "{\"id\":1,\"ok\":false,\"error\":{\"code\":\"failed\",\"message\":"
			       "\"nothing loaded\"}}\n"},
		{}};
	GError *error = NULL;
	struct bench bench;

	bench_open(&bench, steps);
	assert_false(lu_channel_jump(bench.channel, &bench.waiter, "kexec.jump", NULL,
				     lu_monotonic_ns() + GUARD_NS, &error));
	expect_error(&error, LU_ERROR_FAILED, "nothing loaded");
	bench_close(&bench);
}

/* Acknowledged and then gone is no boot. */
static void test_jump_lost(void **state)
{
	static const struct peer_step steps[] = {
		{"kexec.jump", "{\"id\":1,\"ok\":true,\"result\":{}}\n"}, {NULL, ""}, {}};
	GError *error = NULL;
	struct bench bench;

	bench_open(&bench, steps);
	assert_false(lu_channel_jump(bench.channel, &bench.waiter, "kexec.jump", NULL,
				     lu_monotonic_ns() + GUARD_NS, &error));
	expect_error(&error, LU_ERROR_FAILED, "channel was closed");
	bench_close(&bench);
}

static void test_reboot_instead_of_answer(void **state)
{
	static const struct peer_step steps[] = {
		{NULL, HELLO("a", "0", "10")}, {"restore", HELLO("a", "0", "3")}, {}};
	GError *error = NULL;
	struct bench bench;

	bench_open(&bench, steps);
	assert_true(lu_channel_wait_boot(bench.channel, &bench.waiter, 0,
					 lu_monotonic_ns() + GUARD_NS, NULL));
	assert_false(ask(&bench, "restore", GUARD_MS, NULL, &error));
	expect_error(&error, LU_ERROR_FAILED, "rebooted instead of answering");
	bench_close(&bench);
}

static void test_hello_repeats(void **state)
{
	assert_int_equal(fed(HELLO("a", "0", "1") HELLO("a", "0", "2"), NULL).hellos, 1);
	assert_int_equal(fed(HELLO("a", "0", "1") HELLO("a", "1", "2"), NULL).hellos, 2);
	assert_int_equal(fed(HELLO("a", "0", "1") HELLO("b", "0", "2"), NULL).hellos, 2);
	assert_int_equal(fed(HELLO("a", "0", "5") HELLO("a", "0", "2"), NULL).hellos, 2);
}

static void test_garbage(void **state)
{
	unsigned garbage;

	fed("x\n[1]\n{}\n{\"event\":\"hello\"}\n\n{\"id\":1,\"verb\":\"echo\"}\n", &garbage);
	assert_int_equal(garbage, 4);
}

/* So many of each kind, and the others are still heard. */
static void flood(const char *line, unsigned hellos, unsigned events)
{
	g_autoptr(GString) text = g_string_new(NULL);
	struct seen seen = {};
	struct lu_channel *channel = lu_channel_new(NULL, -1, &ops, &seen);
	GError *error = NULL;

	for (int i = 0; i < 2 * LU_ALLOWED_AT_ONCE; i++)
		g_string_append_printf(text, line, i);
	lu_channel_feed(channel, text->str, text->len);
	assert_int_equal(seen.hellos, hellos);
	assert_int_equal(lu_channel_boots(channel), hellos);
	assert_int_equal(seen.events, events);
	assert_int_equal(lu_channel_dropped(channel), LU_ALLOWED_AT_ONCE);
	assert_false(lu_channel_quiet(channel, &error));
	expect_error(&error, LU_ERROR_FAILED, "(256 of ");
	lu_channel_free(channel);
}

static void test_floods(void **state)
{
	flood("{\"event\":\"exit\",\"pid\":%d,\"status\":0}\n", 0, LU_ALLOWED_AT_ONCE);
	flood("{\"event\":\"jump\",\"uptime_ns\":%d}\n", 0, LU_ALLOWED_AT_ONCE);
	flood("{\"event\":\"hello\",\"kernel\":\"a\",\"arch\":\"b\",\"generation\":%d}\n",
	      LU_ALLOWED_AT_ONCE, 0);
}

/* Kinds that come by themselves get more as time passes, and no kind takes another's. */
static void test_allowance(void **state)
{
	struct lu_allowance allowance;
	int64_t now_ns = 5;

	lu_allowance_init(&allowance, now_ns);
	for (int i = 0; i < LU_ALLOWED_AT_ONCE; i++)
		assert_true(lu_allowance_take(&allowance, LU_SPOKEN_MEMORY, now_ns));
	assert_true(lu_allowance_kept(&allowance, NULL));
	assert_false(lu_allowance_take(&allowance, LU_SPOKEN_MEMORY, now_ns));
	assert_true(lu_allowance_take(&allowance, LU_SPOKEN_OTHER, now_ns));
	assert_false(lu_allowance_kept(&allowance, NULL));
	now_ns += LU_NS_PER_S;
	for (int i = 0; i < LU_ALLOWED_MEMORY_S; i++)
		assert_true(lu_allowance_take(&allowance, LU_SPOKEN_MEMORY, now_ns));
	assert_false(lu_allowance_take(&allowance, LU_SPOKEN_MEMORY, now_ns));
	assert_int_equal(lu_allowance_dropped(&allowance), 2);
	assert_int_equal(lu_spoken_kind("memory"), LU_SPOKEN_MEMORY);
	assert_int_equal(lu_spoken_kind("log"), LU_SPOKEN_OTHER);
}

/* A hello that would be a large event is none. */
static void test_large_hello(void **state)
{
	g_autofree char *release = g_strnfill(1000, '6');
	g_autofree char *text = g_strdup_printf(
		"{\"event\":\"hello\",\"kernel\":\"%s\",\"arch\":\"x86_64\"}\n", release);
	unsigned garbage;

	assert_int_equal(fed(text, &garbage).hellos, 0);
	assert_int_equal(garbage, 1);
}

static void test_overlong_line(void **state)
{
	g_autofree char *flood = g_strnfill(200000, ' ');
	g_autofree char *text = g_strconcat(flood, "{}\n", HELLO("a", "0", "1"), NULL);
	unsigned garbage;

	assert_int_equal(fed(text, &garbage).hellos, 1);
	assert_int_equal(garbage, 1);
}

static void test_request_too_long(void **state)
{
	g_autofree char *word = g_strnfill(70000, 'x');
	struct lu_channel *channel = lu_channel_new(NULL, -1, &ops, NULL);
	GError *error = NULL;

	assert_false(lu_channel_tell(channel, "sample", json_pack("{s:s}", "word", word), &error));
	expect_error(&error, LU_ERROR_FAILED, "the agent takes lines up to 65536");
	lu_channel_free(channel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_jump),
		cmocka_unit_test(test_jump_refused),
		cmocka_unit_test(test_jump_lost),
		cmocka_unit_test(test_hello_repeats),
		cmocka_unit_test(test_reboot_instead_of_answer),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_floods),
		cmocka_unit_test(test_allowance),
		cmocka_unit_test(test_large_hello),
		cmocka_unit_test(test_overlong_line),
		cmocka_unit_test(test_request_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
