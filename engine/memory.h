/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples the host memory used for the guest, on a thread of its own, into host/memory events. */
#pragma once
#include "host/io.h"
#include "model/guest.h"

struct lu_sampler;

/* Every interval_ns until lu_sampler_free. The guest's own figures are pushed by its agent and
 * stamped by the guest. */
struct lu_sampler *lu_sampler_new(const struct lu_io *io, struct lu_guest *guest,
				  int64_t interval_ns);
void lu_sampler_free(struct lu_sampler *sampler); /* NULL is fine */
