/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guest program "packets" counts: flows with losses, repeats and packets out of order; and
 * the quantiles of its latencies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "workloads/kit/packets/guest/flow.h"
#include "workloads/kit/packets/guest/histogram.h"

#define SIZE 100

struct sent {
	struct packet packet;
	char rest[SIZE - sizeof(struct packet)];
};

static struct flow flow;
static struct sent sent[5000];

static int begin(void **state)
{
	flow = (struct flow){.path = 1, .index = 3};
	memset(&tally, 0, sizeof(tally));
	return 0;
}

static void send(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		flow_next(&flow, &sent[flow.sent].packet, SIZE);
}

static void receive_from(unsigned cpu, unsigned first, unsigned count)
{
	for (unsigned i = first; i < first + count; i++)
		flow_receive(&flow, &sent[i].packet, cpu);
}

static void receive(unsigned first, unsigned count)
{
	receive_from(0, first, count);
}

static void check(uint64_t received, uint64_t missing, uint64_t duplicated, uint64_t misordered)
{
	assert_int_equal(tally.received, received);
	assert_int_equal(tally.missing, missing);
	assert_int_equal(tally.duplicated, duplicated);
	assert_int_equal(tally.misordered, misordered);
}

static void test_in_order(void **state)
{
	send(5000);
	assert_int_equal(flow_under_way(&flow), 5000);
	receive(0, 5000);
	check(5000, 0, 0, 0);
	assert_int_equal(flow_under_way(&flow), 0);
}

static void test_lost(void **state)
{
	send(10);
	receive(0, 3);
	receive(5, 5);
	check(8, 2, 0, 0);
	assert_int_equal(flow_under_way(&flow), 0);
}

/* One that comes after later ones is out of order, and not lost any more. */
static void test_late(void **state)
{
	send(10);
	receive(0, 3);
	receive(4, 6);
	receive(3, 1);
	check(10, 0, 0, 1);
}

/* Between two CPUs a flow loses its order, and each CPU's packets keep theirs; or do not. */
static void test_late_by_cpu(void **state)
{
	send(12);
	receive_from(1, 0, 3);
	receive_from(2, 5, 2);
	receive_from(1, 3, 2);
	receive_from(2, 7, 1);
	check(8, 0, 0, 2);
	assert_int_equal(tally.misordered_cpu, 0);
	receive_from(2, 9, 1);
	receive_from(2, 8, 1);
	check(10, 0, 0, 3);
	assert_int_equal(tally.misordered_cpu, 1);
}

static void test_twice(void **state)
{
	send(10);
	receive(0, 10);
	receive(9, 1);
	receive(2, 1);
	check(10, 0, 2, 0);
}

/* A flow that began anew numbers from 0 again: what is left of the old one was never sent. */
static void test_never_sent(void **state)
{
	send(10);
	begin(NULL);
	receive(4, 1);
	assert_int_equal(tally.wrong, 1);
	check(0, 0, 0, 0);
}

static void test_not_sent_after_all(void **state)
{
	send(10);
	flow_take_back(&flow, 4);
	assert_int_equal(tally.sent, 6);
	receive(0, 6);
	check(6, 0, 0, 0);
	assert_int_equal(flow_under_way(&flow), 0);
}

static void test_written_off(void **state)
{
	send(10);
	receive(0, 4);
	flow_write_off(&flow);
	assert_int_equal(flow_under_way(&flow), 0);
	send(2);
	assert_int_equal(flow_under_way(&flow), 2);
	receive(10, 2);
	check(6, 6, 0, 0);
}

static void test_damaged(void **state)
{
	struct sent other;

	send(2);
	assert_true(packet_intact(&sent[0].packet, SIZE));
	assert_false(packet_intact(&sent[0].packet, SIZE - 8));
	assert_false(packet_intact(&sent[0].packet, 8));
	other = sent[0];
	other.packet.number++;
	assert_false(packet_intact(&other.packet, SIZE));
	other = sent[0];
	other.packet.magic = 0;
	assert_false(packet_intact(&other.packet, SIZE));
	other = sent[0];
	other.packet.sent_ns++;
	assert_false(packet_intact(&other.packet, SIZE));
}

/* A quantile is never below the value, and above by a sixteenth at most. */
static void test_quantiles(void **state)
{
	static struct histogram histogram;
	const double parts[] = {0, 0.5, 0.9, 0.99};

	assert_int_equal(histogram_quantile(&histogram, 0.5), 0);
	for (uint64_t i = 1; i <= 100000; i++)
		histogram_add(&histogram, i * 1000);
	for (size_t i = 0; i < 4; i++) {
		uint64_t exact = (uint64_t)(parts[i] * 100000 + 1) * 1000;
		uint64_t got = histogram_quantile(&histogram, parts[i]);

		assert_true(got >= exact && got <= exact + exact / 16);
	}
	assert_int_equal(histogram_quantile(&histogram, 1), 100000000);
	assert_int_equal(histogram.max, 100000000);
}

static void test_extremes(void **state)
{
	static struct histogram histogram;

	histogram_add(&histogram, 0);
	assert_int_equal(histogram_quantile(&histogram, 0.99), 0);
	histogram_add(&histogram, UINT64_MAX);
	assert_true(histogram_quantile(&histogram, 0.99) == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_in_order, begin),
		cmocka_unit_test_setup(test_lost, begin),
		cmocka_unit_test_setup(test_late, begin),
		cmocka_unit_test_setup(test_late_by_cpu, begin),
		cmocka_unit_test_setup(test_twice, begin),
		cmocka_unit_test_setup(test_never_sent, begin),
		cmocka_unit_test_setup(test_not_sent_after_all, begin),
		cmocka_unit_test_setup(test_written_off, begin),
		cmocka_unit_test_setup(test_damaged, begin),
		cmocka_unit_test(test_quantiles),
		cmocka_unit_test(test_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
