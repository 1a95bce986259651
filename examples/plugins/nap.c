/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nap: a strategy as a shared object, the smallest that can be measured.
 *
 * Mechanism: the machine is stopped for `nap_ms` and goes on. The release stays the same.
 * Assumes: nothing.
 * Blackout: from the stop to the next reply.
 */
#include "model/plugin.h"

static const struct lu_param params[] = {
	{"nap_ms", LU_PARAM_INT, "500", 1, 60000, NULL, "how long the machine is stopped, ms"},
	{},
};

static bool nap(struct lu_run *run, GError **error)
{
	const struct lu_guest_ops *ops = run->guest->ops;

	return ops->stop(run->guest, error) &&
	       lu_run_wait(run, lu_param_int(run->params, "nap_ms") * 1000000, error) &&
	       ops->cont(run->guest, error);
}

static const struct lu_phase phases[] = {
	{LU_SWITCH, "nap", nap},
	{},
};

static const char *const updates[] = {"kernel", NULL};

static const struct lu_strategy strategy = {
	.name = "nap",
	.summary = "stops the machine for a while: an example of a plugin",
	.params = params,
	.phases = phases,
	.updates = updates,
	.keeps_state = true,
};

LU_PLUGIN(strategy);
