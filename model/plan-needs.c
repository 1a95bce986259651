/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Resolves whether the strategy accepts the plan, and what a guest for it needs. */
#include "record/error.h"
#include "model/fault.h"
#include "model/plan-needs.h"
#include "model/strategy.h"
#include "model/workload.h"

bool lu_plan_carried(const struct lu_plan *plan, GError **error)
{
	if (g_strv_contains(plan->strategy->updates, plan->update_kind))
		return true;
	g_autofree char *all = g_strjoinv(", ", (char **)plan->strategy->updates);

	g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
		    "update.kind: strategy %s cannot carry an update of kind %s; allowed: %s",
		    plan->strategy->name, plan->update_kind, all);
	return false;
}

/* The machine may have it built in: then there is nothing to load. */
static void want_feature(const struct lu_plan *plan, struct lu_needs *needs, const char *feature)
{
	if (json_object_get(plan->machine->features, feature))
		lu_needs_feature(needs, feature);
}

static void add_workload(const struct lu_plan *plan, struct lu_needs *needs)
{
	const struct lu_workload *workload = plan->workload;

	if (workload->program)
		lu_needs_program(needs, workload->program);
	if (workload->needs)
		workload->needs(plan->workload_params, needs);
	if (workload->helper)
		lu_needs_program(needs, workload->helper);
	for (const char *const *feature = workload->features; feature && *feature; feature++)
		want_feature(plan, needs, *feature);
	for (const char *const *kmod = workload->kmods; kmod && *kmod; kmod++) {
		g_autofree char *params =
			workload->kmod_params ? workload->kmod_params(plan->workload_params, *kmod)
					      : NULL;

		lu_needs_kmod(needs, *kmod, params);
	}
	needs->data_mb = MAX(needs->data_mb, lu_workload_disk_mb(workload, plan->workload_params));
}

/* Needs that follow from the requested disks. */
static void add_disks(const struct lu_plan *plan, struct lu_needs *needs)
{
	bool image = needs->memory_image.wanted;

	if (needs->stage_next || !g_strcmp0(needs->store, "disk"))
		want_feature(plan, needs, "block");
	if (!g_strcmp0(needs->store, "pmem"))
		want_feature(plan, needs, "pmem");
	if (needs->store)
		want_feature(plan, needs, "ext4");
	if (image || needs->data_mb) {
		want_feature(plan, needs, "block");
		want_feature(plan, needs, "ext4");
	}
	if (needs->data_mb)
		lu_needs_program(needs, "mke2fs");
}

/* Whether as many upgrades in a row as the plan asks for can be made. */
static bool repeated(const struct lu_plan *plan, GError **error)
{
	if (plan->cycles == 1 || plan->strategy->repeats)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
		    "cycles: strategy %s cannot upgrade the system that it leaves%s%s; allowed: 1",
		    plan->strategy->name, plan->strategy->once ? ": " : "",
		    plan->strategy->once ?: "");
	return false;
}

/* What a fault breaks may have to be made so. */
static void add_fault(const struct lu_plan *plan, struct lu_needs *needs)
{
	const struct lu_fault *fault = plan->fault_kind ? lu_fault_find(plan->fault_kind) : NULL;

	if (fault && fault->needs)
		fault->needs(plan, needs);
}

static bool accepted(const struct lu_plan *plan, GError **error)
{
	const struct lu_strategy *strategy = plan->strategy;

	const struct lu_workload *workload = plan->workload;

	return lu_plan_carried(plan, error) && repeated(plan, error) &&
	       (!strategy->check || strategy->check(plan, error)) &&
	       (!workload->check ||
		workload->check(plan->workload_params, plan->guest == LU_GUEST_SIM, error));
}

/* A strategy is asked for its needs only for a plan that it accepts. */
void lu_plan_resolve_needs(struct lu_plan *plan)
{
	struct lu_needs *needs = lu_needs_new();

	if (accepted(plan, &plan->refusal)) {
		if (plan->strategy->needs)
			plan->strategy->needs(plan, needs);
		needs->both_ways = plan->cycles > 1;
		want_feature(plan, needs, "net");
		add_workload(plan, needs);
		add_disks(plan, needs);
		add_fault(plan, needs);
	}
	plan->needs = needs;
}

bool lu_plan_feasible(const struct lu_plan *plan, GError **error)
{
	if (plan->refusal)
		g_propagate_error(error, g_error_copy(plan->refusal));
	return !plan->refusal;
}
