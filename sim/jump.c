/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The jump from one kernel into the next by kexec. */
#include "sim/call.h"
#include "record/error.h"
#include "model/strategy.h"
#include "model/workload.h"
#include "sim/clock.h"
#include "sim/kernel.h"
#include "sim/seats.h"
#include "sim/service.h"
#include "sim/verb.h"

static bool is_loaded(struct sim *sim, GError **error)
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

/* All state that is not in a checkpoint is lost. */
static void leave_service(struct sim *sim)
{
	if (sim->peer)
		lu_peer_sockets_closed(sim->peer, false, sim->now_ns);
	if (!sim->store.image)
		sim_end_service(sim);
	else if (sim->damage && sim->plan->workload->model->damage)
		sim->plan->workload->model->damage(sim->service, sim->damage);
}

static void leave_kernel(struct sim *sim)
{
	sim_each_seat(sim, leave_service);
	if (sim->kernel.data == SIM_DATA_OPEN)
		sim->disk.unheld = true;
	sim_stop_kernel(sim);
}

bool sim_boot(struct sim *sim, const char *what, enum lu_release release, int64_t timeout_ns,
	      GError **error)
{
	enum lu_next_fault fault =
		release == LU_RELEASE_NEW ? sim->plan->needs->next_fault : LU_NEXT_SOUND;

	if (fault == LU_NEXT_PANICS) {
		sim_die(sim, "Kernel panic - not syncing: VFS: Unable to mount root fs");
		return sim_alive(sim, what, error);
	}
	if (fault == LU_NEXT_HANGS) {
		sim_pause(sim);
		sim->hung = true;
		return sim_spend(sim, what, 0, timeout_ns, error);
	}
	sim_start_kernel(sim, sim_role(sim, release));
	return true;
}

static const struct sim_verb *find_jump(const char *name, const json_t *args, GError **error)
{
	const struct sim_verb *verb = sim_verb_find(name, NULL);

	if (verb && verb->jumps && verb->jumps(args))
		return verb;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "'%s' does not start a kernel", name);
	return NULL;
}

/* A verb that does more than jump has its own cost, too. */
static int64_t cost_before(struct sim *sim, const struct sim_verb *verb)
{
	return verb->run ? sim_cost(sim, verb->name) : 0;
}

bool sim_jump(struct lu_guest *guest, const char *name, json_t *args, int64_t timeout_ns,
	      GError **error)
{
	struct sim *sim = SIM(guest);
	const struct sim_verb *verb = find_jump(name, args, error);
	int64_t cost = verb ? cost_before(sim, verb) : 0;

	json_decref(args);
	if (!verb || !sim_alive(sim, name, error))
		return false;
	if (sim->machine == SIM_ON && !is_loaded(sim, error))
		return false;
	cost += cost_jump(sim);
	if (sim->machine == SIM_ON)
		leave_kernel(sim);
	if (!sim_spend(sim, "kexec.jump", cost, timeout_ns, error))
		return false;
	return sim_boot(sim, "kexec.jump", LU_RELEASE_NEW, timeout_ns - cost, error);
}
