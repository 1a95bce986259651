/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The document that a run produces: results/schema.json describes it. */
#include <string.h>
#include "record/error.h"
#include "record/of-service.h"
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
	json_decref(report->services);
	json_decref(report->environment);
	memset(report, 0, sizeof(*report));
}

/* A verdict that cannot be read is not a pass. */
static bool all_hold(json_t *oracles)
{
	const char *name;
	json_t *oracle;

	json_object_foreach(oracles, name, oracle)
	{
		const char *verdict = json_string_value(json_object_get(oracle, "verdict"));

		if (g_strcmp0(verdict, lu_verdict_name(LU_PASS)) != 0 &&
		    g_strcmp0(verdict, lu_verdict_name(LU_WAIVED)) != 0)
			return false;
	}
	return true;
}

bool lu_result_good(const json_t *result)
{
	const char *outcome = json_string_value(json_object_get(result, "outcome"));
	json_t *service;
	size_t i;

	json_array_foreach(json_object_get(result, "services"), i, service)
	{
		if (!all_hold(json_object_get(service, "oracles")))
			return false;
	}
	return g_strcmp0(outcome, lu_outcome_name(LU_OK)) == 0 &&
	       all_hold(json_object_get(result, "oracles"));
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

static bool is_simulated(const json_t *result)
{
	const char *guest =
		json_string_value(json_object_get(json_object_get(result, "plan"), "guest"));

	return g_strcmp0(guest, "sim") == 0;
}

/* What follows from the timeline of a service; *validity: a new reference, too. */
static json_t *compute(const struct lu_timeline *timeline, bool simulated, json_t **validity)
{
	struct lu_metrics metrics = lu_metrics_compute(timeline);

	*validity = lu_validity_to_json(timeline, &metrics, simulated);
	return lu_metrics_to_json(&metrics, timeline);
}

/* Of each of several services, beside those of the first, which are the run's. */
static void compute_services(json_t *result, const struct lu_timeline *timeline)
{
	json_t *all = json_object(), *service;
	size_t i;

	json_array_foreach(json_object_get(result, "services"), i, service)
	{
		const char *name = json_string_value(json_object_get(service, "name")) ?: "";
		struct lu_timeline *own = lu_timeline_of_service(timeline, name);
		json_t *validity;

		json_object_set_new(all, name, compute(own, is_simulated(result), &validity));
		if (!i) {
			json_object_set_new(result, "metrics",
					    json_copy(json_object_get(all, name)));
			json_object_set(result, "validity", validity);
		}
		json_object_set_new(service, "validity", validity);
		lu_timeline_free(own);
	}
	json_object_set_new(json_object_get(result, "metrics"), "services", all);
}

/* What follows from the timeline. */
static void set_computed(json_t *result, const struct lu_timeline *timeline)
{
	json_t *validity;

	if (json_array_size(json_object_get(result, "services"))) {
		compute_services(result, timeline);
		return;
	}
	json_object_set_new(result, "metrics", compute(timeline, is_simulated(result), &validity));
	json_object_set_new(result, "validity", validity);
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

static const json_t *oracles_of(const struct lu_outcome_report *report, const char *name)
{
	json_t *service;
	size_t i;

	json_array_foreach(report->services, i, service)
	{
		if (!g_strcmp0(json_string_value(json_object_get(service, "name")), name))
			return json_object_get(service, "oracles");
	}
	return NULL;
}

/* By falling priority. */
static json_t *describe_services(const struct lu_plan *plan, const struct lu_outcome_report *report)
{
	json_t *services = json_array();

	for (unsigned i = 0; i < lu_plan_services(plan); i++) {
		const struct lu_plan *one = lu_plan_service(plan, i);
		json_t *oracles = (json_t *)oracles_of(report, one->service);

		json_array_append_new(
			services, json_pack("{s:s, s:s, s:i, s:o}", "name", one->service,
					    "workload", one->workload->name, "priority",
					    one->priority, "oracles", object_or_empty(oracles)));
	}
	return services;
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

	if (plan->others)
		json_object_set_new(result, "services", describe_services(plan, report));
	set_computed(result, timeline);
	if (report->console_tail)
		json_object_set_new(result, "console_tail", text_or_null(report->console_tail));
	return result;
}

void lu_result_recompute(json_t *result, const struct lu_timeline *timeline)
{
	set_computed(result, timeline);
}
