/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The network lock: an XDP program in generic mode (it runs before the protocol stack and needs no
 * support by the driver) that passes or drops every frame: one for a TCP port that is in its table of
 * ports as that says, all others as the one number in its other map says. It is held by a BPF link:
 * closing the link's descriptor detaches it. Attaching and detaching take 10 to 20 ms (the kernel
 * waits for an RCU grace period), so they can be done beforehand and afterwards; writing a number
 * takes no time. bpf(2), Documentation/networking/filter.rst
 */
#include "agent/net-lock.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "agent/loop.h"

/* Detach this long after an unlock, so that the clients do not wait for it. */
#define TAKE_AWAY_NS 2000000000

static int link_fd = -1, map_fd = -1, ports_fd = -1;
static bool locked;
/* Those that differ from it. */
static int ports[NET_LOCK_PORTS];
static unsigned n_ports;
static unsigned take_away_timer;

static int bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int make_map(uint32_t type, uint32_t entries)
{
	union bpf_attr attr = {
		.map_type = type,
		.key_size = sizeof(uint32_t),
		.value_size = sizeof(uint32_t),
		.max_entries = entries,
	};

	return bpf(BPF_MAP_CREATE, &attr);
}

/* The verdict from now on: XDP_PASS, XDP_DROP. */
static bool decide(int map, uint32_t key, uint32_t verdict)
{
	union bpf_attr attr = {
		.map_fd = map,
		.key = (uintptr_t)&key,
		.value = (uintptr_t)&verdict,
	};

	return bpf(BPF_MAP_UPDATE_ELEM, &attr) == 0;
}

/* As the frames have it. */
static uint32_t key_of(int port)
{
	return htons((uint16_t)port);
}

static void forget(int port)
{
	uint32_t key = key_of(port);
	union bpf_attr attr = {.map_fd = ports_fd, .key = (uintptr_t)&key};

	bpf(BPF_MAP_DELETE_ELEM, &attr);
}

static int port_place(int port)
{
	for (unsigned i = 0; i < n_ports; i++)
		if (ports[i] == port)
			return (int)i;
	return -1;
}

/* That port from now on, as it is or otherwise than all else. */
static bool decide_port(int port, bool lock)
{
	int place = port_place(port);

	if (lock == net_locked(port))
		return true;
	if (place >= 0) {
		ports[place] = ports[--n_ports];
		forget(port);
		return true;
	}
	if (n_ports == NET_LOCK_PORTS ||
	    !decide(ports_fd, key_of(port), lock ? XDP_DROP : XDP_PASS))
		return false;
	ports[n_ports++] = port;
	return true;
}

static bool decide_all(bool lock)
{
	if (!decide(map_fd, 0, lock ? XDP_DROP : XDP_PASS))
		return false;
	locked = lock;
	while (n_ports)
		forget(ports[--n_ports]);
	return true;
}

#define OFFSET_TYPE 12 /* of Ethernet's type, in a frame */
#define OFFSET_IP   14
#define OFFSET_IHL  14 /* of IPv4's version and length of its header, in words */
#define OFFSET_TCP  23 /* of its protocol */
#define IP_LEAST    20 /* length of that header */

#define LOAD(size, to, from, at)                                                                   \
	{                                                                                          \
		.code = BPF_LDX | BPF_MEM | (size), .dst_reg = (to), .src_reg = (from),            \
		.off = (at)                                                                        \
	}
#define STORE(to, at, from)                                                                        \
	{                                                                                          \
		.code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = (to), .src_reg = (from), .off = (at) \
	}
#define STORE_NUMBER(to, at, number)                                                               \
	{                                                                                          \
		.code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = (to), .off = (at), .imm = (number)    \
	}
#define WITH(operation, to, from)                                                                  \
	{                                                                                          \
		.code = BPF_ALU64 | (operation) | BPF_X, .dst_reg = (to), .src_reg = (from)        \
	}
#define WITH_NUMBER(operation, to, number)                                                         \
	{                                                                                          \
		.code = BPF_ALU64 | (operation) | BPF_K, .dst_reg = (to), .imm = (number)          \
	}
/* Skip so many instructions if. */
#define SKIP_IF_GREATER(a, b, n)                                                                   \
	{                                                                                          \
		.code = BPF_JMP | BPF_JGT | BPF_X, .dst_reg = (a), .src_reg = (b), .off = (n)      \
	}
#define SKIP_IF_NOT(a, number, n)                                                                  \
	{                                                                                          \
		.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = (a), .imm = (number), .off = (n)     \
	}
/* Of the map whose key is at r10 - 4: r0 is where its value is, or 0. Five instructions. */
#define LOOK_UP(map)                                                                               \
	WITH(BPF_MOV, BPF_REG_2, BPF_REG_10), WITH_NUMBER(BPF_ADD, BPF_REG_2, -4),                 \
		{.code = BPF_LD | BPF_DW | BPF_IMM,                                                \
		 .dst_reg = BPF_REG_1,                                                             \
		 .src_reg = BPF_PSEUDO_MAP_FD,                                                     \
		 .imm = (map)},                                                                    \
		{.code = 0},                                                                       \
	{                                                                                          \
		.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem                        \
	}
#define END                                                                                        \
	{                                                                                          \
		.code = BPF_JMP | BPF_EXIT                                                         \
	}

/* In a frame with a TCP segment: return ports[its port], if that is there; else map[0]. r2 is in the
 * frame, r3 at its end; the verifier requires each reading to be compared with the end before, and
 * each element to be there. */
static int load_program(void)
{
	/* NOLINTBEGIN(misc-redundant-expression): the kernel's words for codes, some of them 0 */
	const struct bpf_insn program[] = {
		LOAD(BPF_W, BPF_REG_2, BPF_REG_1, offsetof(struct xdp_md, data)),
		LOAD(BPF_W, BPF_REG_3, BPF_REG_1, offsetof(struct xdp_md, data_end)),
		WITH(BPF_MOV, BPF_REG_4, BPF_REG_2),
		WITH_NUMBER(BPF_ADD, BPF_REG_4, OFFSET_IP + IP_LEAST),
		SKIP_IF_GREATER(BPF_REG_4, BPF_REG_3, 20),
		LOAD(BPF_H, BPF_REG_5, BPF_REG_2, OFFSET_TYPE),
		SKIP_IF_NOT(BPF_REG_5, htons(ETHERTYPE_IP), 18),
		LOAD(BPF_B, BPF_REG_5, BPF_REG_2, OFFSET_TCP),
		SKIP_IF_NOT(BPF_REG_5, IPPROTO_TCP, 16),
		LOAD(BPF_B, BPF_REG_5, BPF_REG_2, OFFSET_IHL),
		WITH_NUMBER(BPF_AND, BPF_REG_5, 0xf),
		WITH_NUMBER(BPF_LSH, BPF_REG_5, 2),
		WITH_NUMBER(BPF_ADD, BPF_REG_2, OFFSET_IP),
		WITH(BPF_ADD, BPF_REG_2, BPF_REG_5),
		WITH(BPF_MOV, BPF_REG_4, BPF_REG_2),
		WITH_NUMBER(BPF_ADD, BPF_REG_4, offsetof(struct tcphdr, seq)),
		SKIP_IF_GREATER(BPF_REG_4, BPF_REG_3, 8),
		LOAD(BPF_H, BPF_REG_5, BPF_REG_2, offsetof(struct tcphdr, dest)),
		STORE(BPF_REG_10, -4, BPF_REG_5),
		LOOK_UP(ports_fd),
		SKIP_IF_NOT(BPF_REG_0, 0, 9),
		STORE_NUMBER(BPF_REG_10, -4, 0),
		LOOK_UP(map_fd),
		SKIP_IF_NOT(BPF_REG_0, 0, 2),
		WITH_NUMBER(BPF_MOV, BPF_REG_0, XDP_DROP),
		END,
		LOAD(BPF_W, BPF_REG_0, BPF_REG_0, 0),
		END,
	};
	/* NOLINTEND(misc-redundant-expression) */
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.expected_attach_type = BPF_XDP,
		.insns = (uintptr_t)program,
		.insn_cnt = sizeof(program) / sizeof(program[0]),
		.license = (uintptr_t) "GPL",
	};

	return bpf(BPF_PROG_LOAD, &attr);
}

static int attach(int program, const char *interface)
{
	union bpf_attr attr = {0};

	attr.link_create.prog_fd = program;
	attr.link_create.target_ifindex = if_nametoindex(interface);
	attr.link_create.attach_type = BPF_XDP;
	attr.link_create.flags = XDP_FLAGS_SKB_MODE;
	return bpf(BPF_LINK_CREATE, &attr);
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void take_away(void *data)
{
	take_away_timer = 0;
	close_one(&link_fd);
	close_one(&map_fd);
	close_one(&ports_fd);
	n_ports = 0;
}

bool net_locked(int port)
{
	return port && port_place(port) >= 0 ? !locked : locked;
}

/* NULL, or what failed, with errno. */
static const char *put_in_place(const char *interface)
{
	int program;

	map_fd = make_map(BPF_MAP_TYPE_ARRAY, 1);
	ports_fd = make_map(BPF_MAP_TYPE_HASH, NET_LOCK_PORTS);
	if (map_fd < 0 || ports_fd < 0 || !decide_all(false))
		return "cannot make a BPF map";
	program = load_program();
	if (program < 0)
		return "cannot load an XDP program";
	link_fd = attach(program, interface);
	close(program);
	return link_fd < 0 ? "cannot attach an XDP program" : NULL;
}

const char *net_lock_arm(const char *interface)
{
	static char why[160];
	const char *what = NULL;

	loop_cancel(take_away_timer);
	take_away_timer = 0;
	if (link_fd < 0)
		what = put_in_place(interface);
	if (!what)
		return NULL;
	snprintf(why, sizeof(why), "%s: %s: %s", interface, what, strerror(errno));
	take_away(NULL);
	return why;
}

const char *net_lock(const char *interface, int port)
{
	const char *why = net_lock_arm(interface);

	if (!why && !(port ? decide_port(port, true) : decide_all(true)))
		why = strerror(errno);
	return why;
}

void net_unlock(int port)
{
	if (link_fd < 0)
		return;
	if (port)
		decide_port(port, false);
	else
		decide_all(false);
	if (!locked && !n_ports && !take_away_timer)
		take_away_timer = loop_at(now_ns() + TAKE_AWAY_NS, take_away, NULL);
}
