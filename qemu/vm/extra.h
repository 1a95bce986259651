/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Additions to a QEMU process that are not part of its
 * machine, such as a plugin or a driver of its clock. */
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
	/* Called when the process runs, before it has sent
	 * anything. False with error: it is killed. */
	bool (*started)(void *data, pid_t pid, GError **error);
	/* Called once for each started() that returned true, after the process has been reaped. */
	void (*ended)(void *data);
	void *data;
};

void lu_vm_extras_add_args(const struct lu_vm_extra *extras, size_t n, GPtrArray *args);
/* Calls started() in order. Returns how many succeeded: less than n with error. */
size_t lu_vm_extras_start(const struct lu_vm_extra *extras, size_t n, pid_t pid, GError **error);
/* Calls ended() in reverse order. */
void lu_vm_extras_end(const struct lu_vm_extra *extras, size_t n);
