/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The versions of a plan's application, and the kernels that go with them. */
#include "record/error.h"
#include "model/plan.h"
#include "model/workload.h"

bool lu_plan_of_app(const struct lu_plan *plan)
{
	return g_str_equal(plan->update_kind, "app");
}

const char *lu_plan_kernel(const struct lu_plan *plan, bool after)
{
	if (lu_plan_of_app(plan))
		return after ? "newest" : "previous";
	return after ? plan->update_to : plan->update_from;
}

const char *lu_plan_tree(const struct lu_plan *plan, bool after)
{
	const char *name = lu_plan_kernel(plan, after);

	return g_path_is_absolute(name) ? name : NULL;
}

/* From 1; 0: there is none of that name. */
static unsigned version_number(const char *const *versions, const char *name)
{
	unsigned n = versions ? g_strv_length((char **)versions) : 0;

	if (n && g_str_equal(name, "newest"))
		return n;
	if (n && g_str_equal(name, "previous"))
		return n - 1;
	for (unsigned i = 0; i < n; i++)
		if (g_str_equal(versions[i], name))
			return i + 1;
	return 0;
}

unsigned lu_plan_app_number(const struct lu_plan *plan, bool after)
{
	const char *name = after ? plan->update_to : plan->update_from;

	return version_number(plan->workload->versions, lu_plan_of_app(plan) ? name : "previous");
}

const char *lu_plan_app(const struct lu_plan *plan, bool after)
{
	unsigned number = lu_plan_app_number(plan, after);

	return number ? plan->workload->versions[number - 1] : NULL;
}

bool lu_plan_app_known(const struct lu_plan *plan, GError **error)
{
	const struct lu_workload *workload = plan->workload;

	if (!workload->versions) {
		g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
			    "workload %s: its application has one version only and "
			    "supports no handover",
			    workload->name);
		return false;
	}
	for (int after = 0; after < 2; after++) {
		if (lu_plan_app_number(plan, after))
			continue;
		g_autofree char *all = g_strjoinv(", ", (char **)workload->versions);

		g_set_error(error, LU_ERROR, LU_ERROR_USAGE,
			    "update.%s: workload %s has no version '%s'; allowed: previous, "
			    "newest, %s",
			    after ? "to" : "from", workload->name,
			    after ? plan->update_to : plan->update_from, all);
		return false;
	}
	return true;
}
