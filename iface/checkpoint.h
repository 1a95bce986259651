/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service as CRIU images in the checkpoint store, for strategies that carry it through one. The
 * store is open (agent verb store.open), the service stopped for the dump, its network locked.
 */
#pragma once
#include "iface/strategy.h"

struct lu_checkpoint {
	int64_t predump; /* rounds of copying memory while the service still answers */
	bool nolock;	 /* CRIU does not lock each connection once more (program "nolock") */
};

/* The rounds, none is fine. Claims "criu.predump.*_ns". */
bool lu_checkpoint_ahead(struct lu_run *run, const struct lu_checkpoint *how, GError **error);
/* What has changed since; the service stays stopped. Claims "criu.dump.*_ns". LU_ERROR_REFUSED:
 * CRIU cannot dump it. */
bool lu_checkpoint_dump(struct lu_run *run, const struct lu_checkpoint *how, GError **error);
/* On this kernel, stopped, with its connections. Claims "criu.restore.*_ns". */
bool lu_checkpoint_restore(struct lu_run *run, const struct lu_checkpoint *how, GError **error);
/* Remove the images. */
bool lu_checkpoint_discard(struct lu_run *run, GError **error);
