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

	return (!strategy->check || strategy->check(plan, error)) &&
	       (!workload->check ||
		workload->check(plan->workload_params, plan->guest == LU_GUEST_SIM, error));
}

static bool G_GNUC_PRINTF(2, 3) unsupported(GError **error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);

	va_end(args);
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED, "services: %s", text);
	return false;
}

/* Names of the strategies that carry several services. Caller frees. */
static char *who_carries_several(void)
{
	g_autoptr(GString) names = g_string_new(NULL);

	for (size_t i = 0; lu_strategy_at(i); i++)
		if (lu_strategy_at(i)->several)
			g_string_append_printf(names, "%s%s", names->len ? ", " : "",
					       lu_strategy_at(i)->name);
	return g_strdup(names->str);
}

/* What they would share. */
static bool get_along(const struct lu_plan *plan, GError **error)
{
	unsigned disks = 0;

	for (unsigned i = 0; i < lu_plan_services(plan); i++) {
		const struct lu_plan *one = lu_plan_service(plan, i);

		disks += lu_workload_disk_mb(one->workload, one->workload_params) > 0;
		if (one->workload->kmods)
			return unsupported(error,
					   "%s (%s) has state in kernel modules, and runs alone "
					   "only",
					   one->service, one->workload->name);
	}
	return disks < 2 || unsupported(error,
					"%u of them keep files on the data disk; allowed: "
					"one of them",
					disks);
}

static bool carries_several(const struct lu_plan *plan, GError **error)
{
	g_autofree char *who = plan->strategy->several ? NULL : who_carries_several();

	if (who)
		return unsupported(error,
				   "strategy %s carries one service only; several are carried by "
				   "%s",
				   plan->strategy->name, who);
	if (lu_plan_of_app(plan))
		return unsupported(error, "an update of kind app is of one service");
	if (plan->cycles > 1)
		return unsupported(error,
				   "cycles are judged of one service only; allowed: cycles=1");
	return get_along(plan, error);
}

static bool all_accepted(const struct lu_plan *plan, GError **error)
{
	unsigned n = lu_plan_services(plan);

	if (!lu_plan_carried(plan, error) || !repeated(plan, error) ||
	    (n > 1 && !carries_several(plan, error)))
		return false;
	for (unsigned i = 0; i < n; i++)
		if (!accepted(lu_plan_service(plan, i), error))
			return false;
	return true;
}

static void clear(struct lu_plan *plan)
{
	g_clear_pointer(&plan->needs, lu_needs_free);
	g_clear_error(&plan->refusal);
}

/* A strategy is asked for its needs only for a plan that it accepts. */
void lu_plan_resolve_needs(struct lu_plan *plan)
{
	struct lu_needs *needs = lu_needs_new();

	clear(plan);
	if (all_accepted(plan, &plan->refusal)) {
		if (plan->strategy->needs)
			plan->strategy->needs(plan, needs);
		needs->both_ways = plan->cycles > 1;
		want_feature(plan, needs, "net");
		for (unsigned i = 0; i < lu_plan_services(plan); i++)
			add_workload(lu_plan_service(plan, i), needs);
		add_disks(plan, needs);
		add_fault(plan, needs);
	}
	plan->needs = needs;
	for (guint i = 0; plan->others && i < plan->others->len; i++) {
		struct lu_plan *other = plan->others->pdata[i];

		clear(other);
		other->needs = lu_needs_copy(needs);
	}
}

bool lu_plan_feasible(const struct lu_plan *plan, GError **error)
{
	if (plan->refusal)
		g_propagate_error(error, g_error_copy(plan->refusal));
	return !plan->refusal;
}
