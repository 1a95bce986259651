/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The document that a run produces: results/schema.json describes it. */
#include <string.h>
#include "record/error.h"
#include "record/validity.h"
#include "model/result.h"
#include "model/version.h"
#include "model/strategy.h"
#include "model/workload.h"

const char *lu_outcome_name(enum lu_outcome outcome)
{
	static const char *const names[] = {"ok", "refused", "unsupported", "failed", "timeout"};

	return names[outcome];
}

const char *lu_verdict_name(enum lu_verdict verdict)
{
	static const char *const names[] = {"pass", "fail", "waived"};

	return names[verdict];
}

enum lu_outcome lu_outcome_from_error(const GError *error)
{
	if (!error)
		return LU_OK;
	if (error->domain != LU_ERROR)
		return LU_FAILED;
	switch (error->code) {
	case LU_ERROR_REFUSED:
		return LU_REFUSED;
	case LU_ERROR_UNSUPPORTED:
		return LU_UNSUPPORTED;
	case LU_ERROR_TIMEOUT:
		return LU_TIMEOUT;
	default:
		return LU_FAILED;
	}
}

void lu_outcome_report_clear(struct lu_outcome_report *report)
{
	g_free(report->reason);
	g_free(report->phase);
	g_free(report->console_tail);
	json_decref(report->oracles);
	json_decref(report->environment);
	memset(report, 0, sizeof(*report));
}

bool lu_result_good(const json_t *result)
{
	const char *outcome = json_string_value(json_object_get(result, "outcome")), *name;
	json_t *oracles = json_object_get(result, "oracles"), *oracle;

	if (g_strcmp0(outcome, lu_outcome_name(LU_OK)) != 0)
		return false;
	json_object_foreach(oracles, name, oracle)
	{
		const char *verdict = json_string_value(json_object_get(oracle, "verdict"));

		/* A verdict that cannot be read is not a pass. */
		if (g_strcmp0(verdict, lu_verdict_name(LU_PASS)) != 0 &&
		    g_strcmp0(verdict, lu_verdict_name(LU_WAIVED)) != 0)
			return false;
	}
	return true;
}

enum lu_validity lu_result_validity(const json_t *result)
{
	const char *verdict =
		json_string_value(json_object_get(json_object_get(result, "validity"), "verdict"));

	if (g_strcmp0(verdict, "sound") == 0)
		return LU_SOUND;
	return g_strcmp0(verdict, "suspect") == 0 ? LU_SUSPECT : LU_VALIDITY_UNKNOWN;
}

bool lu_result_counts(const json_t *result, bool with_suspect)
{
	return lu_result_good(result) && (with_suspect || lu_result_validity(result) != LU_SUSPECT);
}

/* When the first event happened: now less the record's length, unless the
 * clock is a simulator's. */
static GDateTime *start_of(const struct lu_plan *plan, const struct lu_timeline *timeline,
			   GDateTime *now)
{
	size_t n = lu_timeline_count(timeline);

	if (plan->guest == LU_GUEST_SIM || n == 0)
		return g_date_time_ref(now);
	int64_t length_ns =
		lu_timeline_at(timeline, n - 1)->t_ns - lu_timeline_at(timeline, 0)->t_ns;

	return g_date_time_add(now, -length_ns / 1000);
}

/* An ID that sorts by time, says what was run, and differs for two runs of one
 * plan in the same second. */
static json_t *make_run(const struct lu_plan *plan, const struct lu_timeline *timeline)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autoptr(GDateTime) start = start_of(plan, timeline, now);
	g_autofree char *stamp = g_date_time_format(start, "%Y%m%dT%H%M%SZ");
	g_autofree char *iso = g_date_time_format(start, "%Y-%m-%dT%H:%M:%SZ");
	g_autofree char *id = g_strdup_printf("%s-%s-%s-%.8s-%08x", stamp, plan->strategy->name,
					      plan->workload->name, plan->hash, g_random_int());

	return json_pack("{s:s, s:s, s:s*}", "id", id, "started", iso, "label", plan->label);
}

/* What follows from the timeline. */
static void set_computed(json_t *result, const struct lu_timeline *timeline)
{
	struct lu_metrics metrics = lu_metrics_compute(timeline);
	const char *guest =
		json_string_value(json_object_get(json_object_get(result, "plan"), "guest"));
	bool simulated = g_strcmp0(guest, "sim") == 0;

	json_object_set_new(result, "metrics", lu_metrics_to_json(&metrics, timeline));
	json_object_set_new(result, "validity", lu_validity_to_json(timeline, &metrics, simulated));
}

static json_t *text_or_null(const char *text)
{
	/* Console output need not be UTF-8. */
	g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;

	return valid ? json_string(valid) : json_null();
}

static json_t *object_or_empty(json_t *object)
{
	return object ? json_incref(object) : json_object();
}

json_t *lu_result_new(const struct lu_plan *plan, const struct lu_outcome_report *report,
		      const struct lu_timeline *timeline)
{
	json_t *result = json_pack(
		"{s:i, s:{s:s, s:s}, s:o, s:O, s:s, s:o, s:s, s:o, s:o, s:b, s:o}",
		"schema_version", LU_SCHEMA_VERSION, "lubench", "version", LU_VERSION, "git",
		LU_GIT_REVISION, "run", make_run(plan, timeline), "plan", plan->doc, "plan_hash",
		plan->hash, "environment", object_or_empty(report->environment), "outcome",
		lu_outcome_name(report->outcome), "reason", text_or_null(report->reason), "phase",
		text_or_null(report->phase), "rolled_back", report->rolled_back, "oracles",
		object_or_empty(report->oracles));

	set_computed(result, timeline);
	if (report->console_tail)
		json_object_set_new(result, "console_tail", text_or_null(report->console_tail));
	return result;
}

void lu_result_recompute(json_t *result, const struct lu_timeline *timeline)
{
	set_computed(result, timeline);
}
