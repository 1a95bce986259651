/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the host's CPU was busy with since it was last asked, and whether this process and its
 * children had to wait for it. */
#pragma once
#include <jansson.h>

struct lu_cpu_meter;

/* proc: where procfs is mounted, "/proc". Begins to count now. */
struct lu_cpu_meter *lu_cpu_meter_new(const char *proc);
void lu_cpu_meter_free(struct lu_cpu_meter *meter); /* NULL is fine */
/*
 * Since the last call, or since it was made; what this host does not tell is absent:
 *   ns            for how long, of CLOCK_MONOTONIC
 *   cpus          processors of the host
 *   busy_ns       CPU time that all tasks of the host took, to a tick (1/100 s)
 *   steal_ns      CPU time that a hypervisor took
 *   own_ns        CPU time of this process, its children and theirs
 *   wait_ns       how long one of their threads was ready without a CPU: that of the thread that
 *                 waited longest, whose name is waiter. The calling thread's does not count.
 *   pressure_ns   how long some task of the host was (PSI)
 *   step_ns       jump of CLOCK_REALTIME against CLOCK_MONOTONIC
 *   suspended_ns  for how long the host slept
 * New reference.
 */
json_t *lu_cpu_meter_read(struct lu_cpu_meter *meter);
