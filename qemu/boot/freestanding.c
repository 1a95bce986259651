/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/boot/freestanding.h"
#include <unistd.h>
#include "record/error.h"
#include "model/workload.h"

static bool only_of_workload(const struct lu_plan *plan)
{
	const struct lu_workload *workload = plan->workload;
	const GPtrArray *programs = plan->needs->programs;

	for (guint i = 0; i < programs->len; i++)
		if (g_strcmp0(programs->pdata[i], workload->program) &&
		    g_strcmp0(programs->pdata[i], workload->helper))
			return false;
	return true;
}

/* One that the update names, be it a release or a folder. */
static bool names_kernel(const struct lu_plan *plan)
{
	static const char *const any[] = {"previous", "newest", NULL};

	return !g_strv_contains(any, lu_plan_kernel(plan, false)) ||
	       !g_strv_contains(any, lu_plan_kernel(plan, true));
}

/* What the plan needs of a Linux guest, in words; NULL: nothing. That the payload has the workload's
 * service is its own business: it is asked to start it. */
static const char *unmet(const struct lu_plan *plan)
{
	const struct lu_needs *needs = plan->needs;

	if (names_kernel(plan))
		return "the kernels that its update names";
	if (needs->stage_next)
		return "another kernel";
	if (needs->memory_image.wanted)
		return "a memory image of another kernel";
	if (needs->kmods->len)
		return "kernel modules of ours";
	if (needs->init_script || !only_of_workload(plan))
		return "programs of Debian's";
	if (needs->packages->len || needs->parts->len)
		return "files that guests are given";
	return NULL;
}

char *lu_freestanding_find(const struct lu_plan *plan, GError **error)
{
	const struct lu_machine *machine = plan->machine;
	const char *file = machine->payload.file, *what = unmet(plan);
	g_autofree char *path =
		machine->folder ? g_build_filename(machine->folder, file, NULL) : g_strdup(file);

	if (what) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "%s needs %s, and machine %s boots %s, which has none",
			    plan->strategy->name, what, machine->name, file);
		return NULL;
	}
	if (access(path, R_OK) == 0)
		return g_steal_pointer(&path);
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED, "machine %s boots %s, which is missing",
		    machine->name, path);
	return NULL;
}

struct lu_payload lu_freestanding_payload(const struct lu_machine *machine, const char *image)
{
	return (struct lu_payload){
		.kind = LU_PAYLOAD_FREESTANDING,
		.image = image,
		.initrd = -1,
		.flat = machine->payload.flat,
		.load_at = machine->payload.load_at,
	};
}
