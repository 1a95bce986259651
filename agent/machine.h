/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of the agent that depend on the architecture. Each function has a file of its own:
 * machines/NAME/agent/FILE.c of a machine of that architecture, or else agent/generic/FILE.c.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* ticks.c: the processor's free-running counter, which continues over a kexec, so that times of two
 * kernels can be compared. Generic: 0, unknown. */
uint64_t ticks(void);

struct kexec_direct {
	const char *kernel, *initrd; /* files: the kernel in a form of this machine, initramfs */
	const char *cmdline;
	int huge_file; /* of huge_file(): place them there; -1: let the jump copy them */
};

/*
 * kexec-direct.c: loads a kernel and initramfs for the next reboot(LINUX_REBOOT_CMD_KEXEC) by
 * kexec_load(2) with segments of our own. The jump then enters the kernel as a boot loader would:
 * no purgatory, no checksum. Memory that they were placed in must not be freed before the jump: the
 * file of huge pages stays open. Returns 0, or 1 with the reason in `why` (at most `size` bytes).
 * Generic: 1.
 */
int kexec_load_direct(const struct kexec_direct *what, char *why, size_t size);
