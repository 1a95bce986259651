/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * migrate: migrates the running guest to another QEMU process; its kernel does not change.
 *
 * Mechanism: the guest's standby operations (on a real one: QEMU's migration over a socket pair
 * or through a file in memory). precopy sends memory while the machine runs, and what was dirtied
 * meanwhile again, until the rest fits the downtime limit; postcopy sends it once, lets the
 * machine run at the destination and fetches the rest on demand; file saves a stopped machine as
 * a whole and loads it.
 * Assumes: that the service dirties memory more slowly than it can be sent. Otherwise precopy
 * without auto_converge does not converge: its downtime limit may be raised step by step, it may
 * be switched to post-copy after a time, and after max_rounds it is given up, or forced to end.
 * Blackout: begins when the machine is paused, at the end of PREPARE, ends when the other one
 * runs, within SWITCH.
 */
#include <string.h>
#include "record/error.h"
#include "model/strategy.h"

#define MEGABYTE 1000000

static const char *const modes[] = {"precopy", "postcopy", "file", NULL};

static const char *const ends[] = {"fail", "force", NULL};

static const char *const logs[] = {"sound", "fast", NULL};

static const struct lu_param params[] = {
	{"mode", LU_PARAM_CHOICE, "precopy", .choices = modes, .help = "how memory is transferred"},
	{"bandwidth_mb_s", LU_PARAM_INT, "1000", 1, 100000, NULL,
	 "bandwidth limit while the machine runs, 10^6 bytes per second"},
	{"link_mb_s", LU_PARAM_INT, "0", 0, 100000, NULL,
	 "rate limit of the transport between the machines, 10^6 bytes per second; 0: none"},
	{"downtime_limit_ms", LU_PARAM_INT, "300", 1, 60000, NULL,
	 "precopy: pause once the rest is estimated to take this long, ms"},
	{"downtime_step_ms", LU_PARAM_INT, "0", 0, 60000, NULL,
	 "precopy: raise the limit by this at each interval, ms; 0: keep it"},
	{"downtime_every_ms", LU_PARAM_INT, "1000", 1, 3600000, NULL,
	 "precopy: that interval, from the beginning of the copy, ms"},
	{"downtime_most_ms", LU_PARAM_INT, "60000", 1, 60000, NULL,
	 "precopy: the highest limit of such a ramp, ms"},
	{"postcopy_after_ms", LU_PARAM_INT, "0", 0, 3600000, NULL,
	 "precopy: switch to post-copy after this time unless the rest fits before, ms; 0: never"},
	{"max_rounds", LU_PARAM_INT, "30", 0, 100000, NULL,
	 "precopy: passes over memory before it is given up or forced, 0: unlimited"},
	{"not_converging", LU_PARAM_CHOICE, "fail", .choices = ends,
	 .help = "precopy, after max_rounds: give up, or pause until the rest is sent"},
	{"target_qemu", LU_PARAM_NAME, "same",
	 .help = "program of the other machine: a name on PATH, same, or other: of another "
		 "version"},
	{"multifd_channels", LU_PARAM_INT, "0", 0, 16, NULL, "parallel streams, 0: a single one"},
	{"xbzrle", LU_PARAM_BOOL, "off", .help = "precopy: send repeated pages as differences"},
	{"auto_converge", LU_PARAM_BOOL, "off",
	 .help = "precopy: throttle a guest that dirties memory too fast"},
	{"dirty_log", LU_PARAM_CHOICE, "sound", .choices = logs,
	 .help = "emulated machine: a memory size at which QEMU before 9.0 tracks each write, or "
		 "fast "
		 "and lossy"},
	{"compare", LU_PARAM_BOOL, "off",
	 .help = "compare all pages while both machines are paused, which lengthens the pause"},
	{},
};

static struct lu_migration_config config_of(const json_t *values)
{
	const char *mode = lu_param_str(values, "mode");
	struct lu_migration_config config = {
		.bandwidth = (uint64_t)lu_param_int(values, "bandwidth_mb_s") * MEGABYTE,
		.transport_rate = (uint64_t)lu_param_int(values, "link_mb_s") * MEGABYTE,
		.channels = (unsigned)lu_param_int(values, "multifd_channels"),
		.max_rounds = (unsigned)lu_param_int(values, "max_rounds"),
		.force = g_str_equal(lu_param_str(values, "not_converging"), "force"),
		.downtime_limit_ns = lu_param_int(values, "downtime_limit_ms") * 1000000,
		.ramp = {lu_param_int(values, "downtime_step_ms") * 1000000,
			 lu_param_int(values, "downtime_every_ms") * 1000000,
			 lu_param_int(values, "downtime_most_ms") * 1000000},
		.postcopy_after_ns = lu_param_int(values, "postcopy_after_ms") * 1000000,
		.xbzrle = lu_param_bool(values, "xbzrle"),
		.auto_converge = lu_param_bool(values, "auto_converge"),
		.compare = lu_param_bool(values, "compare"),
	};

	while (modes[config.mode] && !g_str_equal(modes[config.mode], mode))
		config.mode++;
	return config;
}

static bool through_file(const struct lu_run *run)
{
	return config_of(run->params).mode == LU_MIGRATION_FILE;
}

/* A request that cannot be met is noted in the result. */
static void note_dirty_log(struct lu_run *run)
{
	if (g_str_equal(lu_param_str(run->params, "dirty_log"), "sound") &&
	    run->plan->machine->memory_step_mb > 1)
		lu_run_note(run, "migrate.dirty_log",
			    "fast: this machine's memory has no other sizes; emulated by QEMU "
			    "before 9.0 it may lose pages");
}

static bool start(struct lu_run *run, GError **error)
{
	if (!run->guest->ops->standby_start) {
		g_set_error(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "guest %s has no second machine to migrate to", run->guest->ops->name);
		return false;
	}
	note_dirty_log(run);
	return run->guest->ops->standby_start(run->guest, LU_STANDBY_INCOMING, LU_RELEASE_OLD,
					      lu_run_left(run), error);
}

static bool drop(struct lu_run *run, GError **error)
{
	return run->guest->ops->standby_drop(run->guest, error);
}

static bool copy(struct lu_run *run, GError **error)
{
	const struct lu_migration_config config = config_of(run->params);

	return run->guest->ops->standby_copy(run->guest, &config, lu_run_left(run), error);
}

static bool copy_running(struct lu_run *run, GError **error)
{
	return through_file(run) || copy(run, error);
}

/* Otherwise the copy has paused it, and dropping the standby resumes it. */
static bool stand_still(struct lu_run *run, GError **error)
{
	return !through_file(run) || run->guest->ops->stop(run->guest, error);
}

static bool go_on(struct lu_run *run, GError **error)
{
	return !through_file(run) || run->guest->ops->cont(run->guest, error);
}

static bool copy_standing(struct lu_run *run, GError **error)
{
	return !through_file(run) || copy(run, error);
}

static bool change_over(struct lu_run *run, GError **error)
{
	return run->guest->ops->standby_switch(run->guest, lu_run_left(run), error);
}

/* A machine that runs does not necessarily work. */
static bool hear_from_it(struct lu_run *run, GError **error)
{
	return lu_run_call(run, "ping", NULL, NULL, error);
}

static const struct lu_phase phases[] = {
	{LU_PREPARE, "start the other machine", start, drop},
	{LU_PREPARE, "copy the running machine until the rest fits", copy_running},
	{LU_FREEZE, "pause the machine", stand_still, go_on},
	{LU_PRESERVE, "save the paused machine", copy_standing},
	{LU_SWITCH, "transfer the rest and the address", change_over},
	{LU_RESUME, "check that the agent answers", hear_from_it},
	{LU_FINISH, "end the old machine", drop},
	{},
};

/* An option without effect would make a comparison misleading. */
static bool check_option(const json_t *values, const char *option, GError **error)
{
	const char *mode = lu_param_str(values, "mode");
	const json_t *value = json_object_get(values, option);
	bool on = json_is_integer(value) ? json_integer_value(value) : json_is_true(value);

	if (!on || g_str_equal(mode, "precopy"))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
		    "%s: applies to repeated rounds, and mode=%s has none; allowed: mode=precopy",
		    option, mode);
	return false;
}

/* A ramp that begins at its end. */
static bool check_ramp(const json_t *values, GError **error)
{
	int64_t limit = lu_param_int(values, "downtime_limit_ms");

	if (!lu_param_int(values, "downtime_step_ms") ||
	    limit < lu_param_int(values, "downtime_most_ms"))
		return true;
	g_set_error(error, LU_ERROR, LU_ERROR_REFUSED,
		    "downtime_most_ms: a ramp from downtime_limit_ms=%" G_GINT64_FORMAT
		    " has to end above it",
		    limit);
	return false;
}

static bool refuse(const char *why, GError **error)
{
	g_set_error(error, LU_ERROR, LU_ERROR_REFUSED, "multifd_channels: %s", why);
	return false;
}

/* QEMU has parallel streams only with pre-copy and whole pages. */
static bool check_channels(const json_t *values, GError **error)
{
	if (!lu_param_int(values, "multifd_channels"))
		return true;
	if (!g_str_equal(lu_param_str(values, "mode"), "precopy"))
		return refuse("QEMU has parallel streams in pre-copy only; allowed: mode=precopy",
			      error);
	if (lu_param_int(values, "postcopy_after_ms"))
		return refuse("QEMU cannot switch parallel streams to post-copy; allowed: "
			      "postcopy_after_ms=0",
			      error);
	if (lu_param_bool(values, "xbzrle"))
		return refuse("xbzrle uses a single stream; allowed: xbzrle=off", error);
	if (lu_param_int(values, "link_mb_s"))
		return refuse("the rate limiter carries a single stream; allowed: link_mb_s=0",
			      error);
	return true;
}

static bool check_target(const struct lu_plan *plan, GError **error)
{
	if (plan->guest != LU_GUEST_SIM ||
	    g_str_equal(lu_param_str(plan->strategy_params, "target_qemu"), "same"))
		return true;
	g_set_error_literal(error, LU_ERROR, LU_ERROR_UNSUPPORTED,
			    "target_qemu: the simulated machine has no versions; allowed: same");
	return false;
}

static void needs(const struct lu_plan *plan, struct lu_needs *all)
{
	const char *target = lu_param_str(plan->strategy_params, "target_qemu");

	all->dirty_log = g_str_equal(lu_param_str(plan->strategy_params, "dirty_log"), "sound");
	if (!g_str_equal(target, "same"))
		all->standby_qemu = g_intern_string(target);
}

/* From a machine of another program the next one would go to the same program again. */
static bool check_back(const struct lu_plan *plan, GError **error)
{
	if (plan->cycles == 1 ||
	    g_str_equal(lu_param_str(plan->strategy_params, "target_qemu"), "same"))
		return true;
	g_set_error_literal(error, LU_ERROR, LU_ERROR_REFUSED,
			    "target_qemu: with cycles above 1 nothing goes back to the first "
			    "program; allowed: same");
	return false;
}

static bool check(const struct lu_plan *plan, GError **error)
{
	return check_back(plan, error) && check_target(plan, error) &&
	       check_channels(plan->strategy_params, error) &&
	       check_option(plan->strategy_params, "xbzrle", error) &&
	       check_option(plan->strategy_params, "auto_converge", error) &&
	       check_option(plan->strategy_params, "downtime_step_ms", error) &&
	       check_option(plan->strategy_params, "postcopy_after_ms", error) &&
	       check_ramp(plan->strategy_params, error);
}

static const char *const updates[] = {"vmm", NULL};

const struct lu_strategy lu_strategy_migrate = {
	.name = "migrate",
	.summary = "migrates the running guest to another QEMU process",
	.params = params,
	.phases = phases,
	.updates = updates,
	.keeps_state = true,
	.repeats = true,
	.switches = false,
	.check = check,
	.needs = needs,
};
