/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The oracle on versions of a kernel component: replies carry the version of each instance. Before
 * the strategy changes anything all instances have the first version, or what the upgrade before
 * left; once it is done, or undone, each must have the one that is expected of it; and those that it
 * does not update must have the same one throughout.
 */
#include <inttypes.h>
#include "engine/oracle-each.h"
#include "model/strategy.h"
#include "model/workload.h"

struct component_tally {
	const char *first[LU_COMPONENT_INSTANCES], *expected[LU_COMPONENT_INSTANCES];
	bool bystander[LU_COMPONENT_INSTANCES];
	int64_t begun, settled; /* INT64_MAX: never */
	uint64_t replies, late, early_other, late_other, touched, silent;
};

static bool of_kind(const struct lu_event *event, enum lu_phase_kind kind)
{
	return !g_strcmp0(json_string_value(json_object_get(event->value, "kind")),
			  lu_phase_kind_name(kind));
}

/* That of an instance after that upgrade; NULL: as it was. */
static const char *version_after(const struct lu_plan *plan, unsigned instance, unsigned cycle)
{
	const struct lu_strategy *strategy = plan->strategy;

	return strategy->instance_version ? strategy->instance_version(plan, instance, cycle)
					  : NULL;
}

static void set_first(const struct lu_finished_run *finished, struct component_tally *tally)
{
	const struct lu_plan *plan = finished->plan;

	for (unsigned i = 0; i < LU_COMPONENT_INSTANCES; i++) {
		const char *before =
			finished->cycle ? version_after(plan, i, finished->cycle - 1) : NULL;

		tally->first[i] = before ?: plan->workload->component->versions[0];
	}
}

/* done: the strategy has finished; else it was undone, or has not begun. */
static void set_expected(const struct lu_finished_run *finished, struct component_tally *tally,
			 bool done)
{
	for (unsigned i = 0; i < LU_COMPONENT_INSTANCES; i++) {
		const char *version = version_after(finished->plan, i, finished->cycle);

		tally->bystander[i] = !version;
		tally->expected[i] = done && version ? version : tally->first[i];
	}
}

/* Changes begin after PREPARE; the last SWITCH settles them, or the last undo. */
static void find_phases(const struct lu_finished_run *finished, struct component_tally *tally)
{
	tally->begun = tally->settled = INT64_MAX;
	for (size_t i = 0; i < lu_timeline_count(finished->timeline); i++) {
		const struct lu_event *event = lu_timeline_at(finished->timeline, i);
		bool undone = lu_event_is(event, "engine", "undo-end");

		if (lu_event_is(event, "engine", "phase-begin") && tally->begun == INT64_MAX &&
		    !of_kind(event, LU_PREPARE))
			tally->begun = event->t_ns;
		if (!undone &&
		    !(lu_event_is(event, "engine", "phase-end") && of_kind(event, LU_SWITCH)))
			continue;
		tally->settled = event->t_ns;
		set_expected(finished, tally, !undone);
	}
}

static void tally_versions(struct component_tally *tally, const json_t *versions, bool early,
			   bool late)
{
	bool early_other = false, late_other = false, touched = false;

	for (unsigned i = 0; i < LU_COMPONENT_INSTANCES; i++) {
		const char *version = json_string_value(json_array_get(versions, i));
		bool is_first = !g_strcmp0(version, tally->first[i]);

		early_other |= early && !is_first;
		late_other |= late && g_strcmp0(version, tally->expected[i]) != 0;
		touched |= tally->bystander[i] && !is_first;
	}
	tally->early_other += early_other;
	tally->late_other += late_other;
	tally->touched += touched;
}

static void tally_reply(struct component_tally *tally, const struct lu_event *event)
{
	int64_t sent_ns = json_integer_value(json_object_get(event->value, "sent_ns"));
	const json_t *versions = json_object_get(event->value, "module");
	bool early = event->t_ns<tally->begun, late = sent_ns> tally->settled;

	if (!json_is_true(json_object_get(event->value, "ok")))
		return;
	tally->replies++;
	tally->late += late;
	tally->silent += !versions;
	if (versions)
		tally_versions(tally, versions, early, late);
}

static enum lu_verdict verdict_of(const struct lu_finished_run *finished,
				  const struct component_tally *tally, char **evidence)
{
	bool settled = tally->settled != INT64_MAX;
	bool clean = !tally->early_other && !tally->late_other && !tally->touched && !tally->silent;
	bool shown = settled ? tally->late : tally->replies;
	/* Nothing that was asked later was answered yet: those before it in the queue were not. */
	bool backlog = clean && !shown && finished->before.saturated;
	g_autofree char *text = lu_saturation_text(&finished->before);

	*evidence = g_strdup_printf(
		"%" PRIu64 " replies, %" PRIu64
		" after the change, where %s %s and %s %s are expected; "
		"%" PRIu64 " differ, %" PRIu64 " not %s before it, %" PRIu64
		" with a change to the instance that should not change, %" PRIu64
		" carry no version%s%s",
		tally->replies, tally->late, finished->plan->workload->component->instances[0],
		tally->expected[0], finished->plan->workload->component->instances[1],
		tally->expected[1], tally->late_other, tally->early_other, tally->first[0],
		tally->touched, tally->silent,
		backlog ? "; not judged, since the service was saturated: " : "",
		backlog ? text : "");

	return clean && shown ? LU_PASS : backlog ? LU_WAIVED : LU_FAIL;
}

static enum lu_verdict judge(const struct lu_finished_run *finished, bool last, char **evidence)
{
	struct component_tally tally = {0};

	set_first(finished, &tally);
	set_expected(finished, &tally, false);
	find_phases(finished, &tally);
	for (size_t i = 0; i < lu_timeline_count(finished->timeline); i++) {
		const struct lu_event *event = lu_timeline_at(finished->timeline, i);

		if (lu_event_is(event, "client", "reply"))
			tally_reply(&tally, event);
	}
	return verdict_of(finished, &tally, evidence);
}

void lu_oracle_component(const struct lu_finished_run *finished, json_t *oracles)
{
	if (finished->plan->workload->component)
		lu_oracle_each(finished, "component", judge, oracles);
}
