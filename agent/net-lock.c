/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The network lock: an XDP program in generic mode (it runs before the protocol stack and needs no
 * support by the driver) that passes or drops every frame, as the one number in its map says. It is
 * held by a BPF link: closing the link's descriptor detaches it. Attaching and detaching take 10 to
 * 20 ms (the kernel waits for an RCU grace period), so they can be done beforehand and afterwards;
 * writing the number takes no time. bpf(2), Documentation/networking/filter.rst
 */
#include "agent/net-lock.h"
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "agent/loop.h"

/* Detach this long after an unlock, so that the clients do not wait for it. */
#define TAKE_AWAY_NS 2000000000

static int link_fd = -1, map_fd = -1;
static bool locked;
static unsigned take_away_timer;

static int bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int make_map(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = sizeof(uint32_t),
		.value_size = sizeof(uint32_t),
		.max_entries = 1,
	};

	return bpf(BPF_MAP_CREATE, &attr);
}

/* The verdict on frames from now on: XDP_PASS, XDP_DROP. */
static bool decide(uint32_t verdict)
{
	uint32_t key = 0;
	union bpf_attr attr = {
		.map_fd = map_fd,
		.key = (uintptr_t)&key,
		.value = (uintptr_t)&verdict,
	};

	return bpf(BPF_MAP_UPDATE_ELEM, &attr) == 0;
}

/* return map[0] */
static int load_program(void)
{
	/* NOLINTBEGIN(misc-redundant-expression): the kernel's words for codes, some of them 0 */
	const struct bpf_insn program[] = {
		{.code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = BPF_REG_10, .off = -4},
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_2, .src_reg = BPF_REG_10},
		{.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_2, .imm = -4},
		{.code = BPF_LD | BPF_DW | BPF_IMM,
		 .dst_reg = BPF_REG_1,
		 .src_reg = BPF_PSEUDO_MAP_FD,
		 .imm = map_fd},
		{.code = 0},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem},
		/* the verifier requires a check that the element exists */
		{.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = BPF_REG_0, .off = 2},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_DROP},
		{.code = BPF_JMP | BPF_EXIT},
		{.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_0, .src_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
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

static void take_away(void *data)
{
	take_away_timer = 0;
	if (link_fd >= 0)
		close(link_fd);
	if (map_fd >= 0)
		close(map_fd);
	link_fd = map_fd = -1;
}

bool net_locked(void)
{
	return locked;
}

/* NULL, or what failed, with errno. */
static const char *put_in_place(const char *interface)
{
	int program;

	map_fd = make_map();
	if (map_fd < 0 || !decide(XDP_PASS))
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

const char *net_lock(const char *interface)
{
	const char *why = net_lock_arm(interface);

	if (!why && !decide(XDP_DROP))
		why = strerror(errno);
	locked = !why;
	return why;
}

void net_unlock(void)
{
	if (link_fd < 0)
		return;
	decide(XDP_PASS);
	locked = false;
	if (!take_away_timer)
		take_away_timer = loop_at(now_ns() + TAKE_AWAY_NS, take_away, NULL);
}
