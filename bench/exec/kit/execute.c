/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run: a plan in, a result and its timeline out. */
#include "bench/exec/kit/execute.h"
#include "bench/cli.h"
#include "bench/exec/kit/environment.h"
#include "record/error.h"
#include "model/plugin.h"
#include "model/result.h"
#include "engine/engine.h"
#include "model/strategy.h"
#include "qemu/guest.h"
#include "sim/sim.h"

static struct lu_guest *make_guest(const struct lu_plan *plan, const struct lu_execution *execution,
				   const char *agent_dir, struct lu_timeline *timeline,
				   GError **error)
{
	g_autofree char *kmod_dir = lu_cli_data_dir("kmod");
	const struct lu_qemu_options options = {
		.cancellable = execution->cancellable,
		.agent_dir = agent_dir,
		.kmod_dir = kmod_dir,
		.offline = execution->offline,
		.capture = execution->capture,
		.note = lu_progress_note,
		.note_data = execution->progress,
	};

	if (plan->guest == LU_GUEST_SIM)
		return lu_sim_new(plan, timeline, error);
	return lu_qemu_guest_new(plan, timeline, &options, error);
}

/* A guest that could not be made is an outcome, too. */
static void report_no_guest(struct lu_outcome_report *report, const GError *why)
{
	report->outcome = lu_outcome_from_error(why);
	report->reason = g_strdup(why->message);
	report->oracles = json_object();
	report->environment = json_object();
}

static bool run_guest(const struct lu_plan *plan, const struct lu_execution *execution,
		      struct lu_timeline *timeline, struct lu_outcome_report *report,
		      GError **error)
{
	const struct lu_engine_options options = {
		.progress = lu_progress_show,
		.progress_data = execution->progress,
	};
	g_autofree char *agent_dir = lu_cli_guest_dir();
	g_autoptr(GError) why = NULL;
	struct lu_guest *guest = NULL;

	/* A plan that is refused needs no guest. */
	if (lu_plan_feasible(plan, &why))
		guest = make_guest(plan, execution, agent_dir, timeline, &why);

	if (guest) {
		bool done = lu_engine_run(plan, guest, timeline, &options, report, error);

		lu_guest_free(guest);
		return done;
	}
	if (g_error_matches(why, LU_ERROR, LU_ERROR_INTERRUPTED) ||
	    g_error_matches(why, LU_ERROR, LU_ERROR_USAGE)) {
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	report_no_guest(report, why);
	return true;
}

/* What has carried out the update is part of the conditions of a run. */
static void add_plugin(const struct lu_plan *plan, json_t *environment)
{
	const struct lu_loaded_plugin *plugin = lu_plugin_of(plan->strategy);

	if (plugin)
		json_object_set_new(environment, "plugin",
				    json_pack("{s:s, s:s, s:s, s:i}", "name",
					      plugin->strategy->name, "path", plugin->path,
					      "sha256", plugin->sha256, "abi", LU_PLUGIN_ABI));
}

json_t *lu_execute(const struct lu_plan *plan, const struct lu_execution *execution,
		   struct lu_timeline **timeline, GError **error)
{
	struct lu_outcome_report report = {0};
	struct lu_timeline *events = lu_timeline_new();
	json_t *result = NULL;

	if (run_guest(plan, execution, events, &report, error)) {
		json_object_set_new(report.environment, "host", lu_host_environment());
		add_plugin(plan, report.environment);
		result = lu_result_new(plan, &report, events);
		json_object_set_new(json_object_get(result, "run"), "command", lu_command_line());
	}
	/* The simulator does not check the cancellable;
	 * after a signal there is no result all the same. */
	if (result && g_cancellable_is_cancelled(execution->cancellable)) {
		json_decref(g_steal_pointer(&result));
		g_set_error_literal(error, LU_ERROR, LU_ERROR_INTERRUPTED, "interrupted");
	}
	lu_outcome_report_clear(&report);
	if (result)
		*timeline = events;
	else
		lu_timeline_free(events);
	return result;
}

/* Save the result and call ended(). */
static bool tell(const struct lu_work *work, struct lu_ended *run, int64_t begin_us)
{
	g_autoptr(GError) why = NULL;
	g_autofree char *path = lu_result_save(run->result, run->timeline, work->dir, &why);

	run->path = path;
	run->why = why;
	run->took_us = g_get_monotonic_time() - begin_us;
	return work->ended(work->data, run);
}

bool lu_execute_here(const struct lu_work *work, guint i, bool *enough, GError **error)
{
	const struct lu_execution execution = {work->cancellable, work->progress, work->offline,
					       work->capture};
	const struct lu_plan *plan = g_ptr_array_index(work->plans, i);
	int64_t begin_us = g_get_monotonic_time();
	struct lu_timeline *timeline = NULL;

	lu_progress_next(work->progress);
	json_t *result = lu_execute(plan, &execution, &timeline, error);

	if (!result)
		return false;
	struct lu_ended run = {.index = i, .result = result, .timeline = timeline};

	*enough = !tell(work, &run, begin_us);
	lu_timeline_free(timeline);
	json_decref(result);
	return true;
}
