/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a machine boots. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum lu_payload_kind {
	LU_PAYLOAD_LINUX,	 /* a kernel with an initramfs and a command line */
	LU_PAYLOAD_FREESTANDING, /* a program that runs without a kernel */
};

struct lu_payload {
	enum lu_payload_kind kind;
	const char *image; /* path of the kernel or the program */
	/* Of Linux: */
	int initrd; /* descriptor, borrowed, -1: none */
	const char *cmdline;
	/* Of a freestanding program: an ELF file has its own load address and entry point, a flat
	 * one is loaded to load_at and entered there. */
	bool flat;
	uint64_t load_at;
};

/* Adds the arguments that load it to QEMU's command line. args: strings, owned by the array. A
 * descriptor is named by number: the child must inherit it. */
void lu_payload_add_args(const struct lu_payload *payload, GPtrArray *args);
