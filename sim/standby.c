/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulated second machine. As the destination of a migration it receives memory as
 * record/precopy.h says. As a standby that boots it has a kernel and a store of its own; the verbs
 * of sim/verb.h then see those instead of the running machine's.
 */
#include "sim/standby.h"
#include <inttypes.h>
#include "record/error.h"
#include "record/precopy.h"
#include "model/strategy.h"
#include "model/workload.h"
#include "sim/call.h"
#include "sim/clock.h"
#include "sim/kernel.h"
#include "sim/load.h"
#include "sim/memory-image.h"
#include "sim/memory.h"
#include "sim/standby-machine.h"

/* Highest rate of a migration on an idle host: an estimate, bytes a second. */
#define COPY_BYTES_S 400e6
/* Each request dirties a page. */
#define DIRTY_BYTES 4096
/* QEMU never gives up; so many rounds of a migration
 * that does not converge outlast any deadline. */
#define MAX_ROUNDS 100000

static bool usage(GError **error, const char *what, const char *why)
{
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "%s: %s", what, why);
	return false;
}

static void boot(struct sim *sim, enum lu_release release)
{
	struct sim_standby *standby = &sim->standby;

	standby->boots = true;
	standby->kernel = (struct sim_kernel){
		.up = true,
		.release = release,
		.modules = g_hash_table_new(g_str_hash, g_str_equal),
	};
	sim_set_clocks(sim, &standby->kernel);
	lu_timeline_add(sim->guest.timeline, sim->now_ns, "guest", "mark", 0,
			json_pack("{s:s, s:s}", "name", "standby-hello", "kernel",
				  sim_release(sim, release)));
}

/* A second machine that fails takes nothing with it. */
static bool comes_up(struct sim *sim, enum lu_release release, int64_t timeout_ns, GError **error)
{
	enum lu_next_fault fault =
		release == LU_RELEASE_NEW ? sim->plan->needs->next_fault : LU_NEXT_SOUND;

	if (fault == LU_NEXT_PANICS)
		return sim_fail(error, LU_ERROR_FAILED,
				"standby.start: the standby died; last console words: Kernel panic "
				"- not syncing: VFS: Unable to mount root fs");
	return fault != LU_NEXT_HANGS ||
	       sim_standby_spend(sim, "standby.start", G_MAXINT64, timeout_ns, error);
}

bool sim_standby_start(struct lu_guest *guest, enum lu_standby_kind kind, enum lu_release release,
		       int64_t timeout_ns, GError **error)
{
	struct sim *sim = SIM(guest);
	bool boots = kind == LU_STANDBY_BOOT;
	const char *step = boots ? "boot" : "standby.start";

	if (sim->standby.there || sim->standby.old)
		return usage(error, "standby.start", "there is one already");
	if (!sim_alive(sim, "standby.start", error) ||
	    !sim_standby_spend(sim, "standby.start", sim_cost(sim, step), timeout_ns, error))
		return false;
	sim->standby = (struct sim_standby){
		.there = true,
		.image = kind == LU_STANDBY_IMAGE || kind == LU_STANDBY_LAZY,
		.lazy = kind == LU_STANDBY_LAZY,
	};
	if (boots && !comes_up(sim, release, timeout_ns, error))
		return false;
	if (boots)
		boot(sim, sim_role(sim, release));
	sim_standby_update_memory(sim);
	return true;
}

static bool may(struct sim *sim, const struct sim_verb *verb, const json_t *args, int64_t *cost_ns,
		GError **error)
{
	bool ok;

	sim_standby_look_there(sim);
	ok = !verb->check || verb->check(sim, args, error);
	if (ok)
		*cost_ns = verb->cost ? verb->cost(sim, args) : sim_cost(sim, verb->name);
	sim_standby_look_there(sim);
	return ok;
}

static void apply(struct sim *sim, const struct sim_verb *verb, const json_t *args, int64_t cost_ns,
		  json_t *reply)
{
	sim_standby_look_there(sim);
	if (verb->apply)
		verb->apply(sim, args, cost_ns, reply);
	sim_standby_look_there(sim);
	sim_standby_update_memory(sim);
}

bool sim_standby_call(struct lu_guest *guest, const char *name, json_t *args, int64_t timeout_ns,
		      json_t **reply, GError **error)
{
	struct sim *sim = SIM(guest);
	const struct sim_verb *verb = sim_verb_find(name, error);
	json_auto_t *given = args, *result = json_object();
	int64_t cost_ns = 0;

	if (!verb)
		return false;
	if (verb->run || verb->jumps)
		return usage(error, name, "the standby does not run this verb");
	if (!sim->standby.there || !sim->standby.boots)
		return usage(error, name, "no standby is running");
	if (!may(sim, verb, given, &cost_ns, error) ||
	    !sim_standby_spend(sim, name, cost_ns, timeout_ns, error))
		return false;
	apply(sim, verb, given, cost_ns, result);
	if (reply)
		*reply = json_incref(result);
	return true;
}

static double bandwidth(const struct lu_migration_config *config)
{
	double most = MIN((double)config->bandwidth, COPY_BYTES_S);

	return config->transport_rate ? MIN((double)config->transport_rate, most) : most;
}

static unsigned max_rounds(const struct lu_migration_config *config)
{
	if (config->mode != LU_MIGRATION_PRECOPY)
		return 1;
	return config->max_rounds ? config->max_rounds : MAX_ROUNDS;
}

/* Rounds while the machine runs, then the last one while it is stopped. */
static struct lu_precopy rounds(struct sim *sim, const struct lu_migration_config *config)
{
	double dirty_rate = sim->plan->rate_hz * DIRTY_BYTES, set = 0;

	if (sim->plan->workload->writes)
		sim->plan->workload->writes(sim->plan->workload_params, &dirty_rate, &set);
	const struct lu_precopy_config precopy = {
		.memory = (double)sim_guest_used(sim),
		.bandwidth = bandwidth(config),
		.dirty_rate = dirty_rate,
		.set = set,
		.limit_ns = config->mode == LU_MIGRATION_PRECOPY ? config->downtime_limit_ns : 0,
		.ramp = config->ramp,
		.postcopy_ns = config->postcopy_after_ns,
		.throttle = config->auto_converge,
		.max_rounds = max_rounds(config),
	};

	return lu_precopy_model(&precopy);
}

/* So much later. */
static void tell_step(struct sim *sim, int64_t later_ns, const char *name)
{
	lu_timeline_add(sim->guest.timeline, sim->now_ns + later_ns, "guest", "step", 0,
			json_pack("{s:s}", "name", name));
}

/* Duration of the copy; what it leaves for the last pass goes into the standby. */
static int64_t plan_copy(struct sim *sim, const struct lu_migration_config *config)
{
	const struct lu_precopy model = rounds(sim, config);
	int64_t setup_ns = sim_cost(sim, "standby.copy");

	tell_step(sim, 0, "set the migration up");
	if (config->mode != LU_MIGRATION_FILE)
		tell_step(sim, setup_ns, "pre-copy rounds");
	sim->standby.config = *config;
	/* a file is written first, then read */
	sim->standby.rest_ns =
		config->mode == LU_MIGRATION_FILE ? model.copy_ns : model.downtime_ns;
	sim->standby.endless =
		config->mode == LU_MIGRATION_PRECOPY && !model.converged && !config->force;
	sim->standby.postcopied = model.postcopy || config->mode == LU_MIGRATION_POSTCOPY;
	sim->standby.limit_ns = config->ramp.step_ns ? model.limit_ns : -1;
	if (sim->standby.endless && !config->max_rounds)
		return INT64_MAX;
	return setup_ns + model.copy_ns;
}

bool sim_standby_copy(struct lu_guest *guest, const struct lu_migration_config *config,
		      int64_t timeout_ns, GError **error)
{
	struct sim *sim = SIM(guest);
	int64_t cost_ns;

	if (!sim->standby.there || sim->standby.boots || sim->standby.image)
		return usage(error, "standby.copy", "there is none that waits for a migration");
	if (config->mode == LU_MIGRATION_FILE && sim->machine == SIM_ON)
		return usage(error, "standby.copy", "the machine has to be stopped first");
	if (config->channels) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "standby.copy: the simulated migration has one stream; allowed: "
			    "multifd_channels=0");
		return false;
	}
	if (!sim_alive(sim, "standby.copy", error))
		return false;
	cost_ns = plan_copy(sim, config);
	if (!sim_standby_spend(sim, "standby.copy", cost_ns, timeout_ns, error))
		return false;
	if (sim->standby.endless) {
		g_set_error(error, LU_ERROR, LU_ERROR_FAILED,
			    "standby.copy: did not converge within %u rounds", config->max_rounds);
		return false;
	}
	sim_pause(sim);
	sim->standby.copied = true;
	sim->standby.memory = sim_guest_used(sim);
	sim->standby.total_ns = cost_ns;
	sim_update_memory(sim);
	return true;
}

static void claim(struct sim *sim, const char *name, int64_t ns)
{
	lu_timeline_add(sim->guest.timeline, sim->now_ns, "guest", "claim", 0,
			json_pack("{s:s, s:I}", "name", name, "ns", (json_int_t)ns));
}

static void run_there(struct sim *sim)
{
	sim_unpause(sim);
	sim->standby.there = false;
	sim->standby.old = true;
	sim_serve(sim);
}

static bool hand_over(struct sim *sim, int64_t timeout_ns, GError **error)
{
	if (!sim_alive(sim, "standby.switch", error) ||
	    !sim_standby_spend(sim, "standby.switch", sim_cost(sim, "standby.switch:flip"),
			       timeout_ns, error))
		return false;
	sim_standby_flip(sim);
	return true;
}

static bool finish_move(struct sim *sim, int64_t timeout_ns, GError **error)
{
	struct sim_standby *standby = &sim->standby;
	bool later = standby->postcopied;
	int64_t begin_ns = sim->now_ns, still_ns;

	if (!standby->copied)
		return usage(error, "standby.switch", "no memory has been copied");
	if (!sim_alive(sim, "standby.switch", error))
		return false;
	still_ns = sim_cost(sim, "standby.switch") + (later ? 0 : standby->rest_ns);
	if (!sim_standby_spend(sim, "standby.switch", still_ns, timeout_ns, error))
		return false;
	run_there(sim);
	if (later)
		sim_advance(sim, standby->rest_ns);
	if (standby->limit_ns >= 0)
		claim(sim, "migrate.downtime_limit_ns", standby->limit_ns);
	if (later && standby->config.postcopy_after_ns)
		claim(sim, "migrate.postcopy_ns", standby->config.postcopy_after_ns);
	claim(sim, "migrate.downtime_ns", still_ns);
	claim(sim, "migrate.total_ns", standby->total_ns + sim->now_ns - begin_ns);
	return true;
}

bool sim_standby_switch(struct lu_guest *guest, int64_t timeout_ns, GError **error)
{
	struct sim *sim = SIM(guest);

	if (!sim->standby.there)
		return usage(error, "standby.switch", "there is none");
	if (sim->standby.image)
		return sim_image_switch(sim, timeout_ns, error);
	return sim->standby.boots ? hand_over(sim, timeout_ns, error)
				  : finish_move(sim, timeout_ns, error);
}

bool sim_standby_drop(struct lu_guest *guest, GError **error)
{
	struct sim *sim = SIM(guest);
	struct sim_standby *standby = &sim->standby;
	bool stopped =
		standby->there && standby->copied && standby->config.mode != LU_MIGRATION_FILE;

	if (!standby->there && !standby->old)
		return true;
	sim_advance(sim, sim_cost(sim, "standby.drop"));
	sim_standby_clear(sim);
	if (stopped && sim->machine == SIM_PAUSED && !sim->hung) {
		sim_unpause(sim);
		sim_serve(sim);
	}
	sim_update_memory(sim);
	return !sim_injected(sim, "standby.drop", error);
}
