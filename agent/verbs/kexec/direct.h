/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec_load(2) with segments of our own. */
#pragma once
#include <stddef.h>

struct kexec_direct {
	const char *kernel, *initrd; /* files: ELF vmlinux or bzImage, initramfs */
	const char *cmdline;
	int huge_file; /* of huge_file(): put them in place there; -1: let the jump copy them */
};

/*
 * Loads a kernel and initramfs for the next reboot(LINUX_REBOOT_CMD_KEXEC). The jump then enters
 * the kernel by the 64-bit boot protocol (Documentation/x86/boot.rst): no purgatory, no checksum
 * and, with vmlinux, no decompression. What is in place must not be freed before the jump: the file
 * of huge pages stays open. Returns 0, or 1 with the reason. x86-64 only.
 */
int kexec_load_direct(const struct kexec_direct *what, char *why, size_t size);
