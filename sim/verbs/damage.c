/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Damage on purpose: to the checkpoint store, and to what a restore needs beside it. */
#include "record/error.h"
#include "sim/clock.h"
#include "sim/verb.h"

static bool check_damage(struct sim *sim, const json_t *args, GError **error)
{
	if (!sim->kernel.store)
		return sim_fail(error, LU_ERROR_REFUSED, "store.damage: the store is not open");
	return g_str_equal(sim_text(args, "how"), "full") || sim->store.bytes ||
	       sim_fail(error, LU_ERROR_FAILED, "store.damage: the store holds no pages yet");
}

static void damage(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	const char *how = sim_text(args, "how");
	json_int_t seed = json_integer_value(json_object_get(args, "seed"));

	if (g_str_equal(how, "full")) {
		sim->store.full = true;
		json_object_set_new(reply, "what", json_string(how));
		return;
	}
	sim->store.damaged = true;
	/* that memory is another CRIU does not see, but that it is not there */
	if (!g_str_equal(how, "flip"))
		sim->store.obstacle = "Error (criu/pagemap.c): Can't read mapping page";
	json_object_set_new(
		reply, "what",
		json_sprintf("%s: byte %" JSON_INTEGER_FORMAT, how, seed % sim->store.bytes));
}

static bool check_files(struct sim *sim, const json_t *args, GError **error)
{
	return sim->store.image || sim_fail(error, LU_ERROR_FAILED,
					    "file.damage: a file of the checkpoint: No such file");
}

static void damage_file(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	const char *how = sim_text(args, "how");

	if (g_str_equal(how, "missing"))
		sim->store.obstacle =
			"Error (criu/files-reg.c): Can't open file usr/…: No such file";
	else if (g_str_equal(how, "grown"))
		sim->store.obstacle = "Error (criu/files-reg.c): File usr/… has bad size";
	else
		sim->store.replaced |= g_str_equal(how, "replaced");
	json_object_set_new(reply, "what", json_string(how));
}

static void take_pid(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->store.obstacle = "Error (criu/cr-restore.c): Can't fork for 10000: File exists";
	json_object_set_new(reply, "what", json_string("process 10000 is another one's"));
}

static const struct lu_sim_cost costs[] = {
	{"store.damage", 2 * LU_SIM_MS},
	{"file.damage", 2 * LU_SIM_MS},
	{"pid.take", 2 * LU_SIM_MS},
	{},
};

const struct lu_sim_verbs lu_sim_verbs_damage = {
	.costs = costs,
	.verbs =
		{
			{"store.damage", check_damage, .apply = damage},
			{"file.damage", check_files, .apply = damage_file},
			{"pid.take", check_files, .apply = take_pid},
			{},
		},
};
