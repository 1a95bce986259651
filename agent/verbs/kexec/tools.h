/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec-tools, called as a user of this machine would call them. What they have to be told is in
 * the initramfs, /etc/lubench/kexec-tools (qemu/boot/initramfs.c): one line, "ZONE ARG…", ZONE being
 * - when the next kernel may lie anywhere; no file: nothing.
 *
 * A zone is named for a kernel whose jump looks at structures of the running one while it copies the
 * next one over them (docs/reference/machines.md): so the copies go where Linux keeps none.
 */
#pragma once
#include <stdbool.h>

struct kexec_tools {
	char text[256];	       /* of the file */
	char *args[8];	       /* within it */
	char from[40], to[40]; /* the zone in kexec-tools' words, or "" */
	char where[80];	       /* what was found of it, for the result; "": no zone is asked for */
};

void kexec_tools_init(struct kexec_tools *tools);
/* Becomes kexec-tools, which load what is staged; returns only when they are not there, with the
 * status to end with. Without `checksum` they leave it out. */
int kexec_tools_load(struct kexec_tools *tools, const char *cmdline, bool checksum);
