/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The agent's verbs (docs/agent-protocol.md) as a table: each has a check that fails as the real
 * agent would when the verb comes out of order, a cost, and the change it makes once the cost has
 * passed.
 */
#include <string.h>
#include "core/error.h"
#include "iface/workload.h"
#include "sim/state.h"

struct verb {
	const char *name;
	bool (*check)(struct sim *sim, const json_t *args, GError **error);
	/* NULL: the table's cost of that name */
	int64_t (*cost)(struct sim *sim, const json_t *args);
	/* begin: at once; apply: once the cost has passed, reply is the result object to fill */
	void (*begin)(struct sim *sim, const json_t *args);
	void (*apply)(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply);
	void (*failed)(struct sim *sim); /* take back what begin did */
};

static bool fail(GError **error, int code, const char *message)
{
	g_set_error_literal(error, LU_ERROR, code, message);
	return false;
}

static bool flag(const json_t *args, const char *name)
{
	return json_is_true(json_object_get(args, name));
}

static const char *text(const json_t *args, const char *name)
{
	const char *value = json_string_value(json_object_get(args, name));

	return value ? value : "";
}

/* A feature that this machine has built in needs no loading. */
static bool has(struct sim *sim, const char *feature, int code, GError **error)
{
	if (!json_object_get(sim->plan->machine->features, feature) ||
	    g_hash_table_contains(sim->kernel.modules, feature))
		return true;
	g_set_error(error, LU_ERROR, code, "modules of '%s' are not loaded", feature);
	return false;
}

static bool offered(char **list, const char *word, GError **error)
{
	if (g_strv_contains((const char *const *)list, word))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED, "'%s' is not offered here", word);
	return false;
}

static void put_ns(json_t *reply, const char *name, int64_t ns)
{
	json_object_set_new(reply, name, json_integer(ns));
}

static int64_t no_cost(struct sim *sim, const json_t *args)
{
	return sim_cost(sim, "net.unlock"); /* one message over the serial line and back */
}

static void tell_info(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim_update_memory(sim);
	json_object_set_new(reply, "kernel", json_string(sim_release(sim, sim->kernel.release)));
	json_object_set_new(reply, "arch", json_string(sim->plan->machine->arch));
	json_object_set_new(reply, "used_bytes", json_integer(sim->memory.guest_used_bytes));
}

static bool check_modules(struct sim *sim, const json_t *args, GError **error)
{
	size_t i;
	json_t *feature;

	json_array_foreach(json_object_get(args, "features"), i,
			   feature) if (!json_object_get(sim->plan->machine->features,
							 json_string_value(feature)))
	{
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "no module list for feature '%s'", json_string_value(feature));
		return false;
	}
	return true;
}

static int64_t cost_modules(struct sim *sim, const json_t *args)
{
	return (int64_t)json_array_size(json_object_get(args, "features")) *
	       sim_cost(sim, "modules");
}

static void load_modules(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	size_t i;
	json_t *feature;

	json_array_foreach(json_object_get(args, "features"), i, feature) g_hash_table_add(
		sim->kernel.modules, (gpointer)g_intern_string(json_string_value(feature)));
	put_ns(reply, "load_ns", cost_ns);
}

static bool check_net(struct sim *sim, const json_t *args, GError **error)
{
	return has(sim, "net", LU_ERROR_UNSUPPORTED, error);
}

static void net_up(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.net = true;
	sim->kernel.locked = flag(args, "locked");
}

static void net_down(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.net = sim->kernel.locked = false;
}

static void net_lock(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.locked = true;
}

static void net_unlock(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.locked = false;
}

static void thaw(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	if (sim->kernel.service == SIM_STOPPED)
		sim->kernel.service = SIM_RUNNING;
}

static bool check_nudge(struct sim *sim, const json_t *args, GError **error)
{
	if (!sim->kernel.net || sim->kernel.service == SIM_NONE)
		return fail(error, LU_ERROR_FAILED, "no service whose connections could be nudged");
	return true;
}

static void nudge(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	unsigned sockets = sim->peer ? lu_peer_nudge(sim->peer, sim->now_ns) : 0;

	if (flag(args, "thaw"))
		thaw(sim, args, cost_ns, reply);
	json_object_set_new(reply, "sockets", json_integer(sockets));
	put_ns(reply, "nudge_ns", cost_ns);
}

static bool check_start(struct sim *sim, const json_t *args, GError **error)
{
	if (!json_array_size(json_object_get(args, "argv")))
		return fail(error, LU_ERROR_USAGE, "service.start: argv must name a program");
	if (sim->kernel.service != SIM_NONE)
		return fail(error, LU_ERROR_USAGE, "service.start: a service runs already");
	return true;
}

static void start(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim_end_service(sim);
	sim->service =
		sim->plan->workload->model->new (sim->plan->workload_params, sim->plan->seed);
	sim->kernel.service = SIM_RUNNING;
	put_ns(reply, "start_ns", cost_ns);
}

static void stop(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim_end_service(sim);
	if (sim->peer)
		lu_peer_sockets_closed(sim->peer, sim->kernel.net && !sim->kernel.locked,
				       sim->now_ns);
}

static bool check_service(struct sim *sim, const json_t *args, GError **error)
{
	return sim->kernel.service != SIM_NONE || fail(error, LU_ERROR_FAILED, "no service runs");
}

static void freeze(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.service = SIM_STOPPED;
	put_ns(reply, "freeze_ns", cost_ns);
}

static void tell_status(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	static const char *const names[] = {"none", "running", "stopped"};

	json_object_set_new(reply, "state", json_string(names[sim->kernel.service]));
	json_object_set_new(reply, "pid", json_integer(sim->kernel.service ? 10000 : 0));
}

static bool check_store_open(struct sim *sim, const json_t *args, GError **error)
{
	const char *kind = text(args, "kind");

	if (!offered(sim->plan->machine->stores, kind, error) ||
	    !has(sim, g_str_equal(kind, "disk") ? "block" : kind, LU_ERROR_UNSUPPORTED, error) ||
	    !has(sim, "ext4", LU_ERROR_FAILED, error))
		return false;
	if (sim->kernel.store)
		return fail(error, LU_ERROR_USAGE, "store.open: it is open already");
	if (!flag(args, "format") && g_strcmp0(sim->store.kind, kind))
		return fail(error, LU_ERROR_FAILED, "no file system on the store");
	return true;
}

static int64_t cost_store_open(struct sim *sim, const json_t *args)
{
	return sim_cost(sim, "store.open") +
	       (flag(args, "format") ? sim_cost(sim, "store.open:format") : 0);
}

static void store_open(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	if (flag(args, "format"))
		sim->store = (struct sim_store){.kind = g_intern_string(text(args, "kind"))};
	sim->kernel.store = true;
}

static void store_close(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.store = false;
}

static bool check_stage(struct sim *sim, const json_t *args, GError **error)
{
	return has(sim, "block", LU_ERROR_UNSUPPORTED, error);
}

static void stage(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.staged = true;
	put_ns(reply, "stage_ns", cost_ns);
}

static void unstage(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.staged = false;
}

static bool check_load(struct sim *sim, const json_t *args, GError **error)
{
	if (!sim->kernel.staged)
		return fail(error, LU_ERROR_USAGE, "kexec.load: nothing is staged");
	return offered(sim->plan->machine->kexec_methods, text(args, "method"), error) &&
	       offered(sim->plan->machine->images, text(args, "image"), error);
}

static int64_t cost_load(struct sim *sim, const json_t *args)
{
	bool tools = g_str_equal(text(args, "method"), "tools");

	return sim_cost(sim, "kexec.load") + (tools ? sim_cost(sim, "kexec.load:tools") : 0);
}

static void load(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.loaded = true;
	sim->kernel.checksum = flag(args, "checksum");
	sim->kernel.fast = *text(args, "append") != 0;
	sim->kernel.image = g_intern_string(text(args, "image"));
	put_ns(reply, "load_ns", cost_ns);
}

static void unload(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->kernel.loaded = false;
}

static bool check_checkpoint(struct sim *sim, const json_t *args, GError **error)
{
	if (!sim->kernel.store)
		return fail(error, LU_ERROR_REFUSED, "checkpoint: the store is not open");
	if (sim->kernel.service == SIM_NONE)
		return fail(error, LU_ERROR_REFUSED, "checkpoint: no service runs");
	if (!has(sim, "criu", LU_ERROR_REFUSED, error))
		return false;
	if (flag(args, "parent") && !sim->store.rounds)
		return fail(error, LU_ERROR_REFUSED, "checkpoint: there is no parent");
	if (flag(args, "tcp") && !flag(args, "predump") && sim->kernel.net && !sim->kernel.locked)
		return fail(error, LU_ERROR_REFUSED,
			    "checkpoint: the network is up and not locked");
	/* a pre-dump reads memory only */
	if (!flag(args, "predump") &&
	    json_is_true(json_object_get(sim->plan->workload_params, "undumpable")))
		return fail(
			error, LU_ERROR_REFUSED,
			"Error (criu/files.c): the service holds a resource that cannot be dumped");
	return true;
}

static int64_t cost_checkpoint(struct sim *sim, const json_t *args)
{
	bool disk = !g_strcmp0(sim->store.kind, "disk");

	if (flag(args, "parent"))
		return sim_cost(sim, "checkpoint:delta");
	return sim_cost(sim, flag(args, "predump") ? "checkpoint:predump" : "checkpoint") +
	       (disk ? sim_cost(sim, "checkpoint:disk") : 0);
}

/* A dump stops the service from its beginning. A predump stops it too, for too short to matter
 * here. */
static void checkpoint_begin(struct sim *sim, const json_t *args)
{
	if (flag(args, "predump"))
		return;
	sim->store.service = sim->kernel.service;
	sim->kernel.service = SIM_STOPPED;
}

static void checkpoint_failed(struct sim *sim)
{
	if (sim->kernel.service == SIM_STOPPED && sim->store.service == SIM_RUNNING)
		sim->kernel.service = SIM_RUNNING;
}

static void checkpoint(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	bool predump = flag(args, "predump");

	sim->store.bytes += (int64_t)sim_state_bytes(sim) / (flag(args, "parent") ? 10 : 1);
	json_object_set_new(reply, "bytes", json_integer(sim->store.bytes));
	put_ns(reply, "checkpoint_ns", cost_ns);
	if (predump) {
		sim->store.rounds++;
		return;
	}
	put_ns(reply, "frozen_ns", cost_ns * 9 / 10);
	sim->store.image = true;
	sim->store.stale = false;
	if (sim->peer)
		lu_peer_sockets_saved(sim->peer);
}

static void discard(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->store = (struct sim_store){.kind = sim->store.kind};
}

static bool check_restore(struct sim *sim, const json_t *args, GError **error)
{
	if (!sim->kernel.store || !sim->store.image)
		return fail(error, LU_ERROR_REFUSED, "restore: there is no checkpoint");
	if (sim->kernel.service != SIM_NONE)
		return fail(error, LU_ERROR_REFUSED, "restore: a service runs already");
	/* enough when CRIU's answers about this kernel came along with it */
	return has(sim, "criu-restore", LU_ERROR_REFUSED, NULL) ||
	       has(sim, "criu", LU_ERROR_REFUSED, error);
}

static int64_t cost_restore(struct sim *sim, const json_t *args)
{
	bool disk = !g_strcmp0(sim->store.kind, "disk");

	return sim_cost(sim, "restore") + (disk ? sim_cost(sim, "restore:disk") : 0);
}

/* An image from before the service's last writes brings back a service without them. */
static void restore(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	if (sim->store.stale && sim->plan->workload->model->damage)
		sim->plan->workload->model->damage(sim->service, "lose-write");
	sim->kernel.service = sim->store.service;
	if (sim->peer)
		lu_peer_sockets_restored(sim->peer);
	put_ns(reply, "restore_ns", cost_ns);
}

static void sample(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim->sample_ns = json_integer_value(json_object_get(args, "interval_ms")) * 1000000;
	sim->next_sample_ns = sim->now_ns;
}

static void panic(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply)
{
	sim_die(sim, "Kernel panic - not syncing: sysrq triggered crash");
}

static bool check_jump(struct sim *sim, const json_t *args, GError **error)
{
	return sim->kernel.loaded || fail(error, LU_ERROR_USAGE, "kexec.jump: no kernel is loaded");
}

static const struct verb verbs[] = {
	{"ping", .cost = no_cost},
	{"info", .cost = no_cost, .apply = tell_info},
	{"modules", check_modules, cost_modules, .apply = load_modules},
	{"net.up", check_net, .apply = net_up},
	{"net.down", .apply = net_down},
	{"net.lock", .apply = net_lock},
	{"net.unlock", .apply = net_unlock},
	{"net.nudge", check_nudge, .apply = nudge},
	{"service.start", check_start, .apply = start},
	{"service.stop", .apply = stop},
	{"service.freeze", check_service, .apply = freeze},
	{"service.thaw", .apply = thaw},
	{"service.status", .cost = no_cost, .apply = tell_status},
	{"store.open", check_store_open, cost_store_open, .apply = store_open},
	{"store.close", .apply = store_close},
	{"stage", check_stage, .apply = stage},
	{"unstage", .apply = unstage},
	{"kexec.load", check_load, cost_load, .apply = load},
	{"kexec.unload", .apply = unload},
	{"checkpoint", check_checkpoint, cost_checkpoint, checkpoint_begin, checkpoint,
	 checkpoint_failed},
	{"checkpoint.discard", .apply = discard},
	{"restore", check_restore, cost_restore, .apply = restore},
	{"sample", .cost = no_cost, .apply = sample},
	{"panic", .cost = no_cost, .apply = panic},
	{},
};

static const struct verb *find(const char *name, GError **error)
{
	for (const struct verb *verb = verbs; verb->name; verb++)
		if (g_str_equal(verb->name, name))
			return verb;
	g_set_error(error, LU_ERROR, LU_ERROR_USAGE, "'%s' is not a verb of the simulated agent",
		    name);
	return NULL;
}

static bool run(struct sim *sim, const struct verb *verb, const json_t *args, int64_t timeout_ns,
		json_t *reply, GError **error)
{
	int64_t cost;

	if (!sim_alive(sim, verb->name, error))
		return false;
	if (sim->machine == SIM_ON && verb->check && !verb->check(sim, args, error))
		return false;
	cost = verb->cost ? verb->cost(sim, args) : sim_cost(sim, verb->name);
	if (sim->machine == SIM_ON && verb->begin)
		verb->begin(sim, args);
	if (!sim_spend(sim, verb->name, cost, timeout_ns, error)) {
		if (verb->failed)
			verb->failed(sim);
		sim_serve(sim);
		return false;
	}
	if (verb->apply)
		verb->apply(sim, args, cost, reply);
	sim_update_memory(sim);
	sim_serve(sim);
	return true;
}

bool sim_call(struct lu_guest *guest, const char *name, json_t *args, int64_t timeout_ns,
	      json_t **reply, GError **error)
{
	bool script = g_str_equal(name, "script.run");
	const struct verb *verb = script ? NULL : find(name, error);
	int64_t begin_ns = SIM(guest)->now_ns;
	json_t *result = json_object();
	bool ok;

	if (script)
		ok = sim_script(SIM(guest), args, timeout_ns, error);
	else
		ok = verb && run(SIM(guest), verb, args, timeout_ns, result, error);
	if (script)
		put_ns(result, "script_ns", SIM(guest)->now_ns - begin_ns);
	json_decref(args);
	if (ok && reply)
		*reply = result;
	else
		json_decref(result);
	return ok;
}

static int64_t cost_jump(struct sim *sim)
{
	bool bzimage = !g_strcmp0(sim->kernel.image, "bzimage");

	return sim_cost(sim, "kexec.jump") +
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
	sim_stop_kernel(sim);
}

bool sim_jump(struct lu_guest *guest, const char *name, json_t *args, int64_t timeout_ns,
	      GError **error)
{
	struct sim *sim = SIM(guest);
	bool script = g_str_equal(name, "script.run") && flag(args, "jump");
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
