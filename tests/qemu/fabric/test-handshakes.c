/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What frames say of handshakes, and SYNs that are repeated as Linux would. */
#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "host/io.h"
#include "qemu/fabric/handshakes.h"

#define S    LU_NS_PER_S
#define PORT 40000

enum { FRAME = 14 + 20 + 20, CLIENT = PORT, GUEST = 7007 };

static const uint8_t mac_a[LU_MAC_BYTES] = {2, 0, 0, 0, 0, 0xa};
static const uint8_t mac_b[LU_MAC_BYTES] = {2, 0, 0, 0, 0, 0xb};

struct flags {
	bool syn, ack, rst;
};

static void make(uint8_t frame[FRAME], uint16_t from, uint16_t to, uint32_t sequence,
		 struct flags flags)
{
	struct iphdr ip = {.version = 4, .ihl = 5, .protocol = IPPROTO_TCP};
	struct tcphdr tcp = {
		.source = htons(from),
		.dest = htons(to),
		.seq = htonl(sequence),
		.doff = 5,
		.syn = flags.syn,
		.ack = flags.ack,
		.rst = flags.rst,
	};

	memset(frame, 0, FRAME);
	memcpy(frame, mac_a, sizeof(mac_a));
	frame[12] = 8;
	memcpy(frame + 14, &ip, sizeof(ip));
	memcpy(frame + 34, &tcp, sizeof(tcp));
}

static bool sends_syn(struct lu_handshakes *all, int64_t now_ns, uint32_t sequence)
{
	uint8_t frame[FRAME];

	make(frame, CLIENT, GUEST, sequence, (struct flags){.syn = true});
	return lu_handshakes_sent(all, now_ns, frame, FRAME);
}

static void answer(struct lu_handshakes *all, int64_t now_ns, struct flags flags)
{
	uint8_t frame[FRAME];

	make(frame, GUEST, CLIENT, 1, flags);
	lu_handshakes_came(all, now_ns, frame, FRAME);
}

static struct lu_handshake seen(struct lu_handshakes *all)
{
	struct lu_handshake found;

	lu_handshakes_find(all, PORT, &found);
	return found;
}

static void test_accepted(void **state)
{
	struct lu_handshakes *all = lu_handshakes_new();

	assert_int_equal(seen(all).accepted_ns, -1);
	assert_true(sends_syn(all, 10, 7));
	assert_int_equal(seen(all).accepted_ns, -1);
	answer(all, 15, (struct flags){.syn = true, .ack = true});
	assert_int_equal(seen(all).accepted_ns, 15);
	assert_int_equal(lu_handshakes_next_ns(all), INT64_MAX);
	/* what was accepted is not refused later, only reset */
	answer(all, 20, (struct flags){.rst = true});
	assert_false(seen(all).refused);
	assert_int_equal(seen(all).accepted_ns, 15);
	lu_handshakes_free(all);
}

static void test_refused(void **state)
{
	struct lu_handshakes *all = lu_handshakes_new();

	sends_syn(all, 10, 7);
	answer(all, 15, (struct flags){.rst = true, .ack = true});
	assert_true(seen(all).refused);
	assert_int_equal(seen(all).accepted_ns, -1);
	assert_int_equal(lu_handshakes_next_ns(all), INT64_MAX);
	lu_handshakes_free(all);
}

static void check_again(struct lu_handshakes *all, int64_t at_ns, const uint8_t *mac)
{
	uint8_t syn[FRAME];
	GBytes *frame;

	assert_int_equal(lu_handshakes_next_ns(all), at_ns);
	assert_null(lu_handshakes_again(all, at_ns - 1));
	frame = lu_handshakes_again(all, at_ns);
	assert_non_null(frame);
	make(syn, CLIENT, GUEST, 7, (struct flags){.syn = true});
	memcpy(syn, mac, LU_MAC_BYTES);
	assert_int_equal(g_bytes_get_size(frame), FRAME);
	assert_memory_equal(g_bytes_get_data(frame, NULL), syn, FRAME);
	g_bytes_unref(frame);
	assert_null(lu_handshakes_again(all, at_ns));
}

/* 1, 3, 7, 15, 31, 63 s after the first, and those of libslirp are held back. */
static void test_repeated_as_linux_does(void **state)
{
	struct lu_handshakes *all = lu_handshakes_new();

	assert_true(sends_syn(all, 0, 7));
	check_again(all, 1 * S, mac_a);
	check_again(all, 3 * S, mac_a);
	assert_false(sends_syn(all, 6 * S, 7));
	check_again(all, 7 * S, mac_a);
	check_again(all, 15 * S, mac_a);
	check_again(all, 31 * S, mac_a);
	check_again(all, 63 * S, mac_a);
	assert_int_equal(lu_handshakes_next_ns(all), INT64_MAX);
	assert_int_equal(seen(all).accepted_ns, -1);
	lu_handshakes_free(all);
}

/* After a failover the guest's address is the other machine's. */
static void test_repeated_to_where_the_guest_is(void **state)
{
	struct lu_handshakes *all = lu_handshakes_new();

	sends_syn(all, 0, 7);
	check_again(all, 1 * S, mac_a);
	lu_handshakes_moved(all, mac_b);
	check_again(all, 3 * S, mac_b);
	lu_handshakes_free(all);
}

/* A client that has given up sends no more; the next one of that port is another. */
static void test_forgotten(void **state)
{
	struct lu_handshakes *all = lu_handshakes_new();

	sends_syn(all, 0, 7);
	lu_handshakes_forget(all, PORT);
	assert_int_equal(lu_handshakes_next_ns(all), INT64_MAX);
	assert_true(sends_syn(all, 2 * S, 9));
	answer(all, 3 * S, (struct flags){.syn = true, .ack = true});
	assert_true(sends_syn(all, 4 * S, 11));
	assert_int_equal(seen(all).accepted_ns, -1);
	lu_handshakes_free(all);
}

static void test_other_frames(void **state)
{
	struct lu_handshakes *all = lu_handshakes_new();
	uint8_t frame[FRAME];

	make(frame, CLIENT, GUEST, 7, (struct flags){.ack = true});
	assert_true(lu_handshakes_sent(all, 0, frame, FRAME));
	make(frame, CLIENT, GUEST, 7, (struct flags){.syn = true});
	for (size_t len = 0; len < FRAME; len++)
		assert_true(lu_handshakes_sent(all, 0, frame, len));
	frame[13] = 6; /* ARP */
	assert_true(lu_handshakes_sent(all, 0, frame, FRAME));
	answer(all, 5, (struct flags){.syn = true, .ack = true});
	assert_int_equal(seen(all).accepted_ns, -1);
	lu_handshakes_free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_repeated_as_linux_does),
		cmocka_unit_test(test_repeated_to_where_the_guest_is),
		cmocka_unit_test(test_forgotten),
		cmocka_unit_test(test_other_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
