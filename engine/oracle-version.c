/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The oracle on versions of what is updated, kernel or application: each reply says which version
 * answered, and must say the one that is expected at its time. */
#include <inttypes.h>
#include "engine/oracle-each.h"
#include "model/strategy.h"

struct tally {
	const char *old, *new, *runs;	 /* versions: before, after, and at the end */
	int64_t switch_begin, new_hello; /* INT64_MAX: never */
	uint64_t ok;
	uint64_t early_other; /* not from the old release though it arrived before SWITCH */
	uint64_t late_new, late_other; /* answers to requests sent after the new kernel's hello */
	uint64_t untagged; /* carry no version: attributed to one by the time of sending */
};

static const char *text(const struct lu_event *event, const char *key)
{
	return json_string_value(json_object_get(event->value, key));
}

/* What is updated: the kernel, which the guest knows, or the application, which the plan names and
 * the timeline records. Every other upgrade of a run goes back. */
static void find_versions(const struct lu_finished_run *finished, struct tally *tally)
{
	const struct lu_guest_ops *ops = finished->guest->ops;
	bool back = finished->plan->strategy->switches && finished->cycle % 2;

	if (lu_plan_of_app(finished->plan)) {
		tally->old = tally->runs = lu_plan_app(finished->plan, back);
		tally->new = lu_plan_app(finished->plan, !back);
	} else {
		tally->old = ops->release(finished->guest, back ? LU_RELEASE_NEW : LU_RELEASE_OLD);
		tally->new = ops->release(finished->guest, back ? LU_RELEASE_OLD : LU_RELEASE_NEW);
		tally->runs = ops->kernel(finished->guest);
	}
}

/* The version that this event reports as running; NULL: the event is of another kind. */
static const char *version_begun(const struct lu_finished_run *finished,
				 const struct lu_event *event)
{
	if (lu_plan_of_app(finished->plan))
		return lu_event_is(event, "guest", "app") ? text(event, "version") : NULL;
	return lu_event_is(event, "guest", "hello") ? text(event, "kernel") : NULL;
}

/* When the irreversible step began, and when the version after it first spoke. */
static void find_switch(const struct lu_finished_run *finished, bool last, struct tally *tally)
{
	tally->switch_begin = tally->new_hello = INT64_MAX;
	for (size_t i = 0; i < lu_timeline_count(finished->timeline); i++) {
		const struct lu_event *event = lu_timeline_at(finished->timeline, i);
		const char *begun;

		if (lu_event_is(event, "engine", "phase-begin") &&
		    tally->switch_begin == INT64_MAX &&
		    !g_strcmp0(text(event, "kind"), lu_phase_kind_name(LU_SWITCH)))
			tally->switch_begin = event->t_ns;
		if (!(begun = version_begun(finished, event)))
			continue;
		if (lu_plan_of_app(finished->plan) || !last)
			tally->runs = begun;
		if (event->t_ns >= tally->switch_begin && tally->new_hello == INT64_MAX &&
		    !g_strcmp0(begun, tally->new))
			tally->new_hello = event->t_ns;
	}
}

/* A reply that was computed before the freeze may be delivered after the switch; so the old version
 * is excluded only by the time at which the request was sent, the new one only by the time at which
 * the reply came. */
static void tally_reply(const struct lu_finished_run *finished, struct tally *tally,
			const struct lu_event *event)
{
	int64_t sent_ns = json_integer_value(json_object_get(event->value, "sent_ns"));
	const char *version = text(event, "version");
	bool late = sent_ns > tally->new_hello;

	tally->ok++;
	if (!version)
		tally->untagged++;
	if (!finished->switched || event->t_ns < tally->switch_begin)
		tally->early_other += version && g_strcmp0(version, tally->old) != 0;
	if (finished->switched && late && (!version || !g_strcmp0(version, tally->new)))
		tally->late_new++;
	else if (finished->switched && late)
		tally->late_other++;
}

static struct tally count(const struct lu_finished_run *finished, bool last)
{
	struct tally tally = {0};

	find_versions(finished, &tally);
	find_switch(finished, last, &tally);
	for (size_t i = 0; i < lu_timeline_count(finished->timeline); i++) {
		const struct lu_event *event = lu_timeline_at(finished->timeline, i);

		if (lu_event_is(event, "client", "reply") &&
		    json_is_true(json_object_get(event->value, "ok")))
			tally_reply(finished, &tally, event);
	}
	return tally;
}

static char *evidence_switched(const struct lu_finished_run *finished, const struct tally *tally,
			       const char *what, const char *tied, const char *backlog)
{
	return g_strdup_printf("%s %s, expected %s; %" PRIu64
			       " replies after the switch from the new version, %" PRIu64
			       " from another version, %" PRIu64
			       " before it not from the old version%s%s",
			       what, tally->runs, tally->new, tally->late_new, tally->late_other,
			       tally->early_other, tied, backlog);
}

/* One upgrade; last: of the run. */
static enum lu_verdict judge(const struct lu_finished_run *finished, bool last, char **evidence)
{
	const struct tally tally = count(finished, last);
	const char *what = lu_plan_of_app(finished->plan) ? "application" : "kernel";
	const char *expected = finished->switched ? tally.new : tally.old;
	bool pass = !g_strcmp0(expected, tally.runs) && !tally.early_other && !tally.late_other;
	/* Nothing that was asked later was answered yet: those before it in the queue were not. */
	bool queued = pass && finished->switched && !tally.late_new && finished->before.saturated;
	g_autofree char *backlog = queued ? lu_oracle_backlog(finished) : g_strdup("");
	g_autofree char *tied =
		tally.untagged
			? g_strdup_printf(", %" PRIu64 " attributed by time alone", tally.untagged)
			: g_strdup("");

	if (finished->switched) {
		pass = pass && tally.late_new > 0;
		*evidence = evidence_switched(finished, &tally, what, tied, backlog);
	} else {
		pass = pass && tally.ok > 0;
		*evidence = g_strdup_printf("%s %s, expected %s; %" PRIu64 " replies, %" PRIu64
					    " not from the old version%s",
					    what, tally.runs, expected, tally.ok, tally.early_other,
					    tied);
	}
	return pass ? LU_PASS : queued ? LU_WAIVED : LU_FAIL;
}

void lu_oracle_version(const struct lu_finished_run *finished, json_t *oracles)
{
	lu_oracle_each(finished, "version", judge, oracles);
}
