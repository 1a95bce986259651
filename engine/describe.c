/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a run's report says besides its outcome and verdicts. */
#include "record/saturation.h"
#include "engine/course.h"

#define CONSOLE_LINES 30

static void explain_silence_of(const struct engine *engine, const struct engine_service *service)
{
	struct lu_outcome_report *report = engine->report;
	const char *name = service->plan->service;
	struct lu_timeline *timeline = engine_seen_by(engine, service);
	struct lu_samples *samples = lu_samples_new(timeline);
	struct lu_saturation before = lu_saturation_find(samples);

	if (before.saturated) {
		g_autofree char *reason = report->reason, *text = lu_saturation_text(&before);

		report->reason = g_strconcat(reason, "; ", name ? "service " : "the service",
					     name ?: "", " was saturated before: ", text, NULL);
	}
	lu_samples_free(samples);
	if (timeline != engine->timeline)
		lu_timeline_free(timeline);
}

void engine_explain_silence(const struct engine *engine)
{
	if (engine->report->outcome != LU_TIMEOUT || engine->report->phase)
		return;
	for (unsigned i = 0; i < engine->n_services; i++)
		explain_silence_of(engine, &engine->services[i]);
}

/* What the workload's client measured besides, of the first service and the others. */
static void describe_service(struct engine *engine, const struct engine_service *service)
{
	const struct lu_plan *plan = service->plan;
	json_t *all = engine->report->environment, *others;

	if (!plan->workload->report)
		return;
	if (service->number == 0) {
		json_object_set_new(all, "workload", plan->workload->report(service->client));
		return;
	}
	others = json_object_get(all, "other_workloads");
	if (!others)
		json_object_set_new(all, "other_workloads", others = json_object());
	json_object_set_new(others, plan->service, plan->workload->report(service->client));
}

void engine_describe(struct engine *engine)
{
	struct lu_outcome_report *report = engine->report;

	if (!report->oracles)
		report->oracles = json_object();
	if (!report->environment)
		report->environment = json_object();
	json_object_set_new(report->environment, "guest",
			    engine->guest->ops->describe(engine->guest));
	for (unsigned i = 0; i < engine->n_services; i++)
		describe_service(engine, &engine->services[i]);
	if (report->outcome != LU_OK)
		report->console_tail =
			engine->guest->ops->console_tail(engine->guest, CONSOLE_LINES);
}
