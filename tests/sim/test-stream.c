/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Segments on a link that loses some: in order, all of them, at times worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "sim/stream.h"

#define MS INT64_C(1000000)

static int64_t wire(void *guest)
{
	return 1 * MS;
}

struct bench {
	struct sim_link link;
	struct sim_stream stream;
};

static struct bench bench(double loss)
{
	struct bench bench = {.link = {.wire = wire, .rto_ns = 200 * MS}};
	const struct lu_shape_config config = {.delay_ns = 20 * MS, .loss = loss, .seed = 1};

	sim_link_impair(&bench.link, &config);
	return bench;
}

static void bench_clear(struct bench *bench)
{
	sim_stream_clear(&bench->stream);
	sim_link_impair(&bench->link, NULL);
}

static void send_at(struct bench *bench, int64_t now_ns, uint8_t byte)
{
	GByteArray *bytes = g_byte_array_new();

	g_byte_array_append(bytes, &byte, 1);
	sim_stream_push(&bench->stream, &bench->link, now_ns, bytes);
}

static void assert_next(struct bench *bench, int64_t at_ns, uint8_t byte)
{
	g_autoptr(GByteArray) bytes = NULL;

	assert_int_equal(sim_stream_head_ns(&bench->stream), at_ns);
	bytes = sim_stream_take(&bench->stream);
	assert_int_equal(bytes->data[0], byte);
}

/* No link but one that loses all loses one for sure. */
static void send_lost(struct bench *bench, int64_t now_ns, uint8_t byte)
{
	bench->link.shape.config.loss = 1;
	send_at(bench, now_ns, byte);
	bench->link.shape.config.loss = 0;
}

static void test_delay(void **state)
{
	struct bench b = bench(0);

	send_at(&b, 100 * MS, 1);
	send_at(&b, 130 * MS, 2);
	assert_next(&b, 121 * MS, 1);
	assert_next(&b, 151 * MS, 2);
	assert_int_equal(sim_stream_head_ns(&b.stream), INT64_MAX);
	bench_clear(&b);
}

/* Lost at 0. The third one after it, sent at 30 ms, arrives at 51; its acknowledgement is back at
 * 72, and what is sent again then arrives at 93, when all behind it have been there for long. */
static void test_third_duplicate(void **state)
{
	struct bench b = bench(0);

	send_lost(&b, 0, 1);
	send_at(&b, 10 * MS, 2);
	send_at(&b, 20 * MS, 3);
	assert_true(sim_stream_again(&b.stream));
	assert_true(sim_stream_head_ns(&b.stream) >= 221 * MS);
	send_at(&b, 30 * MS, 4);
	for (uint8_t byte = 1; byte <= 4; byte++)
		assert_next(&b, 93 * MS, byte);
	bench_clear(&b);
}

/* Nothing follows, so only the sender's timer tells; the next segment waits behind. */
static void test_timer(void **state)
{
	struct bench b = bench(1);
	int64_t at_ns;

	send_at(&b, 0, 1);
	at_ns = sim_stream_head_ns(&b.stream);
	/* 200 ms doubled at each loss, until even a link that loses all gives up drawing */
	assert_true(at_ns > 60000 * MS);
	sim_stream_clear(&b.stream);
	b.link.shape.config.loss = 0;
	assert_false(sim_stream_again(&b.stream));
	bench_clear(&b);
}

static void test_postpone(void **state)
{
	struct bench b = bench(0);

	send_lost(&b, 0, 1);
	send_at(&b, 10 * MS, 2);
	sim_stream_postpone(&b.stream, 70000 * MS);
	assert_next(&b, 70000 * MS, 1);
	assert_false(sim_stream_again(&b.stream));
	assert_next(&b, 70000 * MS, 2);
	bench_clear(&b);
}

/* Half of them lost: all arrive, in order, never earlier than the link allows. */
static void test_all_arrive(void **state)
{
	struct bench b = bench(0.5);
	int64_t before_ns = 0;
	unsigned again = 0;

	for (unsigned i = 0; i < 200; i++)
		send_at(&b, i * 40 * MS, (uint8_t)i);
	for (unsigned i = 0; i < 200; i++) {
		int64_t at_ns = sim_stream_head_ns(&b.stream);

		again += sim_stream_again(&b.stream);
		assert_true(at_ns >= before_ns && at_ns >= (int64_t)i * 40 * MS + 21 * MS);
		before_ns = at_ns;
		assert_next(&b, at_ns, (uint8_t)i);
	}
	assert_in_range(again, 70, 130);
	bench_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delay),	   cmocka_unit_test(test_third_duplicate),
		cmocka_unit_test(test_timer),	   cmocka_unit_test(test_postpone),
		cmocka_unit_test(test_all_arrive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
