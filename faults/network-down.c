/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clients' network is down for the rest of the upgrade, and comes back after it. */
#include "faults/kit/edges.h"
#include "record/error.h"

static bool after(struct lu_run *run, const struct lu_phase *phase, GError **error)
{
	const struct lu_guest_ops *ops = run->guest->ops;

	if (ops->cut) {
		ops->cut(run->guest, true);
		return true;
	}
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "network-down: guest %s has no network of its own to cut", ops->name);
	return false;
}

static void lift(struct lu_run *run)
{
	if (run->guest->ops->cut)
		run->guest->ops->cut(run->guest, false);
}

const struct lu_fault lu_fault_network_down = {
	.name = "network-down",
	.summary = "no frame passes between clients and guest, until the last phase is over or the "
		   "first one is undone",
	.edges = lu_fault_throughout,
	.after = after,
	.lift = lift,
};
