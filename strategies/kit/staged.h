/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Services in stages, for strategies that stop each, save it, and restore it elsewhere. Of one
 * service these are the four steps as their names say. Of several, as parameter "order" has it:
 *
 *   none       all are stopped, then all saved; all are restored, then all resume
 *   priority   one after the other, lowest priority first: stopped and saved while those above it
 *              still answer; then, highest first: restored, and it answers before the next one's
 *              turn has come
 *   reverse    the same the other way round
 *
 * Functions are for phases.
 */
#pragma once
#include "model/strategy.h"

/* For struct lu_strategy.several of a strategy that does: that parameter. */
extern const struct lu_param lu_staged_params[];

/* How one service is saved once it has been stopped, and restored; the run is that service's. */
struct lu_staging {
	bool (*save)(struct lu_run *run, GError **error);
	bool (*restore)(struct lu_run *run, GError **error);
	/* Optional. What has to be over before another one is restored. */
	bool (*settle)(struct lu_run *run, GError **error);
};
/* FREEZE: no service answers afterwards. In stages, all but the last are saved as well. */
bool lu_staged_freeze(struct lu_run *run, const struct lu_staging *staging, GError **error);
/* Undo, where they were stopped; copes with half-done work. */
bool lu_staged_thaw(struct lu_run *run, GError **error);
/* PRESERVE: all are saved afterwards. */
bool lu_staged_save(struct lu_run *run, const struct lu_staging *staging, GError **error);
/* RESTORE: the first one is there afterwards, and all that do not wait for their turn. */
bool lu_staged_restore(struct lu_run *run, const struct lu_staging *staging, GError **error);
/* RESUME: all answer afterwards, the first one at once. */
bool lu_staged_resume(struct lu_run *run, const struct lu_staging *staging, GError **error);

/* The same four of a strategy whose services are dumped by CRIU, after pre-copy rounds if there were
 * any, and restored with all their memory. */
bool lu_staged_criu_freeze(struct lu_run *run, GError **error);
bool lu_staged_criu_save(struct lu_run *run, GError **error);
bool lu_staged_criu_restore(struct lu_run *run, GError **error);
bool lu_staged_criu_resume(struct lu_run *run, GError **error);

/* Call it with each service's run, by rising priority; state_size: of what each has for itself in
 * the strategy's state, an array of LU_SERVICES_MOST (0: nothing). Stops at the first that fails. */
bool lu_each_service(struct lu_run *run, size_t state_size,
		     bool (*one)(struct lu_run *run, GError **error), GError **error);
