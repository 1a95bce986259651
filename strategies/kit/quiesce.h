/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Quiescing the service behind a locked network, for strategies that carry it elsewhere as it is.
 * From its freeze until it resumes, here or elsewhere, no frame reaches its sockets, because data
 * that a kernel acknowledged after they were saved would be lost. Functions are phases.
 */
#pragma once
#include "model/strategy.h"

/* Parameter of a strategy that does. */
#define LU_PARAM_NUDGE                                                                             \
	{                                                                                          \
		"nudge", LU_PARAM_BOOL, "on", 0, 0, NULL,                                          \
			"make the peers retransmit as soon as the service resumes"                 \
	}

/* Stop every thread of the service. Claims "service.*_ns". */
bool lu_quiesce_stop(struct lu_run *run, GError **error);
/* The same, then lock its network. */
bool lu_quiesce(struct lu_run *run, GError **error);
/* Undo, where it was stopped; copes with half-done work. */
bool lu_quiesce_undo(struct lu_run *run, GError **error);
/* The second half of that: its network is not locked any more. */
bool lu_quiesce_thaw(struct lu_run *run, GError **error);
/*
 * Resume it where it is now. With a nudge its sockets make their peers retransmit at once
 * (duplicate acknowledgements, RFC 5681); without, every peer waits for its retransmission timer,
 * which has doubled during the blackout. Claims "net.*_ns".
 */
bool lu_quiesce_end(struct lu_run *run, GError **error);
/* The same where its network is not locked any more. */
bool lu_quiesce_wake(struct lu_run *run, GError **error);
