/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Forwarding, gates and failing over, without threads and sockets: three machines that remember
 * what they got. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "qemu/fabric/frame.h"
#include "qemu/fabric/switch.h"

enum { FRAME = 60, MACHINES = 3 };

static const uint8_t macs[MACHINES][LU_MAC_BYTES] = {
	{2, 0, 0, 0, 0, 0xa},
	{2, 0, 0, 0, 0, 0xb},
	{2, 0, 0, 0, 0, 0xc},
};
static const uint8_t everybody[LU_MAC_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

struct machine {
	unsigned got;
	uint8_t last[FRAME];
	size_t last_len;
};

struct lab {
	struct lu_switch net;
	struct machine machines[MACHINES];
};

static void deliver(void *data, const uint8_t *frame, size_t len)
{
	struct machine *machine = data;

	machine->got++;
	machine->last_len = len;
	memcpy(machine->last, frame, MIN(len, FRAME));
}

static void lab_open(struct lab *lab, enum lu_gate_state state)
{
	memset(lab, 0, sizeof(*lab));
	lu_switch_init(&lab->net);
	for (int i = 0; i < MACHINES; i++)
		lu_switch_add(&lab->net, "m", macs[i], state, deliver, &lab->machines[i]);
}

static void transmit(struct lab *lab, int port, const uint8_t *to, const uint8_t *from)
{
	uint8_t frame[FRAME] = {};

	memcpy(frame, to, LU_MAC_BYTES);
	memcpy(frame + LU_MAC_BYTES, from, LU_MAC_BYTES);
	lu_port_receive(lab->net.ports[port], lab->net.now_ns, frame, sizeof(frame));
}

static void expect_got(struct lab *lab, unsigned a, unsigned b, unsigned c)
{
	unsigned expected[] = {a, b, c};

	for (int i = 0; i < MACHINES; i++) {
		assert_int_equal(lab->machines[i].got, expected[i]);
		assert_int_equal(lab->net.ports[i]->stats.frames_out, expected[i]);
		assert_int_equal(lab->net.ports[i]->stats.leaked_before_open, 0);
	}
}

static void test_learning(void **state)
{
	struct lab lab;

	lab_open(&lab, LU_GATE_OPEN);
	transmit(&lab, 0, macs[1], macs[0]); /* unknown: flooded */
	expect_got(&lab, 0, 1, 1);
	transmit(&lab, 1, macs[0], macs[1]);
	expect_got(&lab, 1, 1, 1);
	transmit(&lab, 0, macs[1], macs[0]);
	expect_got(&lab, 1, 2, 1);
	transmit(&lab, 2, everybody, macs[2]);
	expect_got(&lab, 2, 3, 1);
	transmit(&lab, 0, macs[0], macs[0]);
	expect_got(&lab, 2, 3, 1);
	assert_int_equal(lab.net.ports[0]->stats.dropped[LU_DROPPED_LOCAL], 1);
	lu_switch_clear(&lab.net);
}

static void test_address_moves(void **state)
{
	struct lab lab;

	lab_open(&lab, LU_GATE_OPEN);
	transmit(&lab, 0, everybody, macs[0]);
	transmit(&lab, 1, everybody, macs[1]);
	expect_got(&lab, 1, 1, 2);
	transmit(&lab, 2, everybody, macs[1]);
	expect_got(&lab, 2, 2, 2);
	assert_int_equal(lab.net.ports[2]->stats.moves, 1);
	transmit(&lab, 0, macs[1], macs[0]);
	expect_got(&lab, 2, 2, 3);
	lu_switch_clear(&lab.net);
}

/* Neither direction passes, and what a closed machine says of itself is not believed. */
static void test_closed(void **state)
{
	struct lab lab;

	lab_open(&lab, LU_GATE_OPEN);
	transmit(&lab, 1, everybody, macs[1]);
	lu_switch_gate(&lab.net, 1, LU_GATE_CLOSED);
	transmit(&lab, 1, everybody, macs[0]);
	transmit(&lab, 2, macs[0], macs[2]); /* flooded, for macs[0] was not learned */
	expect_got(&lab, 2, 0, 1);
	assert_int_equal(lab.net.ports[1]->stats.dropped[LU_DROPPED_GATE], 2);
	assert_int_equal(lab.net.ports[1]->stats.frames_in, 2);
	/* its link is down: its address is unknown */
	transmit(&lab, 0, macs[1], macs[0]);
	expect_got(&lab, 2, 0, 2);
	lu_switch_clear(&lab.net);
}

/* Nobody notices a black hole: frames still go there. */
static void test_black_hole(void **state)
{
	struct lab lab;

	lab_open(&lab, LU_GATE_OPEN);
	transmit(&lab, 1, everybody, macs[1]);
	lu_switch_gate(&lab.net, 1, LU_GATE_DROP);
	transmit(&lab, 0, macs[1], macs[0]);
	expect_got(&lab, 1, 0, 1);
	lu_switch_clear(&lab.net);
}

static void test_hold(void **state)
{
	struct lab lab;

	lab_open(&lab, LU_GATE_OPEN);
	lu_switch_gate(&lab.net, 1, LU_GATE_HOLD);
	transmit(&lab, 0, macs[1], macs[0]);
	transmit(&lab, 1, macs[0], macs[1]);
	expect_got(&lab, 0, 0, 1);
	lu_switch_gate(&lab.net, 1, LU_GATE_OPEN);
	expect_got(&lab, 1, 1, 1);
	lu_switch_clear(&lab.net);
}

static void test_hold_is_bounded(void **state)
{
	struct lab lab;
	unsigned fit = LU_FABRIC_HOLD_BYTES / FRAME;

	lab_open(&lab, LU_GATE_OPEN);
	lu_switch_gate(&lab.net, 1, LU_GATE_HOLD);
	for (unsigned i = 0; i < fit + 10; i++)
		transmit(&lab, 0, macs[1], macs[0]);
	assert_int_equal(lab.net.ports[1]->stats.dropped[LU_DROPPED_HOLD_FULL], 10);
	lu_switch_gate(&lab.net, 1, LU_GATE_OPEN);
	assert_int_equal(lab.machines[1].got, fit);
	lu_switch_clear(&lab.net);
}

/* The address of the service moves to the standby with its announcement; the old machine is heard
 * no more. */
static void test_flip(void **state)
{
	uint8_t announcement[LU_ARP_FRAME];
	struct lab lab;

	lab_open(&lab, LU_GATE_OPEN);
	lu_switch_gate(&lab.net, 2, LU_GATE_CLOSED);
	transmit(&lab, 1, everybody, macs[1]);
	expect_got(&lab, 1, 0, 0);
	lu_switch_flip(&lab.net, 1, 2, LU_FABRIC_GUEST);
	expect_got(&lab, 2, 0, 0);
	lu_frame_announce(announcement, macs[2], LU_FABRIC_GUEST);
	assert_int_equal(lab.machines[0].last_len, LU_ARP_FRAME);
	assert_memory_equal(lab.machines[0].last, announcement, LU_ARP_FRAME);
	transmit(&lab, 0, macs[2], macs[0]);
	expect_got(&lab, 2, 0, 1);
	transmit(&lab, 1, macs[0], macs[1]);
	transmit(&lab, 0, macs[1], macs[0]);
	expect_got(&lab, 2, 0, 2); /* unknown, so flooded to whoever is open */
	lu_switch_clear(&lab.net);
}

/* Twins: the standby has the same address as the machine it replaces. */
static void test_flip_of_twins(void **state)
{
	struct lab lab;

	lab_open(&lab, LU_GATE_OPEN);
	memcpy(lab.net.ports[2]->mac, macs[1], LU_MAC_BYTES);
	lu_switch_gate(&lab.net, 2, LU_GATE_HOLD);
	transmit(&lab, 1, everybody, macs[1]);
	transmit(&lab, 2, macs[0], macs[1]); /* held: must not draw the address away */
	transmit(&lab, 0, macs[1], macs[0]);
	expect_got(&lab, 1, 1, 0);
	lu_switch_flip(&lab.net, 1, 2, 0);
	expect_got(&lab, 2, 1, 1); /* both directions' held frames */
	transmit(&lab, 0, macs[1], macs[0]);
	expect_got(&lab, 2, 1, 2);
	lu_switch_flip(&lab.net, 2, 1, 0);
	transmit(&lab, 0, macs[1], macs[0]);
	expect_got(&lab, 2, 2, 2);
	lu_switch_clear(&lab.net);
}

/* Whatever happens to the others, and on whatever link: a gate that was never open
 * lets nothing through. */
static void test_no_leak(void **state)
{
	static const enum lu_gate_state never_open[] = {LU_GATE_CLOSED, LU_GATE_DROP, LU_GATE_HOLD};
	struct lu_shape_config link = {.rate_bps = 10000000, .delay_ns = 100};
	GRand *chance = g_rand_new_with_seed(7);
	struct lab lab;

	lab_open(&lab, LU_GATE_CLOSED);
	lu_switch_gate(&lab.net, 0, LU_GATE_OPEN);
	for (unsigned i = 0; i < 20000; i++) {
		int from = g_rand_int_range(chance, 0, MACHINES);
		int to = g_rand_int_range(chance, 0, MACHINES + 1);

		lab.net.now_ns += g_rand_int_range(chance, 0, 1000);
		lu_switch_run(&lab.net);
		transmit(&lab, from, to < MACHINES ? macs[to] : everybody, macs[from]);
		if (i % 7 == 0)
			lu_switch_gate(&lab.net, 2, never_open[g_rand_int_range(chance, 0, 3)]);
		if (i % 11 == 0)
			lu_switch_gate(&lab.net, 1, (int)g_rand_int_range(chance, 0, 4));
		if (i % 101 == 0)
			lu_port_shape(lab.net.ports[i % MACHINES],
				      g_rand_boolean(chance) ? &link : NULL);
		if (i % 501 == 0)
			lu_switch_flip(&lab.net, i % 2, (i + 1) % 2, LU_FABRIC_GUEST);
	}
	assert_int_equal(lab.machines[2].got, 0);
	assert_int_equal(lab.net.ports[2]->stats.leaked_before_open, 0);
	assert_true(lab.machines[0].got > 0 && lab.machines[1].got > 0);
	g_rand_free(chance);
	lu_switch_clear(&lab.net);
}

/* The counter of leaks is not blind: broken gates, which only a bug could make, are seen. */
static void test_leak_is_seen(void **state)
{
	struct lab lab;

	lab_open(&lab, LU_GATE_CLOSED);
	lab.net.ports[1]->in.gate.state = LU_GATE_OPEN;
	lab.net.ports[2]->out.gate.state = LU_GATE_OPEN;
	transmit(&lab, 1, everybody, macs[1]);
	assert_int_equal(lab.net.ports[1]->stats.leaked_before_open, 1);
	assert_int_equal(lab.net.ports[2]->stats.leaked_before_open, 1);
	assert_int_equal(lab.net.ports[0]->stats.leaked_before_open, 0);
	lu_switch_clear(&lab.net);
}

static void test_malformed(void **state)
{
	uint8_t frame[LU_FABRIC_FRAME + 1] = {};
	struct lab lab;

	lab_open(&lab, LU_GATE_OPEN);
	lu_port_receive(lab.net.ports[0], 0, frame, 13);
	lu_port_receive(lab.net.ports[0], 0, frame, sizeof(frame));
	assert_int_equal(lab.net.ports[0]->stats.dropped[LU_DROPPED_MALFORMED], 2);
	expect_got(&lab, 0, 0, 0);
	lu_switch_clear(&lab.net);
}

static void test_ports_end(void **state)
{
	struct lab lab;

	lab_open(&lab, LU_GATE_OPEN);
	while (lab.net.n_ports < LU_FABRIC_PORTS)
		assert_non_null(lu_switch_add(&lab.net, "p", macs[0], LU_GATE_CLOSED, NULL, NULL));
	assert_null(lu_switch_add(&lab.net, "p", macs[0], LU_GATE_CLOSED, NULL, NULL));
	assert_null(lu_switch_port(&lab.net, -1));
	assert_null(lu_switch_port(&lab.net, LU_FABRIC_PORTS));
	lu_switch_clear(&lab.net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_learning),  cmocka_unit_test(test_address_moves),
		cmocka_unit_test(test_closed),	  cmocka_unit_test(test_black_hole),
		cmocka_unit_test(test_hold),	  cmocka_unit_test(test_hold_is_bounded),
		cmocka_unit_test(test_flip),	  cmocka_unit_test(test_flip_of_twins),
		cmocka_unit_test(test_no_leak),	  cmocka_unit_test(test_leak_is_seen),
		cmocka_unit_test(test_malformed), cmocka_unit_test(test_ports_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
