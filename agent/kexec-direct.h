/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexec_load(2) with segments of our own. */
#pragma once
#include <stddef.h>

/*
 * Loads a kernel (ELF vmlinux or bzImage) and initramfs for the next
 * reboot(LINUX_REBOOT_CMD_KEXEC). The jump then enters the kernel by the 64-bit boot protocol
 * (Documentation/x86/boot.rst): no purgatory, no checksum and, with vmlinux, no decompression.
 * Returns 0, or 1 with the reason. x86-64 only.
 */
int kexec_load_direct(const char *kernel, const char *initrd, const char *cmdline, char *why,
		      size_t size);
