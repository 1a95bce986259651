/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a hostile guest may send: what libslirp gets of it, alone and through a real fabric, whose
 * clients must not notice. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "qemu/fabric/admit.h"
#include "tests/kit/virtual-io.h"
#include "tests/kit/guard.h"

/* A SYN from 10.0.2.15:80 to 10.0.2.2:1024, with an option for the segment size, and an ARP request. */
static const uint8_t syn[] = {
	0x52, 0x55, 10, 0,  2,	  2,	0x52, 0x54, 0,	0, 0,	 10,   0x08, 0x00, /* Ethernet */
	0x45, 0x00, 0,	44, 0,	  1,	0x40, 0x00, 64, 6, 0x22, 0xbb, 10,   0,	   /* IP */
	2,    15,   10, 0,  2,	  2,	0,    80,   4,	0, 0,	 0,    0,    1,	   /* TCP */
	0,    0,    0,	0,  0x60, 0x02, 0x20, 0,    0,	0, 0,	 0,    2,    4,	   5, 0xb4,
};
static const uint8_t arp[] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0,    0,    0,	10, 0x08, 0x06,
	0,    1,    8,	  0,	6,    4,    0,	  1,	0x52, 0x54, 0,	0,  0,	  10,
	10,   0,    2,	  15,	0,    0,    0,	  0,	0,    0,    10, 0,  2,	  2,
};

enum { IP = 14, TCP = 34, OPTIONS = 54, FRAME = 60 };

static void test_what_clients_live_on(void **state)
{
	uint8_t padded[FRAME] = {};

	assert_int_equal(lu_admit(syn, sizeof(syn)), LU_DROP_REASONS);
	assert_int_equal(lu_admit(arp, sizeof(arp)), LU_DROP_REASONS);
	memcpy(padded, arp, sizeof(arp));
	assert_int_equal(lu_admit(padded, sizeof(padded)), LU_DROP_REASONS);
	memset(padded, 0, sizeof(padded));
	memcpy(padded, syn, sizeof(syn));
	assert_int_equal(lu_admit(padded, sizeof(padded)), LU_DROP_REASONS);
}

/* One byte of the SYN or of the ARP request is another, and why that is dropped. */
static const struct spoilt {
	const uint8_t *frame;
	size_t len, at;
	uint8_t value;
	enum lu_fabric_drop why;
} spoilt[] = {
	{syn, sizeof(syn), 12, 0x86, LU_DROPPED_PROTOCOL},     /* EtherType 0x8600 */
	{syn, sizeof(syn), IP, 0x65, LU_DROPPED_MALFORMED},    /* version 6 */
	{syn, sizeof(syn), IP, 0x44, LU_DROPPED_MALFORMED},    /* header of 16 bytes */
	{syn, sizeof(syn), IP, 0x4f, LU_DROPPED_MALFORMED},    /* of 60, more than the datagram */
	{syn, sizeof(syn), IP + 2, 1, LU_DROPPED_MALFORMED},   /* longer than the frame */
	{syn, sizeof(syn), IP + 3, 19, LU_DROPPED_MALFORMED},  /* shorter than its header */
	{syn, sizeof(syn), IP + 3, 30, LU_DROPPED_MALFORMED},  /* than TCP's */
	{syn, sizeof(syn), IP + 3, 40, LU_DROPPED_MALFORMED},  /* than TCP's options */
	{syn, sizeof(syn), IP + 6, 0x20, LU_DROPPED_FRAGMENT}, /* first: more come */
	{syn, sizeof(syn), IP + 6, 0x01, LU_DROPPED_FRAGMENT}, /* last: offset 2048 */
	{syn, sizeof(syn), IP + 7, 0x01, LU_DROPPED_FRAGMENT}, /* offset 8 */
	{syn, sizeof(syn), IP + 9, 17, LU_DROPPED_PROTOCOL},   /* UDP */
	{syn, sizeof(syn), IP + 9, 1, LU_DROPPED_PROTOCOL},    /* ICMP */
	{syn, sizeof(syn), TCP + 12, 0x40, LU_DROPPED_MALFORMED}, /* header of 16 bytes */
	{syn, sizeof(syn), TCP + 12, 0xf0, LU_DROPPED_MALFORMED}, /* of 60, more than there is */
	{syn, sizeof(syn), TCP + 13, 0x22, LU_DROPPED_PROTOCOL},  /* urgent */
	{syn, sizeof(syn), OPTIONS + 1, 0, LU_DROPPED_MALFORMED}, /* an option without length */
	{syn, sizeof(syn), OPTIONS + 1, 5, LU_DROPPED_MALFORMED}, /* past the header */
	{arp, sizeof(arp), IP + 1, 2, LU_DROPPED_PROTOCOL},	  /* hardware */
	{arp, sizeof(arp), IP + 2, 9, LU_DROPPED_PROTOCOL},	  /* protocol */
	{arp, sizeof(arp), IP + 4, 8, LU_DROPPED_MALFORMED},	  /* length of its addresses */
	{arp, sizeof(arp), IP + 5, 16, LU_DROPPED_MALFORMED},
	{arp, sizeof(arp), IP + 7, 3, LU_DROPPED_PROTOCOL}, /* operation: RARP */
};

static void test_spoilt_frames(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(spoilt); i++) {
		g_autofree uint8_t *frame = g_memdup2(spoilt[i].frame, spoilt[i].len);

		frame[spoilt[i].at] = spoilt[i].value;
		if (lu_admit(frame, spoilt[i].len) != spoilt[i].why)
			fail_msg("byte %zu = %#x", spoilt[i].at, spoilt[i].value);
	}
}

/* In a buffer of just that size, so that reading past its end would be seen. */
static void test_cut_short(void **state)
{
	for (size_t len = 0; len < sizeof(syn); len++) {
		g_autofree uint8_t *frame = g_memdup2(syn, MAX(len, 1));

		assert_int_equal(lu_admit(frame, len), LU_DROPPED_MALFORMED);
	}
	for (size_t len = 0; len < sizeof(arp); len++) {
		g_autofree uint8_t *frame = g_memdup2(arp, MAX(len, 1));

		assert_int_equal(lu_admit(frame, len), LU_DROPPED_MALFORMED);
	}
}

/* ---- through the fabric ---- */

struct lab {
	struct lu_io *io;
	struct lu_fabric *fabric;
	int port, end; /* the machine's end of its cable */
	uint16_t forward;
};

static void lab_open(struct lab *lab)
{
	lab->io = virtual_io_new();
	lab->fabric = lu_fabric_new(lab->io, NULL);
	assert_non_null(lab->fabric);
	lab->port =
		lu_fabric_add_port(lab->fabric, "guest", syn + LU_MAC_BYTES, LU_GATE_OPEN, NULL);
	lab->end = lu_fabric_plug(lab->fabric, lab->port, NULL);
	lab->forward = lu_fabric_forward(lab->fabric, LU_FABRIC_GUEST, 7007, NULL);
	assert_true(lab->port > 0 && lab->end >= 0 && lab->forward);
}

static void lab_close(struct lab *lab)
{
	lu_fabric_free(lab->fabric);
	virtual_io_free(lab->io);
	close(lab->end);
}

static uint64_t dropped_at_host(struct lab *lab, enum lu_fabric_drop why)
{
	struct lu_port_stats host;

	lu_fabric_stats(lab->fabric, LU_FABRIC_HOST, &host);
	return host.dropped[why];
}

static void transmit(struct lab *lab, const uint8_t *frame, size_t len)
{
	assert_int_equal(send(lab->end, frame, len, MSG_NOSIGNAL), len);
}

/* A client connects, and the guest is asked who has its address: libslirp is alive. */
static void expect_alive(struct lab *lab)
{
	struct sockaddr_in name = {.sin_family = AF_INET,
				   .sin_port = htons(lab->forward),
				   .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pollfd ready = {lab->end, POLLIN, 0};
	uint8_t frame[LU_FABRIC_FRAME];

	assert_int_equal(connect(client, (struct sockaddr *)&name, sizeof(name)), 0);
	do {
		assert_int_equal(poll(&ready, 1, GUARD_MS), 1);
		assert_true(recv(lab->end, frame, sizeof(frame), 0) > 0);
	} while (frame[12] != 0x08);
	close(client);
}

/* The last fragment of a datagram that has no other: libslirp 4.7 takes its payload for pointers. */
static void test_lone_fragment(void **state)
{
	uint8_t frame[sizeof(syn)];
	struct lab lab;

	lab_open(&lab);
	memcpy(frame, syn, sizeof(syn));
	frame[IP + 6] = 0;
	frame[IP + 7] = 2; /* offset 16 */
	frame[IP + 10] = 0x62;
	frame[IP + 11] = 0xb9; /* the sum is right, or libslirp would not look at it */
	memset(frame + TCP, 0x41, sizeof(frame) - TCP);
	transmit(&lab, frame, sizeof(frame));
	while (!dropped_at_host(&lab, LU_DROPPED_FRAGMENT))
		;
	expect_alive(&lab);
	lab_close(&lab);
}

/* All of the above, and what was dropped why stands in the result. */
static void test_flood_of_spoilt_frames(void **state)
{
	uint64_t expected[LU_DROP_REASONS] = {};
	struct lab lab;
	json_int_t fragments;

	lab_open(&lab);
	for (size_t i = 0; i < G_N_ELEMENTS(spoilt); i++) {
		g_autofree uint8_t *frame = g_memdup2(spoilt[i].frame, spoilt[i].len);

		frame[spoilt[i].at] = spoilt[i].value;
		transmit(&lab, frame, spoilt[i].len);
		expected[spoilt[i].why]++;
	}
	while (dropped_at_host(&lab, LU_DROPPED_PROTOCOL) < expected[LU_DROPPED_PROTOCOL])
		;
	for (int why = 0; why < LU_DROP_REASONS; why++)
		assert_int_equal(dropped_at_host(&lab, why), expected[why]);
	expect_alive(&lab);
	json_t *doc = lu_fabric_describe(lab.fabric, lab.port);

	assert_int_equal(json_unpack(doc, "{s:{s:I}}", "host_dropped", "fragment", &fragments), 0);
	assert_int_equal(fragments, expected[LU_DROPPED_FRAGMENT]);
	assert_int_equal(json_object_size(json_object_get(doc, "dropped")), 0);
	json_decref(doc);
	lab_close(&lab);
}

/* From guest to guest is no business of libslirp's: all of it passes. */
static void test_guests_among_themselves(void **state)
{
	static const uint8_t other[LU_MAC_BYTES] = {0x52, 0x54, 0, 0, 0, 11};
	struct pollfd ready = {.events = POLLIN};
	uint8_t frame[sizeof(syn)] = {}, got[LU_FABRIC_FRAME];
	struct lab lab;
	int port;

	lab_open(&lab);
	port = lu_fabric_add_port(lab.fabric, "other", other, LU_GATE_OPEN, NULL);
	ready.fd = lu_fabric_plug(lab.fabric, port, NULL);
	memcpy(frame, arp, LU_MAC_BYTES);
	memcpy(frame + LU_MAC_BYTES, other, LU_MAC_BYTES);
	frame[12] = 0x88;
	frame[13] = 0xb5;
	assert_int_equal(send(ready.fd, frame, FRAME - 20, MSG_NOSIGNAL), FRAME - 20);
	while (!dropped_at_host(&lab, LU_DROPPED_PROTOCOL))
		; /* `other` is known now */
	memcpy(frame, syn, sizeof(syn));
	memcpy(frame, other, LU_MAC_BYTES);
	frame[IP + 7] = 2;
	transmit(&lab, frame, sizeof(frame));
	assert_int_equal(poll(&ready, 1, GUARD_MS), 1);
	assert_int_equal(recv(ready.fd, got, sizeof(got), 0), sizeof(frame));
	assert_memory_equal(got, frame, sizeof(frame));
	assert_int_equal(dropped_at_host(&lab, LU_DROPPED_FRAGMENT), 0);
	close(ready.fd);
	lab_close(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_clients_live_on),
		cmocka_unit_test(test_spoilt_frames),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_lone_fragment),
		cmocka_unit_test(test_flood_of_spoilt_frames),
		cmocka_unit_test(test_guests_among_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
