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
	uint64_t ok, wrong, lost_timeout, lost_reset, lost_refused, lost_end;
	uint64_t reset; /* connections, times */
};

static const char *text(const struct lu_event *event, const char *key)
{
	return json_string_value(json_object_get(event->value, key));
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

static void tally_event(struct tally *tally, const struct lu_event *event)
{
	if (lu_event_is(event, "client", "lost"))
		tally_lost(tally, text(event, "reason"));
	if (lu_event_is(event, "client", "conn") && g_strcmp0(text(event, "state"), "up") != 0)
		tally->reset++;
	if (!lu_event_is(event, "client", "reply"))
		return;
	if (!json_is_true(json_object_get(event->value, "ok"))) {
		tally->wrong++;
		return;
	}
	tally->ok++;
}

static struct tally count(const struct lu_finished_run *finished)
{
	struct tally tally = {0};

	for (size_t i = 0; i < lu_timeline_count(finished->timeline); i++)
		tally_event(&tally, lu_timeline_at(finished->timeline, i));
	return tally;
}

static void judge_connections(const struct lu_finished_run *finished, const struct tally *tally,
			      json_t *oracles)
{
	g_autofree char *evidence = g_strdup_printf("%u connections, %" PRIu64 " resets",
						    finished->plan->connections, tally->reset);
	enum lu_verdict bad = finished->connected ? LU_FAIL : LU_WAIVED;

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
		lost && only_waited(finished, tally) ? lu_oracle_backlog(finished) : g_strdup("");
	g_autofree char *evidence = g_strdup_printf(
		"%" PRIu64 " correct, %" PRIu64 " wrong, %" PRIu64 " lost (%" PRIu64
		" timeout, %" PRIu64 " reset, %" PRIu64 " refused, %" PRIu64 " at the end)%s",
		tally->ok, tally->wrong, lost, tally->lost_timeout, tally->lost_reset,
		tally->lost_refused, tally->lost_end, backlog);

	if (lost)
		verdict =
			finished->connected && !only_waited(finished, tally) ? LU_FAIL : LU_WAIVED;
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
	if (verdict == LU_FAIL && oracle->needs_state && !finished->carried)
		verdict = LU_WAIVED;
	lu_verdicts_add(oracles, oracle->name, verdict, evidence);
}

json_t *lu_oracles_judge(const struct lu_finished_run *finished)
{
	const struct lu_oracle *oracle = finished->plan->workload->oracles;
	json_t *oracles = json_object();
	struct tally tally = count(finished);

	lu_oracle_version(finished, oracles);
	judge_connections(finished, &tally, oracles);
	judge_replies(finished, &tally, oracles);
	lu_oracle_component(finished, oracles);
	lu_oracle_clock(finished, oracles);
	lu_oracle_cycles(finished, oracles);
	if (finished->whole && finished->audit_error)
		lu_verdicts_add(oracles, "audit", LU_FAIL, finished->audit_error);
	for (; oracle && oracle->name; oracle++)
		judge_workload(finished, oracle, oracles);
	return oracles;
}
