/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a QEMU process is given beside its machine, such as a plugin or a driver of its clock. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* Callbacks may be NULL; they are called on the thread that starts and frees the vm. */
struct lu_vm_extra {
	/* Adds words to the end of QEMU's command line: strings, owned by the array. */
	void (*add_args)(void *data, GPtrArray *args);
	/* Descriptors that these words name, which QEMU inherits under their own numbers; borrowed
	 * until the process has started. */
	const int *fds;
	size_t n_fds;
	/* The process runs, and nothing has been heard of it yet. False with error: it is killed. */
	bool (*started)(void *data, pid_t pid, GError **error);
	/* Once for each true of started(): the process has been reaped. */
	void (*ended)(void *data);
	void *data;
};

void lu_vm_extras_add_args(const struct lu_vm_extra *extras, size_t n, GPtrArray *args);
/* In their order. How many know of the process now: less than n with error, when one failed. */
size_t lu_vm_extras_start(const struct lu_vm_extra *extras, size_t n, pid_t pid, GError **error);
/* The other way round. */
void lu_vm_extras_end(const struct lu_vm_extra *extras, size_t n);
