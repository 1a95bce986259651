/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service as CRIU images in the checkpoint store, for strategies that carry it through one. The
 * store is open (agent verb store.open), the service stopped for the dump, its network locked from
 * before the dump until after the restore. Functions with a run are phases; of several services, that
 * to copy ahead and to discard do so with each, and the others are called with one's run.
 */
#pragma once
#include "model/strategy.h"
#include "strategies/kit/manifest.h"
#include "strategies/kit/preflight.h"

/* Parameters of a strategy that does. */
#define LU_PARAM_PREDUMP                                                                           \
	{                                                                                          \
		"predump", LU_PARAM_INT, "1", 0, 4, NULL, "pre-copy rounds before the freeze"      \
	}
#define LU_PARAM_CRIU_LOCK                                                                         \
	{                                                                                          \
		"criu_lock", LU_PARAM_CHOICE, "skip", 0, 0, lu_criu_locks,                         \
			"CRIU's own lock of each connection, in addition to the agent's lock of "  \
			"all frames"                                                               \
	}
#define LU_PARAM_TIMENS                                                                            \
	{                                                                                          \
		"timens", LU_PARAM_BOOL, "on", 0, 0, NULL,                                         \
			"restore the service in a time namespace, in which its clocks go on "      \
			"where "                                                                   \
			"they were dumped; off: it sees those of the new kernel"                   \
	}
extern const char *const lu_criu_locks[];

/* Whether the restored service has a time namespace; a strategy without the parameter gives it
 * one. */
bool lu_checkpoint_time_namespace(const struct lu_plan *plan);
/* Whether CRIU's own lock of each connection is skipped (program "nolock"). */
bool lu_checkpoint_skips_lock(const struct lu_plan *plan);
/* Whether the machine's kernel tracks what is written (feature "soft-dirty"), which pre-copy by CRIU
 * takes; who asks for it ("predump=1") is named. LU_ERROR_UNSUPPORTED with what would work
 * (allowed; NULL: nothing). */
bool lu_checkpoint_tracks(const struct lu_plan *plan, const char *who, const char *allowed,
			  GError **error);
/* Programs: CRIU, and the replacement for its lock. */
void lu_checkpoint_needs(const struct lu_plan *plan, struct lu_needs *needs);
/* Size of the checkpoint store, MB: the parameter store_mb, or from the workload's state and the number
 * of its copies. */
unsigned lu_checkpoint_store_mb(const struct lu_plan *plan);

/* Refuse what cannot work, with the service running (strategies/kit/preflight.h): a phase of
 * PREPARE, after the store has been opened. */
bool lu_checkpoint_preflight(struct lu_run *run, GError **error);
/* The pre-copy rounds, possibly none, and a last look with the service running: the end of PREPARE.
 * Claims "criu.predump.*_ns", "manifest.ahead.seal_ns". */
bool lu_checkpoint_ahead(struct lu_run *run, GError **error);
/* Hash what the rounds have written, for a strategy that makes them by itself: a part of PREPARE. Claims
 * "manifest.ahead.seal_ns". */
bool lu_checkpoint_seal_ahead(struct lu_run *run, GError **error);
/* A first round of those processes that have not run for so long, at low priority; *taken: there
 * are some. Notes how many: "precopy.sleepers". Claims "precopy.sleepers_ns". */
bool lu_checkpoint_sleepers(struct lu_run *run, int64_t window_ms, bool *taken, GError **error);
/* One more round of pre-copy, at low priority and without stopping the service for longer than it
 * takes to find what has changed; `round` counts from 0, parent: something has been copied before.
 * Sets the bytes of memory it has copied. Claims "precopy.ROUND.*_ns". */
bool lu_checkpoint_round(struct lu_run *run, unsigned round, bool parent, int64_t *bytes,
			 GError **error);
/* Dump what has changed since, unless CRIU would lose what has come since the last look; the service
 * stays stopped. Claims "criu.dump.*_ns", "manifest.seal_ns". LU_ERROR_REFUSED: CRIU cannot dump it,
 * or that. */
bool lu_checkpoint_dump(struct lu_run *run, GError **error);
/* The same after rounds of lu_checkpoint_round. */
bool lu_checkpoint_dump_rest(struct lu_run *run, GError **error);
/* Restore the service on this kernel, stopped, with its connections. Claims "criu.restore.*_ns",
 * "manifest.check_ns". LU_ERROR_REFUSED: with a manifest, file and page that are not what was
 * written. */
bool lu_checkpoint_restore(struct lu_run *run, GError **error);
/* The same with memory "eager", or "lazy": not all of it is there then. */
bool lu_checkpoint_restore_as(struct lu_run *run, const char *memory, GError **error);
/* Wait until it is. Claims "memory.wait_ns". */
bool lu_checkpoint_filled(struct lu_run *run, GError **error);
/* Remove the CRIU images. */
bool lu_checkpoint_discard(struct lu_run *run, GError **error);
