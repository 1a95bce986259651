/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How late the client itself was. */
#pragma once
#include "record/samples.h"

struct lu_send_lag {
	int64_t requests;
	/* from the intended time to the time of sending; nearest rank, 0 without requests */
	int64_t p50_ns, p99_ns, max_ns;
};

/*
 * Of the requests that were intended from the baseline on and could be sent at their intended time.
 * One whose connection was down then or went down before it was sent has waited for the service, not
 * for the client's thread, and does not count. A full socket does not delay the time of sending: it
 * is that of handing over.
 */
struct lu_send_lag lu_send_lag_find(const struct lu_samples *samples,
				    const struct lu_timeline *timeline);
