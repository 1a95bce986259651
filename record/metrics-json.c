/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics as the JSON object that results hold. */
#include <stddef.h>
#include "record/breakdown.h"
#include "record/cycle-figures.h"
#include "record/connections.h"
#include "record/connects.h"
#include "record/interruptions.h"
#include "record/latency.h"
#include "record/phase-load.h"
#include "record/metrics.h"
#include "record/service-clock.h"
#include "record/work.h"

static const struct {
	const char *name;
	size_t offset;
} integers[] =
	{
#define INTEGER(member) {#member, offsetof(struct lu_metrics, member)},
		LU_METRICS_INTEGERS(INTEGER)
#undef INTEGER
},
  optional[] = {
#define INTEGER(member) {#member, offsetof(struct lu_metrics, member)},
	  LU_METRICS_OPTIONAL(INTEGER)
#undef INTEGER
};

/* {KIND: ns}: what each kind of phase took, all phases of the kind together. */
static json_t *phase_times(const struct lu_timeline *timeline)
{
	json_t *times = json_object();

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *end = lu_timeline_at(timeline, i), *begin = end;
		const json_t *kind = json_object_get(end->value, "kind");

		if (!g_str_equal(end->source, "engine") || !g_str_equal(end->kind, "phase-end") ||
		    !json_is_string(kind))
			continue;
		for (size_t j = i; j-- > 0;) {
			begin = lu_timeline_at(timeline, j);
			if (g_str_equal(begin->kind, "phase-begin") && begin->id == end->id)
				break;
			begin = end;
		}
		const char *name = json_string_value(kind);
		json_int_t before = json_integer_value(json_object_get(times, name));

		json_object_set_new(times, name, json_integer(before + end->t_ns - begin->t_ns));
	}
	return times;
}

static json_t *claims(const struct lu_timeline *timeline)
{
	json_t *all = json_object();

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);
		json_t *ns = json_object_get(event->value, "ns");

		if (lu_event_is(event, "guest", "claim") && json_is_integer(ns))
			json_object_set(
				all, json_string_value(json_object_get(event->value, "name")), ns);
	}
	return all;
}

static json_t *notes(const struct lu_timeline *timeline)
{
	json_t *all = json_object();

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);
		json_t *text = json_object_get(event->value, "text");

		if (lu_event_is(event, "guest", "note") && json_is_string(text))
			json_object_set(all,
					json_string_value(json_object_get(event->value, "name")),
					text);
	}
	return all;
}

static json_t *interruptions(const struct lu_timeline *timeline)
{
	g_autoptr(GArray) above = g_array_new(FALSE, FALSE, sizeof(struct lu_gap));
	struct lu_samples *samples = lu_samples_new(timeline);
	struct lu_gaps gaps = lu_gaps_of_all(samples, above);

	if (!samples->triggered)
		g_array_set_size(above, 0);
	lu_samples_free(samples);
	return lu_interruptions_to_json(timeline, above, gaps.steady_ns);
}

static json_t *latency(const struct lu_timeline *timeline)
{
	struct lu_samples *samples = lu_samples_new(timeline);
	json_t *doc = lu_latency_to_json(samples);

	lu_samples_free(samples);
	return doc;
}

static void censor(json_t *censored, const char *name, int64_t bound_ns)
{
	json_object_set_new(censored, name, json_integer(bound_ns));
}

/* No gap stood out: each of these is below what would have; their sum, below that of all gaps. */
static json_t *censored(const struct lu_metrics *metrics)
{
	json_t *all = json_object();

	if (metrics->requests == 0)
		return all;
	if (metrics->blackout_ns == 0) {
		censor(all, "blackout_ns", metrics->blackout_floor_ns);
		censor(all, "interruptions_sum_ns", metrics->interruptions_bound_ns);
	}
	if (metrics->switched && metrics->switchover_ns < 0)
		censor(all, "switchover_ns", metrics->blackout_floor_ns);
	if (metrics->blackout_worst_connection_ns == 0)
		censor(all, "blackout_worst_connection_ns",
		       metrics->blackout_worst_connection_floor_ns);
	return all;
}

/* Of a service that works beside its requests; of others results have no such member. */
static void add_work(json_t *out, const struct lu_timeline *timeline)
{
	json_t *work = lu_work_to_json(timeline);

	if (!work)
		return;
	if (json_integer_value(json_object_get(work, "stolen_ns")) == 0)
		json_object_set(json_object_get(out, "censored"), "work.stolen_ns",
				json_object_get(work, "stolen_floor_ns"));
	json_object_set_new(out, "work", work);
}

json_t *lu_metrics_to_json(const struct lu_metrics *metrics, const struct lu_timeline *timeline)
{
	json_t *out = json_object();

	for (size_t i = 0; i < G_N_ELEMENTS(integers); i++) {
		const void *member = (const char *)metrics + integers[i].offset;

		json_object_set_new(out, integers[i].name, json_integer(*(const int64_t *)member));
	}
	for (size_t i = 0; i < G_N_ELEMENTS(optional); i++) {
		const void *member = (const char *)metrics + optional[i].offset;
		int64_t value = *(const int64_t *)member;

		json_object_set_new(out, optional[i].name,
				    value < 0 ? json_null() : json_integer(value));
	}
	json_object_set_new(out, "connect", lu_connects_to_json(timeline));
	json_object_set_new(out, "cycles", lu_cycles_to_json(timeline));
	json_object_set_new(out, "clock", lu_service_clock_to_json(timeline));
	json_object_set_new(out, "interruptions", interruptions(timeline));
	json_object_set_new(out, "latency", latency(timeline));
	json_object_set_new(out, "censored", censored(metrics));
	json_object_set_new(out, "baseline_goodput_hz", json_real(metrics->baseline_goodput_hz));
	json_object_set_new(out, "extra_byte_seconds", json_real(metrics->extra_byte_seconds));
	json_object_set_new(out, "phase_ns", phase_times(timeline));
	json_object_set_new(out, "phase_load", lu_phase_load(timeline));
	json_object_set_new(out, "claims", claims(timeline));
	json_object_set_new(out, "notes", notes(timeline));
	json_object_set_new(
		out, "breakdown",
		lu_breakdown(timeline, metrics->blackout_begin_ns, metrics->blackout_end_ns));
	add_work(out, timeline);
	return out;
}
