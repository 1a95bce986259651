/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The oracle on versions of a kernel component: replies carry the version of each instance. Before
 * the strategy changes anything all instances have the first version; once it is done, or undone,
 * each must have the one that is expected of it; and those that it does not update must have the
 * first one throughout.
 */
#include <inttypes.h>
#include "engine/oracle.h"
#include "model/verdicts.h"
#include "model/strategy.h"
#include "model/workload.h"

struct component_tally {
	const char *first, *expected[LU_COMPONENT_INSTANCES];
	bool bystander[LU_COMPONENT_INSTANCES];
	int64_t begun, settled; /* INT64_MAX: never */
	uint64_t replies, late, early_other, late_other, touched, silent;
};

static bool is(const struct lu_event *event, const char *source, const char *kind)
{
	return g_str_equal(event->source, source) && g_str_equal(event->kind, kind);
}

static bool of_kind(const struct lu_event *event, enum lu_phase_kind kind)
{
	return !g_strcmp0(json_string_value(json_object_get(event->value, "kind")),
			  lu_phase_kind_name(kind));
}

/* done: the strategy has finished; else it was undone, or has not begun. */
static void set_expected(const struct lu_finished_run *finished, struct component_tally *tally,
			 bool done)
{
	const struct lu_strategy *strategy = finished->plan->strategy;

	for (unsigned i = 0; i < LU_COMPONENT_INSTANCES; i++) {
		const char *version = strategy->instance_version
					      ? strategy->instance_version(finished->plan, i)
					      : NULL;

		tally->bystander[i] = !version;
		tally->expected[i] = done && version ? version : tally->first;
	}
}

/* Changes begin after PREPARE; the last SWITCH settles them, or the last undo. */
static void find_phases(const struct lu_finished_run *finished, struct component_tally *tally)
{
	tally->begun = tally->settled = INT64_MAX;
	for (size_t i = 0; i < lu_timeline_count(finished->timeline); i++) {
		const struct lu_event *event = lu_timeline_at(finished->timeline, i);
		bool undone = is(event, "engine", "undo-end");

		if (is(event, "engine", "phase-begin") && tally->begun == INT64_MAX &&
		    !of_kind(event, LU_PREPARE))
			tally->begun = event->t_ns;
		if (!undone && !(is(event, "engine", "phase-end") && of_kind(event, LU_SWITCH)))
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
		bool is_first = !g_strcmp0(version, tally->first);

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

static void judge(const struct lu_finished_run *finished, const struct component_tally *tally,
		  json_t *oracles)
{
	bool settled = tally->settled != INT64_MAX;
	bool clean = !tally->early_other && !tally->late_other && !tally->touched && !tally->silent;
	bool shown = settled ? tally->late : tally->replies;
	/* Nothing that was asked later was answered yet: those before it in the queue were not. */
	bool backlog = clean && !shown && finished->before.saturated;
	g_autofree char *text = lu_saturation_text(&finished->before);
	g_autofree char *evidence = g_strdup_printf(
		"%" PRIu64 " replies, %" PRIu64
		" after the change, where %s %s and %s %s are expected; "
		"%" PRIu64 " differ, %" PRIu64 " not %s before it, %" PRIu64
		" with a change to the instance that should not change, %" PRIu64
		" carry no version%s%s",
		tally->replies, tally->late, finished->plan->workload->component->instances[0],
		tally->expected[0], finished->plan->workload->component->instances[1],
		tally->expected[1], tally->late_other, tally->early_other, tally->first,
		tally->touched, tally->silent,
		backlog ? "; not judged, since the service was saturated: " : "",
		backlog ? text : "");

	lu_verdicts_add(oracles, "component",
			clean && shown ? LU_PASS
			: backlog      ? LU_WAIVED
				       : LU_FAIL,
			evidence);
}

void lu_oracle_component(const struct lu_finished_run *finished, json_t *oracles)
{
	const struct lu_component *component = finished->plan->workload->component;
	struct component_tally tally = {0};

	if (!component)
		return;
	tally.first = component->versions[0];
	set_expected(finished, &tally, false);
	find_phases(finished, &tally);
	for (size_t i = 0; i < lu_timeline_count(finished->timeline); i++) {
		const struct lu_event *event = lu_timeline_at(finished->timeline, i);

		if (is(event, "client", "reply"))
			tally_reply(&tally, event);
	}
	judge(finished, &tally, oracles);
}
