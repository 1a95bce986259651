/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verbs of kexec: the next release fetched, loaded, and jumped to. */
#include "record/error.h"
#include "model/workload.h"
#include "sim/verbs.h"

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

static bool check_jump(struct sim *sim, const json_t *args, GError **error)
{
	return sim->kernel.loaded ||
	       sim_fail(error, LU_ERROR_USAGE, "kexec.jump: no kernel is loaded");
}

static int64_t cost_jump(struct sim *sim)
{
	bool bzimage = !g_strcmp0(sim->kernel.image, "bzimage");

	return sim_cost(sim, "kexec.jump") +
	       (sim->kernel.copied ? sim_cost(sim, "kexec.jump:copy") : 0) +
	       (sim->kernel.checksum ? sim_cost(sim, "kexec.jump:checksum") : 0) +
	       (bzimage ? sim_cost(sim, "kexec.jump:decompress") : 0) +
	       (sim->kernel.fast ? 0 : sim_cost(sim, "kexec.jump:same"));
}

/* Leave the old kernel: what is not in an image is gone. */
static void leave_kernel(struct sim *sim)
{
	if (sim->peer)
		lu_peer_sockets_closed(sim->peer, false, sim->now_ns);
	if (!sim->store.image)
		sim_end_service(sim);
	else if (sim->damage && sim->plan->workload->model->damage)
		sim->plan->workload->model->damage(sim->service, sim->damage);
	if (sim->kernel.data == SIM_DATA_OPEN)
		sim->disk.unheld = true;
	sim_stop_kernel(sim);
}

bool sim_jump(struct lu_guest *guest, const char *name, json_t *args, int64_t timeout_ns,
	      GError **error)
{
	struct sim *sim = SIM(guest);
	bool script = g_str_equal(name, "script.run") && sim_flag(args, "jump");
	int64_t cost = script ? sim_cost(sim, "script.run") : 0;

	json_decref(args);
	if (!script && !g_str_equal(name, "kexec.jump")) {
		g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "'%s' starts no kernel", name);
		return false;
	}
	if (!sim_alive(sim, name, error))
		return false;
	if (sim->machine == SIM_ON && !check_jump(sim, NULL, error))
		return false;
	cost += cost_jump(sim);
	if (sim->machine == SIM_ON)
		leave_kernel(sim);
	if (!sim_spend(sim, "kexec.jump", cost, timeout_ns, error))
		return false;
	sim_start_kernel(sim, LU_RELEASE_NEW);
	return true;
}

const struct sim_verb sim_kexec_verbs[] = {
	{"stage", check_stage, .apply = stage},
	{"unstage", .apply = unstage},
	{"kexec.load", check_load, cost_load, .apply = load},
	{"kexec.unload", .apply = unload},
	{},
};
