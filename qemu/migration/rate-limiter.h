/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A link of a given speed between two sockets of this host: what one end is given comes out at the
 * other no faster than that. Without it two machines of one host are joined by memory, which no
 * bound that QEMU sets itself holds for the whole of a move (it sends the rest unbounded).
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "host/io.h"

struct lu_rate_limiter;

/*
 * ends[0] sends to ends[1] at bytes_s at most, by io's clock; the other way is free. Both ends are
 * blocking sockets and the caller's to close; what is under way when ends[0] closes
 * still arrives. LU_ERROR_FAILED.
 */
struct lu_rate_limiter *lu_rate_limiter_new(const struct lu_io *io, uint64_t bytes_s, int ends[2],
					    GError **error);
/* Cuts it. NULL is fine. */
void lu_rate_limiter_free(struct lu_rate_limiter *limiter);
