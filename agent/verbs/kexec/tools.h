/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kexec-tools, called as a user of this machine would call them. Their arguments are in the
 * initramfs, /etc/lubench/kexec-tools (qemu/boot/initramfs.c): one line, "ZONE ARG…", with ZONE "-"
 * when the next kernel may be placed anywhere; no file: no arguments.
 *
 * A zone is needed where the jump reads data structures of the running kernel while it copies the
 * next one over them (docs/reference/machines.md): the copies go to a zone without such structures.
 */
#pragma once
#include <stdbool.h>

struct kexec_tools {
	char text[256];	       /* contents of the file */
	char *args[8];	       /* point into text */
	char from[40], to[40]; /* the zone's bounds as kexec-tools take them, or "" */
	char where[80];	       /* placement, for the result; "": no zone is needed */
};

void kexec_tools_init(struct kexec_tools *tools);
/* Executes kexec-tools to load the staged release; returns only when they are missing, with the
 * exit status. Without `checksum` they verify none. */
int kexec_tools_load(struct kexec_tools *tools, const char *cmdline, bool checksum);
