/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fabric with its thread and libslirp: fake machines on its cables, real clients on the host's
 * loopback. What must arrive is waited for; what must not is shown by something sent after it that
 * does arrive. Time passes only where a test lets it.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "qemu/fabric/frame.h"
#include "qemu/fabric/fabric.h"
#include "tests/kit/virtual-io.h"
#include "tests/kit/guard.h"

enum { FRAME = 60, ROOM = 4096 };

/* libslirp sends a SYN again after six seconds. */
#define RETRANSMIT_NS (7 * LU_NS_PER_S)

static const uint8_t mac_a[LU_MAC_BYTES] = {0x52, 0x54, 0, 0, 0, 0xa};
static const uint8_t mac_b[LU_MAC_BYTES] = {0x52, 0x54, 0, 0, 0, 0xb};
static const uint8_t host[LU_MAC_BYTES] = {0x52, 0x55, 10, 0, 2, 2};
static const uint8_t everybody[LU_MAC_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

struct lab {
	struct lu_io *io;
	struct lu_fabric *fabric;
	int a, b;	  /* ports */
	int end_a, end_b; /* the machines' ends of their cables */
};

static void lab_open(struct lab *lab, enum lu_gate_state a, enum lu_gate_state b)
{
	lab->io = virtual_io_new();
	lab->fabric = lu_fabric_new(lab->io, NULL);
	assert_non_null(lab->fabric);
	lab->a = lu_fabric_add_port(lab->fabric, "a", mac_a, a, NULL);
	lab->b = lu_fabric_add_port(lab->fabric, "b", mac_b, b, NULL);
	assert_int_equal(lab->a, 1);
	assert_int_equal(lab->b, 2);
	lab->end_a = lu_fabric_plug(lab->fabric, lab->a, NULL);
	lab->end_b = lu_fabric_plug(lab->fabric, lab->b, NULL);
	assert_true(lab->end_a >= 0 && lab->end_b >= 0);
}

static void lab_close(struct lab *lab)
{
	lu_fabric_free(lab->fabric);
	virtual_io_free(lab->io);
	close(lab->end_a);
	close(lab->end_b);
}

static void transmit(int end, const uint8_t *to, const uint8_t *from, uint8_t tag)
{
	uint8_t frame[FRAME] = {};

	memcpy(frame, to, LU_MAC_BYTES);
	memcpy(frame + LU_MAC_BYTES, from, LU_MAC_BYTES);
	frame[12] = 0x88; /* an EtherType for experiments, IEEE 802: 0x88b5 */
	frame[13] = 0xb5;
	frame[14] = tag;
	assert_int_equal(send(end, frame, sizeof(frame), MSG_NOSIGNAL), sizeof(frame));
}

/* The next frame's length. */
static size_t receive(int end, uint8_t frame[ROOM])
{
	struct pollfd ready = {end, POLLIN, 0};
	ssize_t n;

	assert_int_equal(poll(&ready, 1, GUARD_MS), 1);
	n = recv(end, frame, ROOM, 0);
	assert_true(n > 0);
	return (size_t)n;
}

/* The next frame of ours is this one; libslirp's may come in between. */
static void expect_tag(int end, uint8_t tag)
{
	uint8_t frame[ROOM];

	do
		receive(end, frame);
	while (frame[12] != 0x88 || frame[13] != 0xb5);
	assert_int_equal(frame[14], tag);
}

static struct lu_port_stats stats_of(struct lab *lab, int port)
{
	struct lu_port_stats stats;

	lu_fabric_stats(lab->fabric, port, &stats);
	return stats;
}

static void test_exchange(void **state)
{
	struct lab lab;
	struct lu_port_stats a, b;

	lab_open(&lab, LU_GATE_OPEN, LU_GATE_OPEN);
	for (int i = 0; i < 200; i++) {
		transmit(lab.end_a, mac_b, mac_a, (uint8_t)i);
		expect_tag(lab.end_b, (uint8_t)i);
		transmit(lab.end_b, mac_a, mac_b, (uint8_t)~i);
		expect_tag(lab.end_a, (uint8_t)~i);
	}
	a = stats_of(&lab, lab.a);
	b = stats_of(&lab, lab.b);
	assert_int_equal(a.frames_in, 200);
	assert_int_equal(b.frames_out, 200);
	assert_int_equal(b.bytes_out, 200 * FRAME);
	assert_true(a.plugged && b.plugged);
	lab_close(&lab);
}

static void test_closed_gate(void **state)
{
	struct lab lab;

	lab_open(&lab, LU_GATE_OPEN, LU_GATE_CLOSED);
	transmit(lab.end_a, everybody, mac_a, 1);
	transmit(lab.end_b, everybody, mac_b, 2);
	while (stats_of(&lab, lab.b).dropped[LU_DROPPED_GATE] < 2)
		;
	lu_fabric_gate(lab.fabric, lab.b, LU_GATE_OPEN);
	transmit(lab.end_a, everybody, mac_a, 3);
	transmit(lab.end_b, everybody, mac_b, 4);
	expect_tag(lab.end_b, 3);
	expect_tag(lab.end_a, 4);
	json_t *doc = lu_fabric_describe(lab.fabric, lab.b);
	json_int_t gate, leaked;

	assert_int_equal(json_unpack(doc, "{s:{s:I}, s:I}", "dropped", "gate", &gate,
				     "leaked_before_open", &leaked),
			 0);
	assert_true(gate >= 2);
	assert_int_equal(leaked, 0);
	assert_int_equal(json_object_size(json_object_get(doc, "dropped")), 1);
	json_decref(doc);
	lab_close(&lab);
}

static void test_held_frames(void **state)
{
	struct lab lab;

	lab_open(&lab, LU_GATE_OPEN, LU_GATE_HOLD);
	for (uint8_t i = 0; i < 10; i++)
		transmit(lab.end_a, everybody, mac_a, i);
	while (stats_of(&lab, lab.b).held < 10)
		;
	lu_fabric_gate(lab.fabric, lab.b, LU_GATE_OPEN);
	for (uint8_t i = 0; i < 10; i++)
		expect_tag(lab.end_b, i);
	lab_close(&lab);
}

/* A machine that takes nothing costs bounded memory, and gets in order what
 * was kept once it does. */
static void test_machine_is_stopped(void **state)
{
	struct lab lab;
	uint64_t waiting, dropped = 0;
	uint8_t frame[ROOM] = {};

	lab_open(&lab, LU_GATE_OPEN, LU_GATE_OPEN);
	memcpy(frame, mac_b, LU_MAC_BYTES);
	memcpy(frame + LU_MAC_BYTES, mac_a, LU_MAC_BYTES);
	for (uint64_t i = 0; !dropped; i++) {
		memcpy(frame + 14, &i, sizeof(i));
		assert_int_equal(send(lab.end_a, frame, sizeof(frame), 0), sizeof(frame));
		if (i % 256 == 0)
			dropped = stats_of(&lab, lab.b).dropped[LU_DROPPED_QEMU_FULL];
		assert_true(i < 100000);
	}
	for (waiting = 0; waiting < 1000; waiting++) {
		uint64_t number;

		receive(lab.end_b, frame);
		memcpy(&number, frame + 14, sizeof(number));
		assert_int_equal(number, waiting);
	}
	lab_close(&lab);
}

/* A dead peer is unplugged; a new cable in the same port works, with the gate as it was. */
static void test_peer_dies(void **state)
{
	struct lab lab;

	lab_open(&lab, LU_GATE_OPEN, LU_GATE_OPEN);
	transmit(lab.end_b, everybody, mac_b, 1);
	expect_tag(lab.end_a, 1);
	close(lab.end_b);
	while (stats_of(&lab, lab.b).plugged)
		;
	transmit(lab.end_a, mac_b, mac_a, 2);
	while (!stats_of(&lab, lab.b).dropped[LU_DROPPED_UNPLUGGED])
		;
	lab.end_b = lu_fabric_plug(lab.fabric, lab.b, NULL);
	transmit(lab.end_a, mac_b, mac_a, 3);
	expect_tag(lab.end_b, 3);
	lu_fabric_unplug(lab.fabric, lab.b);
	assert_false(stats_of(&lab, lab.b).plugged);
	lab_close(&lab);
}

/* A delayed frame comes when its delay is over, and no sooner. */
static void test_delay(void **state)
{
	struct lu_shape_config link = {.delay_ns = 50 * LU_NS_PER_MS};
	struct lab lab;

	lab_open(&lab, LU_GATE_OPEN, LU_GATE_OPEN);
	lu_fabric_shape(lab.fabric, lab.b, &link);
	transmit(lab.end_a, mac_b, mac_a, 1);
	while (!stats_of(&lab, lab.a).frames_in)
		;
	virtual_io_sleep(lab.io, link.delay_ns - 1);
	assert_int_equal(stats_of(&lab, lab.b).frames_out, 0);
	virtual_io_sleep(lab.io, 1);
	expect_tag(lab.end_b, 1);
	lu_fabric_shape(lab.fabric, lab.b, NULL);
	transmit(lab.end_a, everybody, mac_a, 2);
	expect_tag(lab.end_b, 2);
	lab_close(&lab);
}

static void test_capture(void **state)
{
	int fd = memfd_create("capture", MFD_CLOEXEC);
	char command[64];
	struct lab lab;

	lab_open(&lab, LU_GATE_OPEN, LU_GATE_OPEN);
	assert_true(lu_fabric_capture(lab.fabric, lab.b, dup(fd), NULL));
	transmit(lab.end_a, mac_b, mac_a, 1);
	expect_tag(lab.end_b, 1);
	transmit(lab.end_b, mac_a, mac_b, 2);
	expect_tag(lab.end_a, 2);
	assert_true(lu_fabric_capture(lab.fabric, lab.b, -1, NULL));
	assert_int_equal(lseek(fd, 0, SEEK_END), 24 + 2 * (16 + FRAME));
	snprintf(command, sizeof(command), "tcpdump -r /proc/%d/fd/%d -n 2>&1", getpid(), fd);
	g_autofree char *tcpdump = g_find_program_in_path("tcpdump");
	if (tcpdump) {
		g_autofree char *text = NULL;
		char *argv[] = {"/bin/sh", "-c", command, NULL};

		assert_true(g_spawn_sync(NULL, argv, NULL, 0, NULL, NULL, &text, NULL, NULL, NULL));
		assert_non_null(strstr(text, "52:54:00:00:00:0a > 52:54:00:00:00:0b"));
		assert_non_null(strstr(text, "52:54:00:00:00:0b > 52:54:00:00:00:0a"));
	}
	lab_close(&lab);
	close(fd);
}

/* ---- the host's side ---- */

static int client_of(uint16_t port)
{
	struct sockaddr_in name = {.sin_family = AF_INET,
				   .sin_port = htons(port),
				   .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0)
		return fd;
	close(fd);
	return -1;
}

static uint16_t type_of(const uint8_t *frame)
{
	return (uint16_t)(frame[12] << 8 | frame[13]);
}

/* The question "who has 10.0.2.15" comes; its answer goes back. */
static void answer_arp(int end, const uint8_t *mac)
{
	static const uint8_t asked[] = {10, 0, 2, 15};
	uint8_t frame[ROOM];

	do
		receive(end, frame);
	while (type_of(frame) != 0x0806);
	assert_int_equal(frame[21], 1);
	assert_memory_equal(frame + 38, asked, sizeof(asked));
	memcpy(frame + 32, frame + 22, 10); /* target: who asked */
	memcpy(frame + 22, mac, LU_MAC_BYTES);
	memcpy(frame + 28, asked, sizeof(asked));
	memcpy(frame, host, LU_MAC_BYTES);
	memcpy(frame + LU_MAC_BYTES, mac, LU_MAC_BYTES);
	frame[21] = 2;
	assert_int_equal(send(end, frame, LU_ARP_FRAME, MSG_NOSIGNAL), LU_ARP_FRAME);
}

/* The next TCP segment that the machine gets is a SYN to its port, at its
 * address. Source port of it. */
static uint16_t expect_syn(int end, const uint8_t *mac, uint16_t port)
{
	uint8_t frame[ROOM];

	do
		receive(end, frame);
	while (type_of(frame) != 0x0800);
	assert_memory_equal(frame, mac, LU_MAC_BYTES);
	assert_int_equal(frame[14 + 9], IPPROTO_TCP);
	assert_int_equal(frame[14 + 20 + 2] << 8 | frame[14 + 20 + 3], port);
	assert_int_equal(frame[14 + 20 + 13] & 0x12, 0x02);
	return (uint16_t)(frame[14 + 20] << 8 | frame[14 + 20 + 1]);
}

/* After a flip a new connection's first segment is the standby's, without a
 * question: libslirp has heard. */
static void test_flip_reaches_libslirp(void **state)
{
	struct lab lab;
	int first, second;
	uint16_t port;

	lab_open(&lab, LU_GATE_OPEN, LU_GATE_CLOSED);
	port = lu_fabric_forward(lab.fabric, LU_FABRIC_GUEST, 7007, NULL);
	assert_true(port != 0);
	first = client_of(port);
	assert_true(first >= 0);
	answer_arp(lab.end_a, mac_a);
	expect_syn(lab.end_a, mac_a, 7007);
	lu_fabric_flip(lab.fabric, lab.a, lab.b, LU_FABRIC_GUEST);
	second = client_of(port);
	assert_true(second >= 0);
	expect_syn(lab.end_b, mac_b, 7007);
	assert_int_equal(stats_of(&lab, lab.b).leaked_before_open, 0);
	close(first);
	close(second);
	lab_close(&lab);
}

/* The client's connection outlives the machine: only its SYN is seen again on the new cable. */
static void test_connection_outlives_machine(void **state)
{
	struct pollfd quiet = {.events = POLLIN};
	struct lab lab;
	uint16_t before, port;

	lab_open(&lab, LU_GATE_OPEN, LU_GATE_CLOSED);
	port = lu_fabric_forward(lab.fabric, LU_FABRIC_GUEST, 7007, NULL);
	quiet.fd = client_of(port);
	answer_arp(lab.end_a, mac_a);
	before = expect_syn(lab.end_a, mac_a, 7007);
	close(lab.end_a);
	while (stats_of(&lab, lab.a).plugged)
		;
	lab.end_a = lu_fabric_plug(lab.fabric, lab.a, NULL);
	virtual_io_sleep(lab.io, RETRANSMIT_NS);
	assert_int_equal(expect_syn(lab.end_a, mac_a, 7007), before);
	assert_int_equal(poll(&quiet, 1, 0), 0);
	close(quiet.fd);
	lab_close(&lab);
}

/* SYNs that found no room, and were sent again by the kernel after a second. */
static unsigned retransmits(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	assert_return_code(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len), errno);
	return info.tcpi_total_retrans;
}

/* Many clients at once: all are accepted, though nobody answers behind the forward yet. */
static void test_many_clients(void **state)
{
	enum { CLIENTS = 40 };
	int clients[CLIENTS];
	struct lab lab;
	uint16_t port;

	lab_open(&lab, LU_GATE_OPEN, LU_GATE_OPEN);
	port = lu_fabric_forward(lab.fabric, LU_FABRIC_GUEST, 7007, NULL);
	for (int i = 0; i < CLIENTS; i++)
		assert_true((clients[i] = client_of(port)) >= 0);
	for (int i = 0; i < CLIENTS; i++) {
		assert_int_equal(retransmits(clients[i]), 0);
		close(clients[i]);
	}
	lab_close(&lab);
}

/* Local address and port of every listening socket of this process's network namespace that ends in
 * that port. */
static unsigned listeners(uint16_t port, bool *all_loopback)
{
	static const char *const tables[] = {"/proc/net/tcp", "/proc/net/tcp6"};
	unsigned found = 0;

	*all_loopback = true;
	for (size_t t = 0; t < G_N_ELEMENTS(tables); t++) {
		g_autofree char *text = NULL;

		if (!g_file_get_contents(tables[t], &text, NULL, NULL))
			continue;
		g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
		for (char **line = lines; *line; line++) {
			char address[40];
			unsigned local, status;

			if (sscanf(*line, " %*d: %39[0-9A-F]:%x %*[0-9A-F:] %x", address, &local,
				   &status) != 3 ||
			    status != 0x0a || local != port)
				continue;
			found++;
			*all_loopback &= g_str_equal(address, "0100007F");
		}
	}
	return found;
}

static unsigned open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* It listens on loopback only, and nothing is left of it: no listener, no descriptor, no thread. */
static void test_nothing_remains(void **state)
{
	unsigned before = open_files();
	bool all_loopback;
	struct lab lab;
	uint16_t port;
	int client;

	lab_open(&lab, LU_GATE_OPEN, LU_GATE_OPEN);
	port = lu_fabric_forward(lab.fabric, LU_FABRIC_GUEST, 7007, NULL);
	assert_int_equal(listeners(port, &all_loopback), 1);
	assert_true(all_loopback);
	client = client_of(port);
	assert_true(client >= 0);
	lu_fabric_shape(lab.fabric, lab.a,
			&(struct lu_shape_config){.delay_ns = 100 * LU_NS_PER_S});
	transmit(lab.end_a, everybody, mac_a, 1);
	lab_close(&lab);
	assert_int_equal(listeners(port, &all_loopback), 0);
	assert_int_equal(client_of(port), -1);
	assert_int_equal(errno, ECONNREFUSED);
	close(client);
	assert_int_equal(open_files(), before);
}

static void test_bad_ports(void **state)
{
	g_autoptr(GError) error = NULL;
	struct lab lab;
	int end;

	lab_open(&lab, LU_GATE_OPEN, LU_GATE_OPEN);
	for (int i = lab.b + 1; i < LU_FABRIC_PORTS; i++)
		assert_int_equal(lu_fabric_add_port(lab.fabric, "x", mac_a, LU_GATE_OPEN, NULL), i);
	assert_int_equal(lu_fabric_add_port(lab.fabric, "y", mac_a, LU_GATE_OPEN, &error), -1);
	assert_non_null(strstr(error->message, "is left for y"));
	end = lu_fabric_plug(lab.fabric, 99, NULL);
	lu_fabric_gate(lab.fabric, -1, LU_GATE_OPEN);
	lu_fabric_flip(lab.fabric, 1, 99, 0);
	lu_fabric_shape(lab.fabric, 99, NULL);
	assert_false(stats_of(&lab, 99).plugged);
	close(end);
	lab_close(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exchange),
		cmocka_unit_test(test_closed_gate),
		cmocka_unit_test(test_held_frames),
		cmocka_unit_test(test_machine_is_stopped),
		cmocka_unit_test(test_peer_dies),
		cmocka_unit_test(test_delay),
		cmocka_unit_test(test_capture),
		cmocka_unit_test(test_flip_reaches_libslirp),
		cmocka_unit_test(test_connection_outlives_machine),
		cmocka_unit_test(test_many_clients),
		cmocka_unit_test(test_nothing_remains),
		cmocka_unit_test(test_bad_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
