/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fabric's pure parts: gate, link, lane, addresses, capture, announcement. Right answers were
 * worked out by hand. */
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "qemu/fabric/frame.h"
#include "qemu/fabric/lane.h"
#include "qemu/fabric/pcap.h"

#define MS 1000000ll
#define S  1000000000ll

static void test_gate_states(void **state)
{
	struct lu_gate gate;

	lu_gate_init(&gate, LU_GATE_CLOSED, 100);
	assert_int_equal(lu_gate_offer(&gate, "a", 1), LU_GATE_DROPPED);
	lu_gate_set(&gate, LU_GATE_OPEN);
	assert_int_equal(lu_gate_offer(&gate, "b", 1), LU_GATE_PASSES);
	lu_gate_set(&gate, LU_GATE_DROP);
	assert_int_equal(lu_gate_offer(&gate, "c", 1), LU_GATE_DROPPED);
	assert_null(lu_gate_next(&gate));
	lu_gate_clear(&gate);
}

static void expect_next(struct lu_gate *gate, const char *text)
{
	g_autoptr(GBytes) piece = lu_gate_next(gate);

	assert_non_null(piece);
	assert_int_equal(g_bytes_get_size(piece), strlen(text));
	assert_memory_equal(g_bytes_get_data(piece, NULL), text, strlen(text));
}

static void test_gate_holds(void **state)
{
	struct lu_gate gate;

	lu_gate_init(&gate, LU_GATE_HOLD, 10);
	assert_int_equal(lu_gate_offer(&gate, "first", 5), LU_GATE_HELD);
	assert_int_equal(lu_gate_offer(&gate, "toolong", 7), LU_GATE_OVERFLOWS);
	assert_int_equal(lu_gate_offer(&gate, "five!", 5), LU_GATE_HELD);
	assert_int_equal(lu_gate_offer(&gate, "", 1), LU_GATE_OVERFLOWS);
	assert_int_equal(gate.held_bytes, 10);
	assert_null(lu_gate_next(&gate));
	assert_int_equal(lu_gate_set(&gate, LU_GATE_OPEN), 0);
	expect_next(&gate, "first");
	/* no overtaking, even of a gate that is open already */
	assert_int_equal(lu_gate_offer(&gate, "third", 5), LU_GATE_HELD);
	expect_next(&gate, "five!");
	expect_next(&gate, "third");
	assert_null(lu_gate_next(&gate));
	assert_int_equal(gate.held_bytes, 0);
	assert_int_equal(lu_gate_offer(&gate, "x", 1), LU_GATE_PASSES);
	lu_gate_clear(&gate);
}

static void test_gate_discards(void **state)
{
	struct lu_gate gate;

	lu_gate_init(&gate, LU_GATE_HOLD, 10);
	lu_gate_offer(&gate, "a", 1);
	lu_gate_offer(&gate, "b", 1);
	assert_int_equal(lu_gate_set(&gate, LU_GATE_HOLD), 0);
	assert_int_equal(lu_gate_set(&gate, LU_GATE_CLOSED), 2);
	assert_int_equal(lu_gate_set(&gate, LU_GATE_OPEN), 0);
	assert_null(lu_gate_next(&gate));
	assert_int_equal(gate.held_bytes, 0);
	lu_gate_clear(&gate);
}

/* 8 Mbit/s: 1000 bytes take 1 ms. */
static void test_shape_times(void **state)
{
	struct lu_shape_config config = {
		.rate_bps = 8000000, .delay_ns = 20 * MS, .queue_bytes = 2500};
	struct lu_shape shape;
	int64_t leave_ns = 0;

	lu_shape_init(&shape, &config);
	assert_int_equal(lu_shape_take(&shape, 5 * S, 1000, &leave_ns), LU_SHAPE_LEAVES);
	assert_int_equal(leave_ns, 5 * S + 21 * MS);
	assert_int_equal(lu_shape_take(&shape, 5 * S, 1000, &leave_ns), LU_SHAPE_LEAVES);
	assert_int_equal(leave_ns, 5 * S + 22 * MS);
	/* 2000 bytes wait: 500 more fit, 501 do not */
	assert_int_equal(lu_shape_take(&shape, 5 * S, 501, &leave_ns), LU_SHAPE_FULL);
	assert_int_equal(lu_shape_take(&shape, 5 * S, 500, &leave_ns), LU_SHAPE_LEAVES);
	assert_int_equal(leave_ns, 5 * S + 22 * MS + 500000);
	/* after 1 ms there is room for 1000 again */
	assert_int_equal(lu_shape_take(&shape, 5 * S + MS, 1000, &leave_ns), LU_SHAPE_LEAVES);
	assert_int_equal(leave_ns, 5 * S + 23 * MS + 500000);
	/* an idle link starts at once */
	assert_int_equal(lu_shape_take(&shape, 9 * S, 100, &leave_ns), LU_SHAPE_LEAVES);
	assert_int_equal(leave_ns, 9 * S + 20 * MS + 100000);
	lu_shape_clear(&shape);
}

static void test_shape_none(void **state)
{
	struct lu_shape_config config = {};
	struct lu_shape shape;
	int64_t leave_ns = 0;

	lu_shape_init(&shape, &config);
	assert_int_equal(lu_shape_take(&shape, 7, 65535, &leave_ns), LU_SHAPE_LEAVES);
	assert_int_equal(leave_ns, 7);
	lu_shape_clear(&shape);
}

static char *pattern(uint32_t seed, double loss, unsigned n, unsigned *lost)
{
	struct lu_shape_config config = {.loss = loss, .seed = seed};
	GString *text = g_string_new(NULL);
	struct lu_shape shape;
	int64_t leave_ns;

	lu_shape_init(&shape, &config);
	*lost = 0;
	for (unsigned i = 0; i < n; i++) {
		bool gone = lu_shape_take(&shape, i, 100, &leave_ns) == LU_SHAPE_LOST;

		*lost += gone;
		g_string_append_c(text, gone ? 'x' : '.');
	}
	lu_shape_clear(&shape);
	return g_string_free(text, FALSE);
}

/* 10,000 frames at 1 %: 100 ± 10, so within five deviations. */
static void test_shape_loss(void **state)
{
	unsigned lost, again, other, none, all;
	g_autofree char *one = pattern(1, 0.01, 10000, &lost);
	g_autofree char *one_again = pattern(1, 0.01, 10000, &again);
	g_autofree char *two = pattern(2, 0.01, 10000, &other);
	g_autofree char *never = pattern(1, 0, 1000, &none);
	g_autofree char *always = pattern(1, 1, 1000, &all);

	assert_string_equal(one, one_again);
	assert_string_not_equal(one, two);
	assert_null(strchr(never, 'x'));
	assert_null(strchr(always, '.'));
	assert_in_range(lost, 50, 150);
	assert_in_range(other, 50, 150);
	assert_int_equal(none, 0);
	assert_int_equal(all, 1000);
}

struct seen {
	GString *text;
	int64_t now_ns;
};

static void see(void *data, const uint8_t *frame, size_t len)
{
	struct seen *seen = data;

	g_string_append_len(seen->text, (const char *)frame, (gssize)len);
}

static void put(struct lu_lane *lane, int64_t now_ns, const char *frame)
{
	lu_lane_put(lane, now_ns, (const uint8_t *)frame, strlen(frame));
}

/* What is on its way when the gate closes does not pass, and a faster link does not overtake. */
static void test_lane(void **state)
{
	struct lu_shape_config slow = {.delay_ns = 10 * MS}, fast = {.delay_ns = 1 * MS};
	uint64_t dropped[LU_DROP_REASONS] = {};
	struct seen seen = {g_string_new(NULL), 0};
	struct lu_lane lane;

	lu_lane_init(&lane, LU_GATE_OPEN, dropped, see, &seen);
	assert_true(lu_lane_next_ns(&lane) == INT64_MAX);
	put(&lane, 0, "a");
	assert_string_equal(seen.text->str, "a");
	lu_lane_shape(&lane, &slow);
	put(&lane, 0, "b");
	lu_lane_shape(&lane, &fast);
	put(&lane, 1 * MS, "c");
	lu_lane_shape(&lane, NULL);
	put(&lane, 2 * MS, "d");
	assert_int_equal(lu_lane_next_ns(&lane), 10 * MS);
	lu_lane_run(&lane, 10 * MS - 1);
	assert_string_equal(seen.text->str, "a");
	lu_lane_run(&lane, 10 * MS);
	assert_string_equal(seen.text->str, "abcd");
	lu_lane_shape(&lane, &slow);
	put(&lane, 20 * MS, "e");
	lu_lane_gate(&lane, LU_GATE_CLOSED);
	lu_lane_run(&lane, 40 * MS);
	lu_lane_gate(&lane, LU_GATE_HOLD);
	put(&lane, 40 * MS, "f");
	lu_lane_run(&lane, 50 * MS);
	assert_string_equal(seen.text->str, "abcd");
	lu_lane_gate(&lane, LU_GATE_OPEN);
	assert_string_equal(seen.text->str, "abcdf");
	assert_int_equal(dropped[LU_DROPPED_GATE], 1);
	put(&lane, 50 * MS, "never run: freed with the lane");
	lu_lane_clear(&lane);
	g_string_free(seen.text, TRUE);
}

static void test_lane_counts(void **state)
{
	struct lu_shape_config lossy = {.loss = 1}, narrow = {.rate_bps = 8, .queue_bytes = 3};
	uint64_t dropped[LU_DROP_REASONS] = {};
	struct seen seen = {g_string_new(NULL), 0};
	struct lu_lane lane;

	lu_lane_init(&lane, LU_GATE_HOLD, dropped, see, &seen);
	lane.gate.bound = 2;
	put(&lane, 0, "ab");
	put(&lane, 0, "c");
	assert_int_equal(dropped[LU_DROPPED_HOLD_FULL], 1);
	lu_lane_shape(&lane, &lossy);
	put(&lane, 0, "d");
	assert_int_equal(dropped[LU_DROPPED_LOSS], 1);
	lu_lane_shape(&lane, &narrow);
	put(&lane, 0, "efgh");
	assert_int_equal(dropped[LU_DROPPED_LINK_FULL], 1);
	lu_lane_gate(&lane, LU_GATE_DROP);
	assert_int_equal(dropped[LU_DROPPED_GATE], 1);
	assert_string_equal(seen.text->str, "");
	lu_lane_clear(&lane);
	g_string_free(seen.text, TRUE);
}

static const uint8_t mac_a[] = {2, 0, 0, 0, 0, 0xa}, mac_b[] = {2, 0, 0, 0, 0, 0xb};

static void test_table(void **state)
{
	static const uint8_t group[] = {1, 0, 0x5e, 0, 0, 1};
	struct lu_mac_table *table = lu_mac_table_new();

	assert_int_equal(lu_mac_table_find(table, mac_a, 0), -1);
	assert_false(lu_mac_table_learn(table, mac_a, 3, 0));
	assert_false(lu_mac_table_learn(table, mac_b, 3, 0));
	assert_false(lu_mac_table_learn(table, group, 3, 0));
	assert_int_equal(lu_mac_table_find(table, group, 0), -1);
	assert_int_equal(lu_mac_table_find(table, mac_a, 0), 3);
	assert_true(lu_mac_table_learn(table, mac_a, 4, 1 * S));
	assert_int_equal(lu_mac_table_find(table, mac_a, 1 * S), 4);
	lu_mac_table_forget(table, 3);
	assert_int_equal(lu_mac_table_find(table, mac_b, 1 * S), -1);
	assert_int_equal(lu_mac_table_find(table, mac_a, 301 * S), 4);
	assert_int_equal(lu_mac_table_find(table, mac_a, 301 * S + 1), -1);
	lu_mac_table_free(table);
}

static void learn_number(struct lu_mac_table *table, unsigned i, int64_t now_ns)
{
	uint8_t mac[] = {2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i};

	lu_mac_table_learn(table, mac, 1, now_ns);
}

/* A flood of made-up addresses neither grows without end nor displaces those that are in use. */
static void test_table_bound(void **state)
{
	static const uint8_t late[] = {6, 0, 0, 0, 0, 1};
	struct lu_mac_table *table = lu_mac_table_new();

	lu_mac_table_learn(table, mac_a, 2, 200 * S);
	for (unsigned i = 0; i < 5000; i++)
		learn_number(table, 0x1000 + i, 0);
	assert_int_equal(lu_mac_table_find(table, mac_a, 200 * S), 2);
	lu_mac_table_learn(table, late, 2, 200 * S);
	assert_int_equal(lu_mac_table_find(table, late, 200 * S), -1);
	/* once the flood is old there is room */
	lu_mac_table_learn(table, late, 2, 400 * S);
	assert_int_equal(lu_mac_table_find(table, late, 400 * S), 2);
	assert_int_equal(lu_mac_table_find(table, mac_a, 400 * S), 2);
	lu_mac_table_free(table);
}

static void test_pcap(void **state)
{
	static const uint8_t expected[] = {
		0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 0,
		0, 0,
		/* 1 s, 5 ns, 3 of 3 bytes */
		1, 0, 0, 0, 5, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 'a', 'b', 'c',
		/* 2 s, 999999999 ns */
		2, 0, 0, 0, 0xff, 0xc9, 0x9a, 0x3b, 1, 0, 0, 0, 1, 0, 0, 0, 'd'};
	int fd = memfd_create("capture", MFD_CLOEXEC);
	struct lu_pcap *pcap = lu_pcap_new(dup(fd), NULL);
	uint8_t got[sizeof(expected) + 1];

	assert_non_null(pcap);
	lu_pcap_write(pcap, S + 5, (const uint8_t *)"abc", 3);
	lu_pcap_write(pcap, 3 * S - 1, (const uint8_t *)"d", 1);
	lu_pcap_free(pcap);
	assert_int_equal(pread(fd, got, sizeof(got), 0), sizeof(expected));
	assert_memory_equal(got, expected, sizeof(expected));
	close(fd);
}

/* A file that is full ends with a whole frame, and one that cannot be written does, too. */
static void test_pcap_ends(void **state)
{
	static const uint8_t frame[100];
	int fd = memfd_create("capture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct lu_pcap *pcap = lu_pcap_new(dup(fd), NULL);

	lu_pcap_bound(pcap, 24 + 2 * 116 + 115);
	assert_true(lu_pcap_write(pcap, S, frame, sizeof(frame)));
	assert_true(lu_pcap_write(pcap, S, frame, sizeof(frame)));
	assert_false(lu_pcap_write(pcap, S, frame, sizeof(frame)));
	assert_false(lu_pcap_write(pcap, S, frame, 1));
	assert_int_equal(lseek(fd, 0, SEEK_END), 24 + 2 * 116);
	lu_pcap_free(pcap);
	assert_int_equal(ftruncate(fd, 0), 0);
	lseek(fd, 0, SEEK_SET);
	pcap = lu_pcap_new(dup(fd), NULL);
	assert_true(lu_pcap_write(pcap, S, frame, sizeof(frame)));
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), 0);
	assert_false(lu_pcap_write(pcap, S, frame, sizeof(frame)));
	assert_int_equal(lseek(fd, 0, SEEK_END), 24 + 116);
	lu_pcap_free(pcap);
	close(fd);
}

static void test_pcap_cannot_write(void **state)
{
	g_autoptr(GError) error = NULL;

	assert_null(lu_pcap_new(open("/dev/null", O_RDONLY | O_CLOEXEC), &error));
	assert_non_null(strstr(error->message, "cannot write the capture file"));
}

static void test_announcement(void **state)
{
	static const uint8_t expected[] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,	0, 0, 0,  0, 0xa, 8, 6, /* Ethernet */
		0,    1,    8,	  0,	6,    4,    0,	1,			/* request */
		2,    0,    0,	  0,	0,    0xa,  10, 0, 2, 15, 0, 0,	  0, 0, 0, 0, 10, 0, 2, 15};
	uint8_t frame[LU_ARP_FRAME];

	assert_int_equal(sizeof(expected), LU_ARP_FRAME);
	lu_frame_announce(frame, mac_a, LU_FABRIC_GUEST);
	assert_memory_equal(frame, expected, sizeof(expected));
	assert_memory_equal(lu_frame_source(frame), mac_a, LU_MAC_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gate_states),   cmocka_unit_test(test_gate_holds),
		cmocka_unit_test(test_gate_discards), cmocka_unit_test(test_shape_times),
		cmocka_unit_test(test_shape_none),    cmocka_unit_test(test_shape_loss),
		cmocka_unit_test(test_lane),	      cmocka_unit_test(test_lane_counts),
		cmocka_unit_test(test_table),	      cmocka_unit_test(test_table_bound),
		cmocka_unit_test(test_pcap),	      cmocka_unit_test(test_pcap_cannot_write),
		cmocka_unit_test(test_pcap_ends),     cmocka_unit_test(test_announcement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
