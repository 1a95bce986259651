/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Description of the host for results. */
#pragma once
#include <jansson.h>

/* {"system", "kernel", "arch", "cpu", "cpus", "memory_mb", "load_1min"}; members that cannot be
 * read are left out. New reference. */
json_t *lu_host_environment(void);
/* The command line of this process, as in /proc/self/cmdline: a new array. */
json_t *lu_command_line(void);
