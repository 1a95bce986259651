/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/plan-churn.h"
#include "model/churn.h"
#include "model/workload.h"
#include "record/error.h"

/* With fewer connections the longest wait of the baseline tells nothing. */
#define MIN_BASELINE 5

static bool has_clients(const struct lu_plan *plan, GError **error)
{
	const struct lu_workload *workload = plan->workload;
	g_autoptr(GString) able = g_string_new(NULL);

	if (workload->churn && (!workload->churns || workload->churns(plan->workload_params)))
		return true;
	for (size_t i = 0; lu_workloads[i]; i++)
		if (lu_workloads[i]->churn && lu_workloads[i] != workload)
			g_string_append_printf(able, "%s%s", able->len ? ", " : "",
					       lu_workloads[i]->name);
	g_set_error(
		error, LU_ERROR, LU_ERROR_USAGE,
		"client.churn_hz: the clients of workload %s%s keep their connections; allowed: 0, "
		"or another workload (%s)",
		workload->name, workload->churn ? ", as its parameters are," : "", able->str);
	return false;
}

bool lu_plan_churns(const struct lu_plan *plan, GError **error)
{
	if (!plan->churn_hz)
		return true;
	if ((double)plan->churn_hz * plan->baseline_ns / 1e9 < MIN_BASELINE) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "client.baseline_ms: %" G_GINT64_FORMAT
			    " ms at churn_hz=%u hold too few connections to know what is late; "
			    "allowed: at least %u",
			    plan->baseline_ns / 1000000, plan->churn_hz,
			    MIN_BASELINE * 1000 / plan->churn_hz);
		return false;
	}
	if (lu_churn_slots(plan->churn_hz, plan->timeout_ns) <= LU_CHURN_MOST)
		return has_clients(plan, error);
	g_set_error(
		error, LU_ERROR, LU_ERROR_USAGE,
		"client.churn_hz: %u a second, each for up to client.timeout_ms=%" G_GINT64_FORMAT
		", may be %u connections at once; allowed: up to %d, as with timeout_ms=%d",
		plan->churn_hz, plan->timeout_ns / 1000000,
		lu_churn_slots(plan->churn_hz, plan->timeout_ns), LU_CHURN_MOST,
		(LU_CHURN_MOST - 1) * 1000 / (int)plan->churn_hz);
	return false;
}
