/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the plan's network can carry its client's load. The client is open-loop: what exceeds the
 * network's capacity queues up until requests time out, whatever the strategy does.
 */
#include "model/plan-network.h"
#include <math.h>
#include "record/error.h"
#include "record/tcp-rate.h"
#include "model/workload.h"

static double offered(const struct lu_plan *plan, double reply_bytes)
{
	return plan->rate_hz / plan->connections * reply_bytes;
}

static double carried(const struct lu_plan *plan)
{
	double alone = lu_tcp_rate(2 * plan->net_delay_ns, plan->net_loss);
	double share =
		plan->net_rate_bps ? (double)plan->net_rate_bps / 8 / plan->connections : INFINITY;

	return fmin(alone, share);
}

bool lu_plan_network_carries(const struct lu_plan *plan, GError **error)
{
	const struct lu_workload *workload = plan->workload;
	double bytes =
		workload->reply_bytes ? (double)workload->reply_bytes(plan->workload_params) : 0;
	double most = carried(plan);

	if (offered(plan, bytes) <= most)
		return true;
	g_set_error(
		error, LU_ERROR, LU_ERROR_USAGE,
		"network: a connection of workload %s needs %.0f kB/s and carries about "
		"%.0f; allowed: client.rate_hz up to %.0f or replies of up to %.0f kB, and half "
		"of that leaves room to catch up after a blackout",
		workload->name, offered(plan, bytes) / 1e3, most / 1e3,
		floor(plan->rate_hz * most / offered(plan, bytes)),
		floor(bytes / 1e3 * most / offered(plan, bytes)));
	return false;
}
