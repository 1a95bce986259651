/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Start and death of the simulated kernel. */
#pragma once
#include "sim/state.h"

/* A release's name, static or the plan's. */
const char *sim_release(struct sim *sim, enum lu_release release);
/* The release that has that role now. */
enum lu_release sim_role(const struct sim *sim, enum lu_release role);
/* The running kernel's agent says hello. */
void sim_hello(struct sim *sim);
/* The clocks of a kernel that begins now. It reads the time of day from a clock that knows whole
 * seconds only. */
void sim_set_clocks(const struct sim *sim, struct sim_kernel *kernel);
/* What of the service is in the kernel only is lost with that. */
void sim_forget_service(struct sim *sim);
/* Begin a kernel: nothing is loaded, its agent says hello. */
void sim_start_kernel(struct sim *sim, enum lu_release release);
void sim_stop_kernel(struct sim *sim);
/* The machine loses its power, or dies by itself; last_words: its last console line. What outlives it
 * is on a disk that was unmounted: the checkpoint, the service's saved state. */
void sim_die(struct sim *sim, const char *last_words);
