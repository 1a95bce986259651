/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The threads of this process and of all that it has started. */
#pragma once
#include <glib.h>
#include <stdint.h>
#include <sys/types.h>

struct lu_task {
	pid_t pid, tid;
	int64_t run_ns, wait_ns; /* on a CPU; ready without one */
};

/* {tid: struct lu_task}, of those whose times the kernel tells (schedstat). proc: where procfs is.
 * Children are found where the kernel lists them (CONFIG_PROC_CHILDREN). */
GHashTable *lu_tasks_read(const char *proc);
/* Its name, "?" when it is gone; caller frees. */
char *lu_task_name(const char *proc, const struct lu_task *task);
