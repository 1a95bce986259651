/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The real client's passing connections against a service on loopback that stalls, resets, refuses
 * and babbles, and behind a network that accepts in the service's place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "tests/engine/client-bench.h"

#define MS	 LU_NS_PER_MS
#define CHURN_HZ 100

static struct client_bench *start(const struct lu_io *io, bool between)
{
	/* no multiple of the time between connections, at which it wakes anyway */
	const struct lu_load_config config = {2, 20, 1003 * MS, .churn_hz = CHURN_HZ};

	return client_bench_new(io, &config, between);
}

/* How many ended so, by "end"; NULL: all. */
static unsigned count(struct client_bench *b, const char *end)
{
	unsigned n = 0;

	for (size_t i = 0; i < lu_timeline_count(b->timeline); i++) {
		const struct lu_event *event = lu_timeline_at(b->timeline, i);
		const char *got = json_string_value(json_object_get(event->value, "end"));

		n += g_str_equal(event->kind, "churn") && (!end || g_str_equal(got, end));
	}
	return n;
}

static int64_t longest(struct client_bench *b, const char *key)
{
	int64_t most = 0;

	for (size_t i = 0; i < lu_timeline_count(b->timeline); i++) {
		const struct lu_event *event = lu_timeline_at(b->timeline, i);
		const json_t *at = json_object_get(event->value, key);

		if (g_str_equal(event->kind, "churn"))
			most = MAX(most, (at ? json_integer_value(at) : event->t_ns) -
						 json_integer_value(json_object_get(
							 event->value, "intended_ns")));
	}
	return most;
}

/* Beside them the connections that stay are as without. */
static void check_others(struct client_bench *b, unsigned down)
{
	unsigned reset = 0, wrong = 0;

	for (size_t i = 0; i < lu_timeline_count(b->timeline); i++) {
		const struct lu_event *event = lu_timeline_at(b->timeline, i);

		reset += !g_strcmp0(json_string_value(json_object_get(event->value, "state")),
				    "reset");
		wrong += json_is_false(json_object_get(event->value, "ok"));
	}
	assert_int_equal(reset, down);
	assert_int_equal(wrong, 0);
}

static void test_each_is_opened_on_time(void **state)
{
	struct client_bench *b = start(NULL, false);

	client_bench_let_pass(b, 1000 * MS);
	client_bench_finish(b, 3600 * LU_NS_PER_S);
	assert_in_range(count(b, NULL), 99, 102);
	assert_int_equal(count(b, "answered"), count(b, NULL));
	assert_int_equal(longest(b, "connected_ns"), 0);
	assert_int_equal(longest(b, "none"), 0);
	assert_int_equal(loopback_accepted(b->lb), 2 + count(b, NULL));
	check_others(b, 0);
	client_bench_free(b);
}

static void test_over_tcp(void **state)
{
	struct client_bench *b = start(&lu_io_host, false);

	client_bench_let_pass(b, 300 * MS);
	client_bench_finish(b, 3600 * LU_NS_PER_S);
	assert_true(count(b, NULL) > 10);
	assert_int_equal(count(b, "answered"), count(b, NULL));
	client_bench_free(b);
}

static void test_a_stall_delays(void **state)
{
	struct client_bench *b = start(NULL, false);

	client_bench_let_pass(b, 200 * MS);
	loopback_stall(b->lb, true);
	client_bench_let_pass(b, 400 * MS);
	loopback_stall(b->lb, false);
	client_bench_let_pass(b, 200 * MS);
	client_bench_finish(b, 3600 * LU_NS_PER_S);
	assert_int_equal(count(b, "answered"), count(b, NULL));
	assert_in_range(longest(b, "none"), 380 * MS, 400 * MS);
	client_bench_free(b);
}

static void test_refused(void **state)
{
	struct client_bench *b = start(NULL, false);

	client_bench_let_pass(b, 200 * MS);
	loopback_refuse(b->lb, true);
	client_bench_let_pass(b, 300 * MS);
	loopback_refuse(b->lb, false);
	client_bench_let_pass(b, 200 * MS);
	client_bench_finish(b, 3600 * LU_NS_PER_S);
	assert_in_range(count(b, "refused"), 29, 31);
	/* one may wait to be accepted just when nobody listens any more */
	assert_in_range(count(b, "reset"), 0, 1);
	assert_int_equal(count(b, "answered") + count(b, "refused") + count(b, "reset"),
			 count(b, NULL));
	check_others(b, 0);
	client_bench_free(b);
}

/* That this host cannot connect is no answer of the service's. */
static void test_a_full_host_is_told_apart(void **state)
{
	struct client_bench *b = start(NULL, false);

	client_bench_let_pass(b, 205 * MS);
	g_atomic_int_set(&b->full, 1);
	client_bench_let_pass(b, 100 * MS);
	g_atomic_int_set(&b->full, 0);
	client_bench_let_pass(b, 200 * MS);
	client_bench_finish(b, 3600 * LU_NS_PER_S);
	assert_int_equal(count(b, "host"), 10);
	assert_int_equal(count(b, "answered") + count(b, "host"), count(b, NULL));
	check_others(b, 0);
	client_bench_free(b);
}

static void test_reset(void **state)
{
	struct client_bench *b = start(NULL, false);

	client_bench_let_pass(b, 200 * MS);
	loopback_stall(b->lb, true);
	client_bench_let_pass(b, 95 * MS);
	loopback_stall(b->lb, false);
	loopback_blackhole(b->lb, true);
	client_bench_let_pass(b, 100 * MS);
	loopback_reset(b->lb);
	loopback_blackhole(b->lb, false);
	client_bench_let_pass(b, 200 * MS);
	client_bench_finish(b, 3600 * LU_NS_PER_S);
	assert_in_range(count(b, "reset"), 9, 11);
	assert_int_equal(count(b, "answered") + count(b, "reset"), count(b, NULL));
	client_bench_free(b);
}

/* Accepted, and never served: out of time, counted from the intended time. */
static void test_timeout(void **state)
{
	struct client_bench *b = start(NULL, false);

	client_bench_let_pass(b, 200 * MS);
	loopback_blackhole(b->lb, true);
	client_bench_let_pass(b, 100 * MS);
	loopback_blackhole(b->lb, false);
	client_bench_let_pass(b, 1200 * MS);
	client_bench_finish(b, 3600 * LU_NS_PER_S);
	assert_in_range(count(b, "timeout"), 9, 11);
	assert_int_equal(longest(b, "none"), 1003 * MS);
	assert_int_equal(count(b, "answered") + count(b, "timeout"), count(b, NULL));
	client_bench_free(b);
}

static void test_garbage_is_wrong(void **state)
{
	struct client_bench *b = start(NULL, false);

	client_bench_let_pass(b, 205 * MS);
	loopback_garbage(b->lb);
	client_bench_let_pass(b, 200 * MS);
	client_bench_finish(b, 3600 * LU_NS_PER_S);
	assert_int_equal(count(b, "wrong"), 1);
	client_bench_free(b);
}

static void test_the_drain_is_bounded(void **state)
{
	struct client_bench *b = start(NULL, false);

	client_bench_let_pass(b, 200 * MS);
	loopback_stall(b->lb, true);
	client_bench_let_pass(b, 100 * MS);
	client_bench_finish(b, 50 * MS);
	assert_in_range(count(b, "unfinished"), 9, 11);
	client_bench_free(b);
}

/* Whoever accepts in the service's place says when that did, and is told of each end. */
static void test_behind_a_network(void **state)
{
	struct client_bench *b = start(&lu_io_host, true);

	b->seen.accepted_ns = b->begin_ns + 3600 * LU_NS_PER_S;
	client_bench_let_pass(b, 300 * MS);
	client_bench_finish(b, 3600 * LU_NS_PER_S);
	assert_int_equal(count(b, "answered"), count(b, NULL));
	assert_true(longest(b, "connected_ns") > 3500 * LU_NS_PER_S);
	assert_int_equal(b->closed, 2 + count(b, NULL));
	client_bench_free(b);
}

/* Whoever accepts in the service's place may not pass its refusal on: it is no timeout. */
static void test_refusal_that_is_not_passed_on(void **state)
{
	struct client_bench *b = start(&lu_io_host, true);

	b->seen = (struct lu_handshake){.accepted_ns = -1, .refused = true};
	loopback_blackhole(b->lb, true);
	client_bench_let_pass(b, 1200 * MS);
	client_bench_finish(b, 50 * MS);
	assert_int_equal(count(b, "timeout"), 0);
	assert_true(count(b, "refused") > 0);
	client_bench_free(b);
}

static void test_refused_behind_a_network(void **state)
{
	struct client_bench *b = start(&lu_io_host, true);

	b->seen = (struct lu_handshake){.accepted_ns = -1, .refused = true};
	loopback_stall(b->lb, true);
	client_bench_let_pass(b, 100 * MS);
	loopback_reset(b->lb);
	loopback_stall(b->lb, false);
	client_bench_finish(b, 3600 * LU_NS_PER_S);
	assert_true(count(b, "refused") > 0);
	assert_int_equal(count(b, "reset"), 0);
	client_bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_is_opened_on_time),
		cmocka_unit_test(test_over_tcp),
		cmocka_unit_test(test_a_stall_delays),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_a_full_host_is_told_apart),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_garbage_is_wrong),
		cmocka_unit_test(test_the_drain_is_bounded),
		cmocka_unit_test(test_behind_a_network),
		cmocka_unit_test(test_refusal_that_is_not_passed_on),
		cmocka_unit_test(test_refused_behind_a_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
