/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits the rate between two sockets of this host. Without it the two QEMUs of a migration are
 * connected at memory speed, and QEMU's own limit (max-bandwidth) does not hold throughout: the
 * last pass, when the machine is stopped, is sent unlimited.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "host/io.h"

struct lu_rate_limiter;

/*
 * ends[0] sends to ends[1] at bytes_s (bytes a second) at most, by io's clock; the other direction
 * is not limited. Both ends are blocking sockets, which the caller closes; bytes in flight when
 * ends[0] closes still arrive. LU_ERROR_FAILED.
 */
struct lu_rate_limiter *lu_rate_limiter_new(const struct lu_io *io, uint64_t bytes_s, int ends[2],
					    GError **error);
/* Closes the limiter's side of both. NULL is fine. */
void lu_rate_limiter_free(struct lu_rate_limiter *limiter);
