/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script.run: the steps of strategies/script.c, each as the verbs that do the same work, with their
 * checks and costs, plus the start of a shell and its programs. A step that fails halfway leaves
 * its changes, as the real one does.
 */
#include "record/error.h"
#include "model/strategy.h"
#include "model/workload.h"
#include "sim/clock.h"
#include "sim/service.h"
#include "sim/verb.h"

struct work {
	struct sim *sim;
	int64_t deadline_ns;
	GError **error;
};

static bool verb(struct work *work, const char *name, json_t *args)
{
	struct sim *sim = work->sim;

	return sim->guest.ops->call(&sim->guest, name, args,
				    MAX(work->deadline_ns - sim->now_ns, 0), NULL, work->error);
}

static bool modules(struct work *work, bool next_kernel)
{
	static const char *const names[] = {"net", "block", "ext4", "nft", "criu"};
	json_t *list = json_array();

	for (size_t i = next_kernel ? 0 : 1; i < G_N_ELEMENTS(names); i++)
		if (json_object_get(work->sim->plan->machine->features, names[i]))
			json_array_append_new(list, json_string(names[i]));
	return verb(work, "modules", json_pack("{s:o}", "features", list));
}

static bool mount_disk(struct work *work, bool format)
{
	return verb(work, "store.open",
		    json_pack("{s:s, s:b}", "kind", "disk", "format", (int)format));
}

/* Without a data disk there is nothing to mount, as the script finds out by itself. */
static bool data(struct work *work, bool open)
{
	enum sim_data now = work->sim->kernel.data;

	if (!sim_has_files(work->sim) || (now != SIM_DATA_CLOSED) == open)
		return true;
	return verb(work, open ? "data.open" : "data.close", NULL);
}

static bool format(struct work *work)
{
	return modules(work, false) && mount_disk(work, true);
}

static bool remount(struct work *work)
{
	return data(work, true) && (work->sim->kernel.store || mount_disk(work, false));
}

static bool unmount(struct work *work)
{
	return verb(work, "store.close", NULL);
}

static bool unmount_all(struct work *work)
{
	return unmount(work) && data(work, false);
}

static bool load(struct work *work)
{
	return verb(work, "kexec.load",
		    json_pack("{s:s, s:s, s:b}", "method", "tools", "image",
			      work->sim->plan->needs->kernel_image, "checksum", 1));
}

static bool unload(struct work *work)
{
	return verb(work, "kexec.unload", NULL);
}

/* CRIU locks the network itself, and a successful dump
 * ends the service: only its checkpoint is left. */
static bool dump(struct work *work)
{
	if (!verb(work, "net.lock", NULL) ||
	    !verb(work, "checkpoint", json_pack("{s:b}", "tcp", 1)))
		return false;
	work->sim->kernel.service = SIM_NONE;
	return true;
}

/* CRIU's default compares builds. */
static bool bring_back(struct work *work)
{
	return verb(work, "restore", json_pack("{s:b, s:b}", "tcp", 1, "buildid", 1));
}

static bool let_in(struct work *work)
{
	return verb(work, "net.unlock", NULL);
}

static bool undump(struct work *work)
{
	if (work->sim->kernel.service == SIM_NONE && !bring_back(work))
		return false;
	return let_in(work) && verb(work, "checkpoint.discard", NULL);
}

static bool start(struct work *work)
{
	return modules(work, true) && verb(work, "net.up", json_pack("{s:b}", "locked", 1)) &&
	       remount(work);
}

static bool finish(struct work *work)
{
	return verb(work, "checkpoint.discard", NULL) && unmount(work);
}

static const struct {
	const char *name;
	bool (*run)(struct work *work);
} steps[] = {
	{"format", format},
	{"remount", remount},
	{"unmount", unmount},
	{"unmount_all", unmount_all},
	{"load", load},
	{"unload", unload},
	{"dump", dump},
	{"undump", undump},
	{"start", start},
	{"let_in", let_in},
	{"bring_back", bring_back},
	{"finish", finish},
};

static bool run_step(struct sim *sim, const json_t *args, int64_t timeout_ns, GError **error)
{
	struct work work = {sim, sim->now_ns + timeout_ns, error};
	const char *name = json_string_value(json_array_get(json_object_get(args, "args"), 0));

	if (!sim_alive(sim, "script.run", error) ||
	    !sim_spend(sim, "script.run", sim_cost(sim, "script.run"), timeout_ns, error))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(steps); i++)
		if (!g_strcmp0(steps[i].name, name))
			return steps[i].run(&work);
	g_set_error(error, LU_ERROR, LU_ERROR_FAILED, "script.run: status 127: %s: not found",
		    name ? name : "(no step)");
	return false;
}

static bool run(struct sim *sim, const json_t *args, int64_t timeout_ns, json_t *reply,
		GError **error)
{
	int64_t begin_ns = sim->now_ns;

	if (!run_step(sim, args, timeout_ns, error))
		return false;
	sim_put_ns(reply, "script_ns", sim->now_ns - begin_ns);
	return true;
}

static bool jumps(const json_t *args)
{
	return sim_flag(args, "jump");
}

const struct lu_sim_verbs lu_sim_verbs_script = {
	.verbs =
		{
			{"script.run", .run = run, .jumps = jumps},
			{},
		},
};
