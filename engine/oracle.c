/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The oracles. A strategy that says it does not keep state has those on state, connections and
 * losses waived once it has gone past the point of no return, with the number of losses as
 * evidence; nothing is waived in a run that was rolled back. Nor does an upgrade answer for a service
 * that was saturated before it began: what only waited too long is waived, with the figures.
 */
#include <inttypes.h>
#include "model/result.h"
#include "engine/oracle.h"
#include "model/verdicts.h"
#include "model/strategy.h"
#include "model/workload.h"

/* Counts of what the client saw. */
struct tally {
	const char *old, *new, *runs;	 /* versions: before, after, and at the end */
	int64_t switch_begin, new_hello; /* INT64_MAX: never */
	uint64_t ok, wrong, lost_timeout, lost_reset, lost_refused, lost_end;
	uint64_t reset;	      /* connections, times */
	uint64_t early_other; /* not from the old release though it arrived before SWITCH */
	uint64_t late_new, late_other; /* answers to requests sent after the new kernel's hello */
	uint64_t untagged; /* carry no version: attributed to one by the time of sending */
};

static bool is(const struct lu_event *event, const char *source, const char *kind)
{
	return g_str_equal(event->source, source) && g_str_equal(event->kind, kind);
}

static const char *text(const struct lu_event *event, const char *key)
{
	return json_string_value(json_object_get(event->value, key));
}

static int64_t number(const struct lu_event *event, const char *key)
{
	return json_integer_value(json_object_get(event->value, key));
}

/* What is updated: the kernel, which the guest knows, or the application, which the plan names and
 * the timeline records. */
static void find_versions(const struct lu_finished_run *finished, struct tally *tally)
{
	const struct lu_guest_ops *ops = finished->guest->ops;

	if (lu_plan_of_app(finished->plan)) {
		tally->old = tally->runs = lu_plan_app(finished->plan, false);
		tally->new = lu_plan_app(finished->plan, true);
	} else {
		tally->old = ops->release(finished->guest, LU_RELEASE_OLD);
		tally->new = ops->release(finished->guest, LU_RELEASE_NEW);
		tally->runs = ops->kernel(finished->guest);
	}
}

/* The version that this event reports as running; NULL: the event is of another kind. */
static const char *version_begun(const struct lu_finished_run *finished,
				 const struct lu_event *event)
{
	if (lu_plan_of_app(finished->plan))
		return is(event, "guest", "app") ? text(event, "version") : NULL;
	return is(event, "guest", "hello") ? text(event, "kernel") : NULL;
}

/* When the irreversible step began, and when the version after it first spoke. */
static void find_switch(const struct lu_finished_run *finished, struct tally *tally)
{
	tally->switch_begin = tally->new_hello = INT64_MAX;
	for (size_t i = 0; i < lu_timeline_count(finished->timeline); i++) {
		const struct lu_event *event = lu_timeline_at(finished->timeline, i);
		const char *begun;

		if (is(event, "engine", "phase-begin") && tally->switch_begin == INT64_MAX &&
		    !g_strcmp0(text(event, "kind"), lu_phase_kind_name(LU_SWITCH)))
			tally->switch_begin = event->t_ns;
		if (!(begun = version_begun(finished, event)))
			continue;
		if (lu_plan_of_app(finished->plan))
			tally->runs = begun;
		if (event->t_ns >= tally->switch_begin && tally->new_hello == INT64_MAX &&
		    !g_strcmp0(begun, tally->new))
			tally->new_hello = event->t_ns;
	}
}

/* A reply that was computed before the freeze may be delivered after the switch; so the old version
 * is excluded only by the time at which the request was sent, the new one only by the time at which
 * the reply came. */
static void tally_version(const struct lu_finished_run *finished, struct tally *tally,
			  const struct lu_event *event)
{
	const char *version = text(event, "version");
	bool late = number(event, "sent_ns") > tally->new_hello;

	if (!version)
		tally->untagged++;
	if (!finished->switched || event->t_ns < tally->switch_begin)
		tally->early_other += version && g_strcmp0(version, tally->old) != 0;
	if (finished->switched && late && (!version || !g_strcmp0(version, tally->new)))
		tally->late_new++;
	else if (finished->switched && late)
		tally->late_other++;
}

static void tally_lost(struct tally *tally, const char *reason)
{
	if (!g_strcmp0(reason, "timeout"))
		tally->lost_timeout++;
	else if (!g_strcmp0(reason, "reset"))
		tally->lost_reset++;
	else if (!g_strcmp0(reason, "refused"))
		tally->lost_refused++;
	else
		tally->lost_end++;
}

static void tally_event(const struct lu_finished_run *finished, struct tally *tally,
			const struct lu_event *event)
{
	if (is(event, "client", "lost"))
		tally_lost(tally, text(event, "reason"));
	if (is(event, "client", "conn") && g_strcmp0(text(event, "state"), "up") != 0)
		tally->reset++;
	if (!is(event, "client", "reply"))
		return;
	if (!json_is_true(json_object_get(event->value, "ok"))) {
		tally->wrong++;
		return;
	}
	tally->ok++;
	tally_version(finished, tally, event);
}

static struct tally count(const struct lu_finished_run *finished)
{
	struct tally tally = {0};

	find_versions(finished, &tally);
	find_switch(finished, &tally);
	for (size_t i = 0; i < lu_timeline_count(finished->timeline); i++)
		tally_event(finished, &tally, lu_timeline_at(finished->timeline, i));
	return tally;
}

/* The end of an evidence that a backlog from before the upgrade explains as well. Caller frees. */
static char *blame_backlog(const struct lu_finished_run *finished)
{
	g_autofree char *text = lu_saturation_text(&finished->before);

	return g_strconcat("; not judged, since the service was saturated: ", text, NULL);
}

static void judge_version(const struct lu_finished_run *finished, const struct tally *tally,
			  json_t *oracles)
{
	const char *what = lu_plan_of_app(finished->plan) ? "application" : "kernel";
	const char *expected = finished->switched ? tally->new : tally->old, *runs = tally->runs;
	bool pass = !g_strcmp0(expected, runs) && tally->early_other == 0 && tally->late_other == 0;
	enum lu_verdict without = LU_FAIL; /* no reply shows it */
	g_autofree char *evidence = NULL, *backlog = g_strdup("");
	g_autofree char *tied =
		tally->untagged
			? g_strdup_printf(", %" PRIu64 " attributed by time alone", tally->untagged)
			: g_strdup("");

	/* Nothing that was asked later was answered yet: those before it in the queue were not. */
	if (pass && finished->switched && !tally->late_new && finished->before.saturated) {
		g_free(backlog);
		backlog = blame_backlog(finished);
		without = LU_WAIVED;
	}
	if (finished->switched) {
		pass = pass && tally->late_new > 0;
		evidence = g_strdup_printf(
			"%s %s, expected %s; %" PRIu64
			" replies after the switch from the new version, %" PRIu64
			" from another version, %" PRIu64 " before it not from the old version%s%s",
			what, runs, expected, tally->late_new, tally->late_other,
			tally->early_other, tied, backlog);
	} else {
		pass = pass && tally->ok > 0;
		evidence =
			g_strdup_printf("%s %s, expected %s; %" PRIu64 " replies, %" PRIu64
					" not from the old version%s",
					what, runs, expected, tally->ok, tally->early_other, tied);
	}
	lu_verdicts_add(oracles, "version", pass ? LU_PASS : without, evidence);
}

static bool carried(const struct lu_finished_run *finished)
{
	const struct lu_strategy *strategy = finished->plan->strategy;
	bool keeps = strategy->keeps_state &&
		     !(strategy->loses_state && strategy->loses_state(finished->plan));

	return keeps || !finished->done;
}

/* Are the connections expected to be there afterwards? */
static bool connected(const struct lu_finished_run *finished)
{
	const struct lu_strategy *strategy = finished->plan->strategy;
	bool loses = strategy->loses_connections && strategy->loses_connections(finished->plan);

	return carried(finished) && (!loses || !finished->done);
}

static void judge_connections(const struct lu_finished_run *finished, const struct tally *tally,
			      json_t *oracles)
{
	g_autofree char *evidence = g_strdup_printf("%u connections, %" PRIu64 " resets",
						    finished->plan->connections, tally->reset);
	enum lu_verdict bad = connected(finished) ? LU_FAIL : LU_WAIVED;

	lu_verdicts_add(oracles, "connections", tally->reset ? bad : LU_PASS, evidence);
}

/* Given up, not broken: a backlog that the service could not clear before the upgrade either gives
 * just these. */
static bool only_waited(const struct lu_finished_run *finished, const struct tally *tally)
{
	return finished->before.saturated && !tally->lost_reset && !tally->lost_refused;
}

static void judge_replies(const struct lu_finished_run *finished, const struct tally *tally,
			  json_t *oracles)
{
	uint64_t lost =
		tally->lost_timeout + tally->lost_reset + tally->lost_refused + tally->lost_end;
	enum lu_verdict verdict = LU_PASS;
	g_autofree char *backlog =
		lost && only_waited(finished, tally) ? blame_backlog(finished) : g_strdup("");
	g_autofree char *evidence = g_strdup_printf(
		"%" PRIu64 " correct, %" PRIu64 " wrong, %" PRIu64 " lost (%" PRIu64
		" timeout, %" PRIu64 " reset, %" PRIu64 " refused, %" PRIu64 " at the end)%s",
		tally->ok, tally->wrong, lost, tally->lost_timeout, tally->lost_reset,
		tally->lost_refused, tally->lost_end, backlog);

	if (lost)
		verdict =
			connected(finished) && !only_waited(finished, tally) ? LU_FAIL : LU_WAIVED;
	if (tally->wrong || !tally->ok)
		verdict = LU_FAIL;
	lu_verdicts_add(oracles, "replies", verdict, evidence);
}

static void judge_workload(const struct lu_finished_run *finished, const struct lu_oracle *oracle,
			   json_t *oracles)
{
	g_autofree char *evidence = NULL;
	enum lu_verdict verdict;

	if (!finished->whole) {
		lu_verdicts_add(oracles, oracle->name, LU_WAIVED,
				"not judged: the run was aborted");
		return;
	}
	verdict = oracle->judge(finished->client, &evidence);
	if (verdict == LU_FAIL && oracle->needs_state && !carried(finished))
		verdict = LU_WAIVED;
	lu_verdicts_add(oracles, oracle->name, verdict, evidence);
}

json_t *lu_oracles_judge(const struct lu_finished_run *finished)
{
	const struct lu_oracle *oracle = finished->plan->workload->oracles;
	json_t *oracles = json_object();
	struct tally tally = count(finished);

	judge_version(finished, &tally, oracles);
	judge_connections(finished, &tally, oracles);
	judge_replies(finished, &tally, oracles);
	lu_oracle_component(finished, oracles);
	if (finished->whole && finished->audit_error)
		lu_verdicts_add(oracles, "audit", LU_FAIL, finished->audit_error);
	for (; oracle && oracle->name; oracle++)
		judge_workload(finished, oracle, oracles);
	return oracles;
}
