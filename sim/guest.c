/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulated machine: power, clock, death; its verbs are in sim/verbs/. */
#include <inttypes.h>
#include "record/error.h"
#include "model/strategy.h"
#include "model/workload.h"
#include "sim/call.h"
#include "sim/clock.h"
#include "sim/kernel.h"
#include "sim/load.h"
#include "sim/memory-image.h"
#include "sim/seats.h"
#include "sim/service.h"
#include "sim/standby-machine.h"
#include "sim/standby.h"
#include "sim/sim.h"

static int64_t now(struct lu_guest *guest)
{
	return SIM(guest)->now_ns;
}

/* The virtual clock began at midnight. */
static int64_t wall(struct lu_guest *guest)
{
	return SIM(guest)->now_ns;
}

static bool wait_ns(struct lu_guest *guest, int64_t ns, GError **error)
{
	sim_advance(SIM(guest), ns);
	return sim_alive(SIM(guest), "waiting", error);
}

static void turn(struct lu_guest *guest)
{
	SIM(guest)->turned = !SIM(guest)->turned;
}

static bool boot(struct lu_guest *guest, enum lu_release release, int64_t timeout_ns,
		 GError **error)
{
	struct sim *sim = SIM(guest);

	sim->machine = SIM_ON;
	if (!sim_spend(sim, "boot", sim_cost(sim, "boot"), timeout_ns, error))
		return false;
	sim_start_kernel(sim, release);
	return true;
}

/* Parts of a boot that savings leave out, or that the plan adds. */
static int64_t parts_of(struct sim *sim, const GPtrArray *switches)
{
	int64_t sum = 0;

	for (guint i = 0; i < switches->len; i++) {
		g_autofree char *step =
			g_strconcat("power_cycle:", (char *)switches->pdata[i], NULL);

		sum += sim_cost(sim, step);
	}
	return sum;
}

static int64_t cost_power_cycle(struct sim *sim, enum lu_release release)
{
	const struct lu_next_boot *boot = &sim->plan->needs->next_boot;
	int64_t cost = sim_cost(sim, "power_cycle");

	if (release == LU_RELEASE_NEW)
		cost += parts_of(sim, boot->added) - parts_of(sim, boot->saved);
	return MAX(cost, 0);
}

static bool power_cycle(struct lu_guest *guest, enum lu_release release, int64_t timeout_ns,
			GError **error)
{
	struct sim *sim = SIM(guest);
	int64_t cost_ns;

	sim_die(sim, "powered off");
	sim->machine = SIM_ON;
	sim->hung = false;
	cost_ns = cost_power_cycle(sim, release);
	return sim_spend(sim, "power_cycle", cost_ns, timeout_ns, error) &&
	       sim_boot(sim, "power_cycle", release, timeout_ns - cost_ns, error);
}

/* What the words change is in the costs. */
static bool boot_words(struct lu_guest *guest, const char *words, GError **error)
{
	return true;
}

static bool stop(struct lu_guest *guest, GError **error)
{
	struct sim *sim = SIM(guest);

	if (!sim_alive(sim, "stop", error))
		return false;
	sim_advance(sim, sim_cost(sim, "stop"));
	if (sim_injected(sim, "stop", error))
		return false;
	sim_pause(sim);
	return true;
}

static bool cont(struct lu_guest *guest, GError **error)
{
	struct sim *sim = SIM(guest);

	if (!sim_alive(sim, "cont", error))
		return false;
	sim_advance(sim, sim_cost(sim, "cont"));
	if (sim_injected(sim, "cont", error))
		return false;
	sim_unpause(sim);
	sim_serve(sim);
	return true;
}

static bool sabotage(struct lu_guest *guest, const char *kind, GError **error)
{
	struct sim *sim = SIM(guest);

	if (g_str_equal(kind, "hang")) {
		sim_pause(sim);
		sim->hung = true;
	} else if (g_str_equal(kind, "panic"))
		sim_die(sim, "Kernel panic - not syncing: sysrq triggered crash");
	else
		sim_die(sim, "killed");
	return true;
}

static void memory(struct lu_guest *guest, struct lu_memory *memory)
{
	struct sim *sim = SIM(guest);

	g_mutex_lock(&sim->lock);
	*memory = sim->memory;
	g_mutex_unlock(&sim->lock);
}

static const char *kernel(struct lu_guest *guest)
{
	return sim_release(SIM(guest), SIM(guest)->kernel.release);
}

static const char *release_name(struct lu_guest *guest, enum lu_release release)
{
	return sim_release(SIM(guest), release);
}

static json_t *describe(struct lu_guest *guest)
{
	struct sim *sim = SIM(guest);

	return json_pack("{s:s, s:s, s:{s:s, s:s}, s:o*}", "kind", "sim", "costs",
			 sim->costs->machine, "kernels", "old", sim_release(sim, LU_RELEASE_OLD),
			 "new", sim_release(sim, LU_RELEASE_NEW), "image", sim_image_describe(sim));
}

static char *console_tail(struct lu_guest *guest, unsigned lines)
{
	return g_strdup(lines ? SIM(guest)->console->str : "");
}

static void free_model(const struct sim *sim, void **model)
{
	if (*model)
		sim->plan->workload->model->free(*model);
	*model = NULL;
}

static void free_service(struct sim *sim)
{
	sim_end_service(sim);
	free_model(sim, &sim->kernel.saved);
	free_model(sim, &sim->disk.service);
	free_model(sim, &sim->disk.saved);
	g_clear_pointer(&sim->peer, lu_peer_free);
}

static void free_guest(struct lu_guest *guest)
{
	struct sim *sim = SIM(guest);

	sim_each_seat(sim, free_service);
	sim_standby_clear(sim);
	g_hash_table_unref(sim->kernel.modules);
	g_rand_free(sim->random);
	g_string_free(sim->console, TRUE);
	g_free(sim->fail_verb);
	g_free(sim->fail_message);
	g_free(sim->damage);
	json_decref(sim->expects);
	lu_sim_costs_free(sim->costs);
	g_mutex_clear(&sim->lock);
	g_free(sim);
}

static const struct lu_guest_ops ops = {
	.name = "sim",
	.now = now,
	.wall = wall,
	.wait = wait_ns,
	.turn = turn,
	.boot = boot,
	.power_cycle = power_cycle,
	.boot_words = boot_words,
	.stop = stop,
	.cont = cont,
	.call = sim_call,
	.jump = sim_jump,
	.sabotage = sabotage,
	.standby_start = sim_standby_start,
	.standby_call = sim_standby_call,
	.standby_copy = sim_standby_copy,
	.standby_switch = sim_standby_switch,
	.standby_drop = sim_standby_drop,
	.image_expects = sim_image_expects,
	.image_load = sim_image_load,
	.image_rest = sim_image_rest,
	.image_audit = sim_image_audit,
	.load_start = sim_load_start,
	.load_stop = sim_load_stop,
	.exchange = sim_exchange,
	.impair = sim_impair,
	.cut = sim_cut,
	.memory = memory,
	.kernel = kernel,
	.release = release_name,
	.describe = describe,
	.console_tail = console_tail,
	.free = free_guest,
};

static bool has_model(const struct lu_workload *workload, GError **error)
{
	if (workload->model)
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
		    "sim: workload %s has no model of its service", workload->name);
	return false;
}

static bool supported(const struct lu_plan *plan, GError **error)
{
	for (unsigned i = 0; i < lu_plan_services(plan); i++)
		if (!has_model(lu_plan_service(plan, i)->workload, error))
			return false;
	if (plan->initramfs_mb) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "sim: update.initramfs_mb is not modelled, costs are those of the "
			    "initramfs that was measured: 0, or a real guest");
		return false;
	}
	if (plan->cpus > 1) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "sim: %u vCPUs are not modelled, costs are those of one: cpus=1, or a "
			    "real guest",
			    plan->cpus);
		return false;
	}
	return true;
}

struct lu_guest *lu_sim_new(const struct lu_plan *plan, struct lu_timeline *timeline,
			    GError **error)
{
	struct sim *sim;
	struct lu_sim_costs *costs = NULL;
	const guint32 seed[] = {(guint32)plan->seed, (guint32)(plan->seed >> 32)};

	if (supported(plan, error))
		costs = lu_sim_costs_load(plan->machine, error);
	if (!costs)
		return NULL;
	sim = g_new0(struct sim, 1);
	sim->guest.ops = &ops;
	sim->guest.timeline = timeline;
	sim->plan = plan;
	sim_seats_new(sim);
	sim->costs = costs;
	sim_verb_costs(costs);
	sim->random = g_rand_new_with_seed_array(seed, G_N_ELEMENTS(seed));
	sim->kernel.modules = g_hash_table_new(g_str_hash, g_str_equal);
	sim->console = g_string_new("off");
	g_mutex_init(&sim->lock);
	return &sim->guest;
}

void lu_sim_fail_verb(struct lu_guest *guest, const char *verb, int code, const char *message)
{
	struct sim *sim = SIM(guest);

	g_free(sim->fail_verb);
	g_free(sim->fail_message);
	sim->fail_verb = *verb ? g_strdup(verb) : NULL;
	sim->fail_message = g_strdup(message);
	sim->fail_code = code;
}

void lu_sim_damage_at_jump(struct lu_guest *guest, const char *kind)
{
	g_free(SIM(guest)->damage);
	SIM(guest)->damage = g_strdup(kind);
}

const char *lu_sim_left_over(struct lu_guest *guest)
{
	const struct sim *sim = SIM(guest);
	const struct sim_kernel *kernel = &sim->kernel;

	if (sim->standby.there || sim->standby.old)
		return "second machine";
	if (kernel->link)
		return "replication network";
	if (kernel->small_pages)
		return "split pages";
	if (kernel->handover != SIM_ALONE)
		return "new version beside the old one";
	if (kernel->saved)
		return "saved state";
	if (kernel->armed || kernel->held)
		return "armed checkpoint";
	if (kernel->store)
		return "store";
	if (kernel->staged)
		return "staged release";
	if (kernel->loaded)
		return "loaded kernel";
	if (kernel->data == SIM_DATA_HELD)
		return "held data disk";
	for (unsigned i = 0; i < sim->n_seats; i++)
		if (sim_locked_of(sim, i))
			return "network lock";
	for (unsigned i = 0; i < sim->n_seats; i++)
		if (sim_state_of(sim, i) != SIM_RUNNING)
			return "stopped service";
	return NULL;
}
