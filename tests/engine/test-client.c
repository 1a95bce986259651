/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The real client thread against a service on loopback that stalls, resets, refuses,
 * trickles and babbles. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include "model/param.h"
#include "tests/engine/client-bench.h"

extern const struct lu_workload lu_workload_tick;

#define CONNS 4
#define RATE  200

static int set_up_on(void **state, const struct lu_io *io, int64_t timeout_ns)
{
	const struct lu_load_config config = {CONNS, RATE, timeout_ns};

	*state = client_bench_new(io, &config, false);
	return 0;
}

static int set_up(void **state)
{
	return set_up_on(state, NULL, 5 * LU_NS_PER_S);
}

static int set_up_impatient(void **state)
{
	return set_up_on(state, NULL, 200 * LU_NS_PER_MS);
}

static int set_up_host(void **state)
{
	return set_up_on(state, &lu_io_host, 3600 * LU_NS_PER_S);
}

static int tear_down(void **state)
{
	client_bench_free(*state);
	return 0;
}

/* Until that many correct replies are in. */
static void wait_ok(struct client_bench *b, uint64_t count)
{
	while (lu_load_ok_count(b->load, NULL) < count)
		client_bench_let_pass(b, LU_NS_PER_MS);
}

static void wait_more(struct client_bench *b, uint64_t count)
{
	wait_ok(b, lu_load_ok_count(b->load, NULL) + count);
}

static void finish(struct client_bench *b)
{
	client_bench_finish(b, 3600 * LU_NS_PER_S);
}

static unsigned count(struct client_bench *b, const char *kind, const char *key, const char *text)
{
	unsigned n = 0;

	for (size_t i = 0; i < lu_timeline_count(b->timeline); i++) {
		const struct lu_event *event = lu_timeline_at(b->timeline, i);
		const char *got = json_string_value(json_object_get(event->value, key));

		n += g_str_equal(event->kind, kind) && !g_strcmp0(got, text);
	}
	return n;
}

static unsigned count_wrong(struct client_bench *b)
{
	unsigned n = 0;

	for (size_t i = 0; i < lu_timeline_count(b->timeline); i++)
		n += json_is_false(json_object_get(lu_timeline_at(b->timeline, i)->value, "ok"));
	return n;
}

static unsigned count_lost(struct client_bench *b)
{
	return count(b, "lost", "reason", "timeout") + count(b, "lost", "reason", "reset") +
	       count(b, "lost", "reason", "refused") + count(b, "lost", "reason", "end");
}

/* Each request is one event, on its intended time, and none was sent early. */
static void check_every_request_once(struct client_bench *b)
{
	uint64_t total = lu_load_next(b->load);
	g_autofree unsigned *seen = g_new0(unsigned, total);

	for (size_t i = 0; i < lu_timeline_count(b->timeline); i++) {
		const struct lu_event *event = lu_timeline_at(b->timeline, i);
		int64_t intended;

		if (!g_str_equal(event->kind, "reply") && !g_str_equal(event->kind, "lost"))
			continue;
		intended = json_integer_value(json_object_get(event->value, "intended_ns"));
		assert_in_range(event->id, 0, total - 1);
		assert_int_equal(intended, lu_load_intended(b->load, (uint64_t)event->id));
		if (json_object_get(event->value, "sent_ns"))
			assert_true(json_integer_value(json_object_get(event->value, "sent_ns")) >=
				    intended);
		seen[event->id]++;
	}
	for (uint64_t i = 0; i < total; i++)
		assert_int_equal(seen[i], 1);
}

/* Made-up time: each was sent and answered at the moment it was intended for. */
static void check_on_time(struct client_bench *b)
{
	for (size_t i = 0; i < lu_timeline_count(b->timeline); i++) {
		const struct lu_event *event = lu_timeline_at(b->timeline, i);
		int64_t intended, sent;

		if (!g_str_equal(event->kind, "reply"))
			continue;
		intended = json_integer_value(json_object_get(event->value, "intended_ns"));
		sent = json_integer_value(json_object_get(event->value, "sent_ns"));
		assert_int_equal(sent, intended);
		assert_int_equal(event->t_ns, intended);
	}
}

static int64_t longest_gap(struct client_bench *b)
{
	int64_t last = 0, gap = 0;

	for (size_t i = 0; i < lu_timeline_count(b->timeline); i++) {
		const struct lu_event *event = lu_timeline_at(b->timeline, i);

		if (!json_is_true(json_object_get(event->value, "ok")))
			continue;
		if (last)
			gap = MAX(gap, event->t_ns - last);
		last = event->t_ns;
	}
	return gap;
}

static void check_steady(struct client_bench *b)
{
	wait_ok(b, 100);
	finish(b);
	check_every_request_once(b);
	assert_int_equal(count_lost(b), 0);
	assert_int_equal(count_wrong(b), 0);
	assert_int_equal(count(b, "conn", "state", "up"), CONNS);
	assert_int_equal(count(b, "reply", "version", "old"), lu_load_next(b->load));
}

static void test_steady(void **state)
{
	check_steady(*state);
	check_on_time(*state);
}

static void test_steady_over_tcp(void **state)
{
	check_steady(*state);
}

/* The load is open: during a stall requests go out on time, and wait. */
static void test_stall_is_a_gap_and_no_loss(void **state)
{
	struct client_bench *b = *state;
	int64_t gap;

	wait_ok(b, 40);
	loopback_stall(b->lb, true);
	client_bench_let_pass(b, 400 * LU_NS_PER_MS);
	loopback_stall(b->lb, false);
	wait_more(b, 120);
	finish(b);
	check_every_request_once(b);
	assert_int_equal(count_lost(b), 0);
	gap = longest_gap(b);
	assert_true(gap >= 400 * LU_NS_PER_MS);
	assert_true(gap <= 400 * LU_NS_PER_MS + 2 * LU_NS_PER_S / RATE);
}

static void check_reset(struct client_bench *b, int64_t stalled_ns)
{
	wait_ok(b, 40);
	loopback_stall(b->lb, true);
	client_bench_let_pass(b, stalled_ns);
	loopback_reset(b->lb);
	loopback_stall(b->lb, false);
	wait_more(b, 80);
	finish(b);
	check_every_request_once(b);
	assert_int_equal(count(b, "conn", "state", "reset"), CONNS);
	assert_int_equal(count(b, "conn", "state", "up"), 2 * CONNS);
	assert_int_equal(count_wrong(b), 0);
}

/* What is lost is what was sent meanwhile: 50 ms at RATE, and perhaps what its ends just met. */
static void test_reset_is_counted_and_reopened(void **state)
{
	struct client_bench *b = *state;

	check_reset(b, 50 * LU_NS_PER_MS);
	assert_in_range(count(b, "lost", "reason", "reset"), 9, 11);
}

/* Over TCP, where an RST takes what was not read yet with it. How much that is depends on the
 * host's speed. */
static void test_reset_over_tcp(void **state)
{
	check_reset(*state, 0);
}

/* Nobody listens for a while: what is due meanwhile waits, and is answered later. */
static void test_refused_connections_wait(void **state)
{
	struct client_bench *b = *state;

	wait_ok(b, 40);
	loopback_refuse(b->lb, true);
	loopback_reset(b->lb);
	client_bench_let_pass(b, 300 * LU_NS_PER_MS);
	assert_int_equal(loopback_accepted(b->lb), CONNS);
	loopback_refuse(b->lb, false);
	wait_more(b, 100);
	finish(b);
	check_every_request_once(b);
	assert_int_equal(count(b, "lost", "reason", "refused"), 0);
	assert_true(longest_gap(b) >= 300 * LU_NS_PER_MS);
}

/* Accepted by somebody who is not the service: given up, tried again, and not counted as up before
 * a reply. */
static void test_black_hole_is_left(void **state)
{
	struct client_bench *b = *state;

	wait_ok(b, 40);
	loopback_blackhole(b->lb, true);
	loopback_reset(b->lb);
	client_bench_let_pass(b, 900 * LU_NS_PER_MS);
	assert_true(loopback_accepted(b->lb) >= 2 * CONNS);
	loopback_blackhole(b->lb, false);
	wait_more(b, 200);
	finish(b);
	check_every_request_once(b);
	assert_int_equal(count(b, "conn", "state", "up"), 2 * CONNS);
	assert_int_equal(count_wrong(b), 0);
}

static void test_byte_by_byte(void **state)
{
	struct client_bench *b = *state;

	loopback_trickle(b->lb, true);
	wait_ok(b, 60);
	finish(b);
	check_every_request_once(b);
	assert_int_equal(count_wrong(b), 0);
	assert_int_equal(count_lost(b), 0);
}

static void test_garbage_is_wrong_and_ends_the_connection(void **state)
{
	struct client_bench *b = *state;

	wait_ok(b, 40);
	loopback_garbage(b->lb);
	wait_more(b, 60);
	finish(b);
	check_every_request_once(b);
	assert_int_equal(count_wrong(b), 1);
	assert_int_equal(count(b, "reply", "why", "broken protocol"), 1);
	assert_int_equal(count(b, "conn", "state", "reset"), 1);
}

static void test_timeouts(void **state)
{
	struct client_bench *b = *state;

	wait_ok(b, 40);
	loopback_stall(b->lb, true);
	client_bench_let_pass(b, 400 * LU_NS_PER_MS);
	loopback_stall(b->lb, false);
	wait_more(b, 40);
	finish(b);
	check_every_request_once(b);
	assert_in_range(count(b, "lost", "reason", "timeout"), 39, 41);
	assert_int_equal(count_wrong(b), 0);
	assert_int_equal(count(b, "conn", "state", "reset"), 0);
}

/* The drain has a deadline: what is outstanding then is lost at the end. */
static void test_drain_is_bounded(void **state)
{
	struct client_bench *b = *state;
	int64_t begin;

	wait_ok(b, 40);
	loopback_stall(b->lb, true);
	client_bench_let_pass(b, 50 * LU_NS_PER_MS);
	begin = b->io->now(b->io);
	lu_client_stop(b->client, 100 * LU_NS_PER_MS);
	while (!lu_client_done(b->client))
		client_bench_let_pass(b, 1 * LU_NS_PER_MS);
	assert_in_range(b->io->now(b->io) - begin, 100 * LU_NS_PER_MS, 101 * LU_NS_PER_MS);
	g_clear_pointer(&b->client, lu_client_free);
	check_every_request_once(b);
	assert_in_range(count(b, "lost", "reason", "end"), 9, 11);
}

static void test_nobody_there(void **state)
{
	const struct lu_load_config config = {CONNS, RATE, LU_NS_PER_S};
	json_t *params = lu_params_resolve(lu_workload_tick.params, NULL, "workload_params", NULL);
	struct loopback *gone = loopback_new(&lu_io_host, &lu_workload_tick, params, "old");
	uint16_t port = loopback_port(gone);
	struct lu_timeline *timeline = lu_timeline_new();
	struct lu_load *load = lu_load_new(&config, &lu_workload_tick, NULL, timeline);
	g_autoptr(GError) error = NULL;

	loopback_free(gone);
	assert_null(
		lu_client_start(&lu_io_host, load, &(struct lu_client_peer){.port = port}, &error));
	assert_non_null(strstr(error->message, "connection 1 of 4"));
	lu_load_free(load);
	lu_timeline_free(timeline);
	json_decref(params);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_steady, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stall_is_a_gap_and_no_loss, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_reset_is_counted_and_reopened, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_refused_connections_wait, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_black_hole_is_left, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_byte_by_byte, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_garbage_is_wrong_and_ends_the_connection,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_timeouts, set_up_impatient, tear_down),
		cmocka_unit_test_setup_teardown(test_drain_is_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_steady_over_tcp, set_up_host, tear_down),
		cmocka_unit_test_setup_teardown(test_reset_over_tcp, set_up_host, tear_down),
		cmocka_unit_test(test_nobody_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
