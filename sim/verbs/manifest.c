/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manifest of the checkpoint store. */
#include "record/error.h"
#include "sim/clock.h"
#include "sim/verb.h"

static bool check_store(struct sim *sim, const json_t *args, GError **error)
{
	return sim->kernel.store ||
	       sim_fail(error, LU_ERROR_REFUSED, "manifest: the store is not open");
}

/* Of so many bytes. */
static int64_t cost_of(struct sim *sim, const char *step, int64_t bytes)
{
	return sim_cost(sim, step) +
	       (int64_t)((double)sim_cost(sim, "manifest:mb") * (double)bytes / (double)(1 << 20));
}

static int64_t cost_seal(struct sim *sim, const json_t *args)
{
	return cost_of(sim, "manifest.seal", sim->store.bytes - sim->store.sealed);
}

static int64_t cost_end(struct sim *sim, const json_t *args)
{
	return cost_of(sim, "manifest.end", sim->store.bytes);
}

static void seal(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->store.sealed = sim->store.bytes;
	sim->store.unsealed = false;
	sim_put_ns(reply, "seal_ns", cost_ns);
}

static void begin_to_compare(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->store.comparing = true;
}

static bool check_end(struct sim *sim, const json_t *args, GError **error)
{
	if (!sim->store.comparing)
		return sim_fail(error, LU_ERROR_USAGE,
				"manifest.end: nothing is compared (manifest.begin)");
	if (!sim->store.sealed)
		return sim_fail(error, LU_ERROR_REFUSED,
				"the checkpoint is damaged: manifest: No such file or directory");
	/* what has not been sealed is not compared */
	return !sim->store.damaged || sim->store.unsealed ||
	       sim_fail(error, LU_ERROR_REFUSED,
			"the checkpoint is damaged: images/pages-1.img: page 1 is not what was "
			"written");
}

static void end(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->store.comparing = false;
	sim_put_ns(reply, "check_ns", cost_ns);
}

/* Estimates. */
static const struct lu_sim_cost costs[] = {
	{"manifest.seal", 10 * LU_SIM_MS},
	{"manifest.begin", 3 * LU_SIM_MS},
	{"manifest.end", 5 * LU_SIM_MS},
	{"manifest:mb", 2 * LU_SIM_MS},
	{},
};

const struct lu_sim_verbs lu_sim_verbs_manifest = {
	.costs = costs,
	.verbs =
		{
			{"manifest.seal", check_store, cost_seal, .apply = seal},
			{"manifest.begin", check_store, .apply = begin_to_compare},
			{"manifest.end", check_end, cost_end, .apply = end},
			{},
		},
};
