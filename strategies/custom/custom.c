/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * custom: a strategy of the user's, whose phases are scripts.
 *
 * Mechanism: the folder `dir` has a script for what is to be done in a phase: PHASE.host runs on
 * the host, PHASE.guest in the guest, by its shell; when both are there, the host's first. The next
 * release is staged in the guest before `prepare`. Without a script for `switch` the machine jumps
 * into the kernel that a script has loaded; without one for `restore` the service is started anew
 * on the next kernel. Each script has the phase's deadline, and is killed when that is over.
 * Assumes: that the scripts do what they say. Status 0 is success, 69 (EX_UNAVAILABLE) a refusal,
 * any other a failure; up to PRESERVE `rollback` is then run for the phase that failed and for each
 * before it that has a script, the latest first. The next kernel's agent has to come up after the
 * switch.
 * Blackout: wherever the scripts cause it; phases say only which script was running.
 */
#include "model/bringup.h"
#include "model/machine.h"
#include "model/strategy.h"
#include "model/workload.h"
#include "record/error.h"
#include "strategies/custom/note.h"
#include "strategies/custom/scripts.h"

#define FOLDER	"/etc/lubench/custom"
#define PIDFILE "/run/service.pid"
#define NS_MS	1000000

static const struct lu_param params[] = {
	{"dir", LU_PARAM_DOCUMENT, "checkpoint-by-hand", .folder = "examples/strategies",
	 .help = "the folder with the scripts", .read = lu_scripts_read, .check = lu_scripts_check},
	{},
};

/* Runs a script in the guest: what it is told goes before it. Its output may be read meanwhile, so
 * it leads a session of its own, all of which is killed when it takes too long. */
static const char runner[] = "#!/bin/sh\n"
			     "# SCRIPT NAME=VALUE…\n"
			     "script=$1\n"
			     "shift\n"
			     "export \"$@\"\n"
			     "cd " FOLDER " && exec setsid sh ./$script\n";

struct state {
	int64_t pid; /* of the service on the old kernel, 0: not asked yet */
};

static const json_t *document(const struct lu_plan *plan)
{
	return json_object_get(plan->strategy_params, "dir");
}

static const char *word(const struct lu_plan *plan, const char *key)
{
	return json_string_value(json_object_get(document(plan), key));
}

static bool flag(const struct lu_plan *plan, const char *key)
{
	return json_is_true(json_object_get(document(plan), key));
}

/* "prepare" + ".guest"; NULL: there is no such script. */
static const char *script_name(const struct lu_plan *plan, const char *step, const char *where)
{
	g_autofree char *lower = g_ascii_strdown(step, -1);
	g_autofree char *name = g_strconcat(lower, where, NULL);

	return lu_scripts_text(document(plan), name) ? g_intern_string(name) : NULL;
}

static bool has_script(const struct lu_plan *plan, const char *step)
{
	return script_name(plan, step, ".guest") || script_name(plan, step, ".host");
}

static bool loses_state(const struct lu_plan *plan)
{
	return !flag(plan, "keeps_state");
}

static bool check(const struct lu_plan *plan, GError **error)
{
	const char *store = word(plan, "store");
	g_autofree char *have = g_strjoinv(", ", plan->machine->stores);

	if (!lu_bringup_movable(plan, error))
		return false;
	if (plan->guest == LU_GUEST_SIM) {
		g_set_error_literal(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
				    "custom: the simulator does not model scripts; a real guest "
				    "runs them");
		return false;
	}
	if (g_str_equal(store, "none") ||
	    g_strv_contains((const char *const *)plan->machine->stores, store))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED, "store=%s: machine %s has %s", store,
		    plan->machine->name, *have ? have : "none");
	return false;
}

static void add_words(const struct lu_plan *plan, struct lu_needs *needs, const char *key,
		      void (*add)(struct lu_needs *needs, const char *name))
{
	json_t *name;
	size_t i;

	json_array_foreach(json_object_get(document(plan), key), i, name)
	{
		const char *text = json_string_value(name);

		/* what a machine does not list is built in */
		if (add != lu_needs_feature || json_object_get(plan->machine->features, text))
			add(needs, text);
	}
}

static void add_scripts(const struct lu_plan *plan, struct lu_needs *needs)
{
	const char *name;
	json_t *text;

	json_object_foreach(json_object_get(document(plan), "scripts"), name, text)
	{
		g_autofree char *path = g_build_filename(FOLDER, name, NULL);

		if (!g_str_has_suffix(name, ".host"))
			lu_needs_text(needs, path, json_string_value(text), true);
	}
	lu_needs_text(needs, FOLDER "/run", runner, true);
}

static void needs(const struct lu_plan *plan, struct lu_needs *needs)
{
	uint64_t state = plan->workload->state_bytes(plan->workload_params) >> 20;
	char **images = plan->machine->images;
	const char *store = word(plan, "store");

	add_words(plan, needs, "features", lu_needs_feature);
	add_words(plan, needs, "programs", lu_needs_program);
	add_words(plan, needs, "packages", lu_needs_package);
	lu_needs_program(needs, "busybox");
	add_scripts(plan, needs);
	needs->stage_next = flag(plan, "stage_next");
	/* as it is shipped: what kexec-tools take */
	needs->kernel_image =
		g_strv_contains((const char *const *)images, "bzimage") ? "bzimage" : images[0];
	if (g_str_equal(store, "none"))
		return;
	needs->store = g_intern_string(store);
	/* a file system's overhead, at mke2fs's defaults */
	needs->store_mb = (unsigned)(state + state / 4) + 96;
}

static bool find_service(struct lu_run *run, GError **error)
{
	struct state *state = run->state;
	json_auto_t *reply = NULL;

	if (!lu_run_call(run, "service.status", NULL, &reply, error))
		return false;
	state->pid = json_integer_value(json_object_get(reply, "pid"));
	return true;
}

static void add_variable(json_t *list, const char *name, const char *format, ...)
	G_GNUC_PRINTF(3, 4);
static void add_variable(json_t *list, const char *name, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *value = g_strdup_vprintf(format, args);
	g_autofree char *both = g_strconcat(name, "=", value, NULL);

	va_end(args);
	json_array_append_new(list, json_string(both));
}

/* What a script is told, NAME=VALUE; docs/reference/custom-strategy.md lists them. */
static json_t *variables(struct lu_run *run, const char *phase)
{
	const struct state *state = run->state;
	const struct lu_plan *plan = run->plan;
	json_t *list = json_array();

	add_variable(list, "LUBENCH_PHASE", "%s", phase);
	add_variable(list, "LUBENCH_SERVICE_PID", "%" G_GINT64_FORMAT, state->pid);
	add_variable(list, "LUBENCH_SERVICE_PORT", "%u",
		     lu_workload_port(plan->workload, plan->workload_params));
	add_variable(list, "LUBENCH_PIDFILE", PIDFILE);
	add_variable(list, "LUBENCH_KERNEL", "/run/next/kernel");
	add_variable(list, "LUBENCH_INITRD", "/run/next/initrd");
	add_variable(list, "LUBENCH_ADDRESS", "10.0.2.15/24");
	add_variable(list, "LUBENCH_GATEWAY", "10.0.2.2");
	return list;
}

/* What it printed is part of the result. */
static void keep_output(struct lu_run *run, const char *script, const char *output)
{
	g_autofree char *name = g_strconcat("custom.", script, NULL);
	g_autofree char *line = lu_script_note(output ? output : "");

	if (*line)
		lu_run_note(run, name, line);
}

static bool run_in_guest(struct lu_run *run, const char *script, const char *phase, bool jumps,
			 GError **error)
{
	g_autofree char *claim = g_strconcat("custom.", script, NULL);
	json_t *words = variables(run, phase);
	json_auto_t *reply = NULL;
	json_t *args;

	json_array_insert_new(words, 0, json_string(script));
	args = json_pack("{s:s, s:o, s:s, s:I, s:b}", "path", FOLDER "/run", "args", words,
			 "pidfile", PIDFILE, "timeout_ms",
			 (json_int_t)MAX(lu_run_left(run) / NS_MS, 1), "jump", (int)jumps);
	if (jumps)
		return lu_run_jump(run, "script.run", args, error);
	if (!lu_run_call(run, "script.run", args, &reply, error)) {
		g_prefix_error(error, "%s: ", script);
		return false;
	}
	lu_run_claims(run, claim, reply);
	keep_output(run, script, json_string_value(json_object_get(reply, "output_tail")));
	return true;
}

static bool run_on_host(struct lu_run *run, const char *script, const char *phase, GError **error)
{
	const struct lu_guest_ops *ops = run->guest->ops;
	json_auto_t *words = variables(run, phase);
	struct lu_host_script what = {
		.name = script,
		.text = lu_scripts_text(document(run->plan), script),
		.variables = words,
	};
	g_autofree char *output = NULL;
	bool ok;

	if (!ops->host_script) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "custom: a guest of kind %s runs no scripts on the host", ops->name);
		return false;
	}
	ok = ops->host_script(run->guest, &what, lu_run_left(run), &output, error);
	keep_output(run, script, output);
	return ok;
}

/* Both scripts of a step; true if there is none. */
static bool run_step(struct lu_run *run, const char *step, const char *phase, bool jumps,
		     GError **error)
{
	const char *host = script_name(run->plan, step, ".host");
	const char *guest = script_name(run->plan, step, ".guest");

	return (!host || run_on_host(run, host, phase, error)) &&
	       (!guest || run_in_guest(run, guest, phase, jumps, error));
}

static bool roll_back(struct lu_run *run, enum lu_phase_kind kind, GError **error)
{
	const char *phase = lu_phase_kind_name(kind);

	return !has_script(run->plan, phase) || run_step(run, "rollback", phase, false, error);
}

/* The next release is on a disk, whose driver may be a module. */
static bool copy_next(struct lu_run *run, GError **error)
{
	static const char *const block[] = {"block", NULL};

	return (!json_object_get(run->plan->machine->features, block[0]) ||
		lu_bringup_modules(run->guest, block, run->deadline_ns, NULL, error)) &&
	       lu_run_call(run, "stage", NULL, NULL, error);
}

static bool stage(struct lu_run *run, GError **error)
{
	return find_service(run, error) &&
	       (!flag(run->plan, "stage_next") || copy_next(run, error));
}

static bool unstage(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "unstage", NULL, NULL, error);
}

#define STEP(name, kind)                                                                           \
	static bool name(struct lu_run *run, GError **error)                                       \
	{                                                                                          \
		return run_step(run, #kind, #kind, false, error);                                  \
	}
#define UNDO(name, kind)                                                                           \
	static bool name(struct lu_run *run, GError **error)                                       \
	{                                                                                          \
		return roll_back(run, LU_##kind, error);                                           \
	}
STEP(prepare, PREPARE)
STEP(freeze, FREEZE)
STEP(preserve, PRESERVE)
STEP(resume, RESUME)
STEP(finish, FINISH)
UNDO(undo_prepare, PREPARE)
UNDO(undo_freeze, FREEZE)
UNDO(undo_preserve, PRESERVE)

/* A script in the guest leaves its kernel: the next one's hello is the answer. */
static bool switch_over(struct lu_run *run, GError **error)
{
	if (has_script(run->plan, "SWITCH"))
		return run_step(run, "SWITCH", "SWITCH", true, error);
	return lu_run_jump(run, "kexec.jump", NULL, error);
}

static bool restore(struct lu_run *run, GError **error)
{
	if (has_script(run->plan, "RESTORE"))
		return run_step(run, "RESTORE", "RESTORE", false, error);
	return lu_bringup(run->guest, run->plan, run->deadline_ns, error);
}

static const struct lu_phase phases[] = {
	{LU_PREPARE, "stage the next release", stage, unstage},
	{LU_PREPARE, "prepare.host, prepare.guest", prepare, undo_prepare},
	{LU_FREEZE, "freeze.host, freeze.guest", freeze, undo_freeze},
	{LU_PRESERVE, "preserve.host, preserve.guest", preserve, undo_preserve},
	{LU_SWITCH, "switch.host, switch.guest, or jump", switch_over},
	{LU_RESTORE, "restore.host, restore.guest, or start", restore},
	{LU_RESUME, "resume.host, resume.guest", resume},
	{LU_FINISH, "finish.host, finish.guest", finish},
	{},
};

static const char *const updates[] = {"kernel", NULL};

const struct lu_strategy lu_strategy_custom = {
	.name = "custom",
	.summary = "a strategy of the user's: its phases are scripts, in the guest and on the host",
	.params = params,
	.phases = phases,
	.state_size = sizeof(struct state),
	.updates = updates,
	.keeps_state = true,
	.loses_state = loses_state,
	.once = "its scripts lead to the new release only",
	.switches = true,
	.check = check,
	.needs = needs,
};
