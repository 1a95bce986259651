/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples what the guest takes of the host's memory, and who else wants its CPU, on a thread of its
 * own, into host/memory and host/cpu events. */
#pragma once
#include "host/io.h"
#include "model/guest.h"

/* Its counters have a grain of 10 ms, so a sample is as long as several of memory. */
#define LU_CPU_SAMPLES 5

struct lu_sampler;

/* Memory every interval_ns until lu_sampler_free, the CPU every LU_CPU_SAMPLES intervals where io is of
 * a host (io->proc). The guest's own figures are pushed by its agent and stamped by the guest. */
struct lu_sampler *lu_sampler_new(const struct lu_io *io, struct lu_guest *guest,
				  int64_t interval_ns);
void lu_sampler_free(struct lu_sampler *sampler); /* NULL is fine */
