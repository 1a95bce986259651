/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulated kernel's life: started, left, dead. */
#pragma once
#include "sim/state.h"

/* A release's name, static or the plan's. */
const char *sim_release(struct sim *sim, enum lu_release release);
/* The running kernel's agent speaks. */
void sim_hello(struct sim *sim);
/* Begin a kernel: nothing is loaded, its agent says hello. */
void sim_start_kernel(struct sim *sim, enum lu_release release);
void sim_stop_kernel(struct sim *sim);
/* The machine ends by itself. */
void sim_die(struct sim *sim, const char *last_words);
