/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The network lock: an XDP program "return XDP_DROP" in generic mode (it runs before the protocol
 * stack and needs nothing of the driver), held by a BPF link: closing the link's descriptor is the
 * unlock. bpf(2), Documentation/networking/filter.rst
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "agent.h"

static int link_fd = -1;

static int bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int load_drop(void)
{
	static const struct bpf_insn program[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_DROP},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.expected_attach_type = BPF_XDP,
		.insns = (uintptr_t)program,
		.insn_cnt = 2,
		.license = (uintptr_t) "GPL",
	};

	return bpf(BPF_PROG_LOAD, &attr);
}

bool net_locked(void)
{
	return link_fd >= 0;
}

const char *net_lock(const char *interface)
{
	static char why[160];
	union bpf_attr attr = {0};
	int program = load_drop();

	if (program < 0) {
		snprintf(why, sizeof(why), "cannot load an XDP program: %s", strerror(errno));
		return why;
	}
	attr.link_create.prog_fd = program;
	attr.link_create.target_ifindex = if_nametoindex(interface);
	attr.link_create.attach_type = BPF_XDP;
	attr.link_create.flags = XDP_FLAGS_SKB_MODE;
	link_fd = bpf(BPF_LINK_CREATE, &attr);
	snprintf(why, sizeof(why), "cannot attach an XDP program to %s: %s", interface,
		 strerror(errno));
	close(program);
	return link_fd < 0 ? why : NULL;
}

void net_unlock(void)
{
	if (link_fd >= 0)
		close(link_fd);
	link_fd = -1;
}
