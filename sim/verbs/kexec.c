/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs of kexec: the next release is staged, loaded and jumped to. */
#include "record/error.h"
#include "model/workload.h"
#include "sim/clock.h"
#include "sim/verb.h"

static bool check_stage(struct sim *sim, const json_t *args, GError **error)
{
	return sim_has(sim, "block", LU_ERROR_UNSUPPORTED, error);
}

static void stage(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.staged = true;
	sim_put_ns(reply, "stage_ns", cost_ns);
}

static void unstage(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.staged = false;
}

static bool check_load(struct sim *sim, const json_t *args, GError **error)
{
	if (!sim->kernel.staged)
		return sim_fail(error, LU_ERROR_USAGE, "kexec.load: nothing is staged");
	if (g_str_equal(sim_text(args, "place"), "huge") &&
	    !g_str_equal(sim_text(args, "method"), "direct"))
		return sim_fail(error, LU_ERROR_REFUSED,
				"kexec.load: only method direct can put a kernel in place");
	return sim_offered(sim->plan->machine->kexec_methods, sim_text(args, "method"), error) &&
	       sim_offered(sim->plan->machine->images, sim_text(args, "image"), error);
}

static int64_t cost_load(struct sim *sim, const json_t *args)
{
	bool tools = g_str_equal(sim_text(args, "method"), "tools");

	return sim_cost(sim, "kexec.load") + (tools ? sim_cost(sim, "kexec.load:tools") : 0);
}

static void load(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	bool direct = g_str_equal(sim_text(args, "method"), "direct");
	bool copied = !direct || g_str_equal(sim_text(args, "place"), "copy");

	sim->kernel.loaded = true;
	sim->kernel.copied = copied;
	if (direct)
		json_object_set_new(reply, "place",
				    json_string(copied ? "copy: as asked" : "huge: in place"));
	sim->kernel.checksum = sim_flag(args, "checksum");
	sim->kernel.fast = *sim_text(args, "append") != 0;
	sim->kernel.image = g_intern_string(sim_text(args, "image"));
	sim_put_ns(reply, "load_ns", cost_ns);
}

static void unload(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.loaded = false;
}

static bool jumps(const json_t *args)
{
	return true;
}

const struct lu_sim_verbs lu_sim_verbs_kexec = {
	.verbs =
		{
			{"stage", check_stage, .apply = stage},
			{"unstage", .apply = unstage},
			{"kexec.load", check_load, cost_load, .apply = load},
			{"kexec.unload", .apply = unload},
			{"kexec.jump", .jumps = jumps},
			{},
		},
};
