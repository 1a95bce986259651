/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics of a run: pure functions of its sorted timeline. docs/reference/method.md
 * says why each is valid. */
#include <stdbool.h>
#include "record/connections.h"
#include "record/connects.h"
#include "record/footprint.h"
#include "record/goodput.h"
#include "record/interruptions.h"
#include "record/latency.h"
#include "record/metrics.h"
#include "record/samples.h"
#include "record/service-clock.h"

static void set_blackout(struct lu_metrics *metrics, const struct lu_samples *samples,
			 const struct lu_gaps *gaps)
{
	metrics->steady_interval_ns = gaps->steady_ns;
	metrics->blackout_floor_ns = gaps->floor_ns;
	metrics->interruptions_bound_ns = gaps->floor_ns;
	if (!samples->triggered) /* nothing was upgraded, so nothing was interrupted */
		return;
	metrics->longest_gap_ns = gaps->longest_ns;
	metrics->interruptions_bound_ns = MAX(gaps->sum_ns, gaps->floor_ns);
	if (gaps->longest_ns <= gaps->floor_ns)
		return;
	metrics->blackout_ns = gaps->longest_ns;
	metrics->blackout_begin_ns = gaps->begin_ns;
	metrics->blackout_end_ns = gaps->end_ns;
	metrics->blackout_requests = gaps->requests;
}

/* While all were dark, so was each that had asked: no less than the blackout. */
static void set_worst_connection(struct lu_metrics *metrics, const struct lu_samples *samples,
				 const struct lu_gaps *gaps)
{
	struct lu_worst_connection worst = lu_worst_connection_find(samples, gaps);

	metrics->blackout_worst_connection_floor_ns = worst.floor_ns;
	if (!samples->triggered)
		return;
	metrics->blackout_worst_connection_ns = metrics->blackout_ns;
	if (worst.longest_ns > worst.floor_ns)
		metrics->blackout_worst_connection_ns = MAX(metrics->blackout_ns, worst.longest_ns);
}

static void set_interruptions(struct lu_metrics *metrics, const struct lu_timeline *timeline,
			      const struct lu_samples *samples, const GArray *above)
{
	struct lu_interruptions all =
		lu_interruptions_find(timeline, above, metrics->steady_interval_ns);

	metrics->switchover_ns = -1;
	if (!samples->triggered)
		return;
	metrics->interruptions_count = all.count;
	metrics->interruptions_sum_ns = all.sum_ns;
	metrics->switchover_ns = all.switchover_ns;
	metrics->switched = all.switched;
}

/* From where users noticed, not from where preparations began. */
static int64_t recovery(const struct lu_samples *samples, const struct lu_goodput *goodput,
			const GArray *above)
{
	int64_t end_ns = samples->trigger_ns + goodput->ttr90_ns;
	int64_t from_ns = goodput->low_ns;

	if (goodput->ttr90_ns <= 0)
		return goodput->ttr90_ns;
	if (above->len)
		from_ns = g_array_index(above, struct lu_gap, 0).begin_ns;
	return from_ns < 0 ? 0 : MAX(end_ns - from_ns, 0);
}

static void set_latency(struct lu_metrics *metrics, const struct lu_samples *samples)
{
	struct lu_latency latency = lu_latency_find(samples, samples->trigger_ns, G_MAXINT64);
	bool any = samples->triggered && latency.requests > 0;

	metrics->p50_ns = any ? latency.ns[LU_P50] : -1;
	metrics->p90_ns = any ? latency.ns[LU_P90] : -1;
	metrics->p99_ns = any ? latency.ns[LU_P99] : -1;
	metrics->p999_ns = any ? latency.ns[LU_P999] : -1;
}

static void set_goodput(struct lu_metrics *metrics, const struct lu_samples *samples,
			const struct lu_gaps *gaps, const GArray *above)
{
	bool dark = metrics->blackout_ns > 0;
	struct lu_goodput goodput = lu_goodput_find(
		samples, dark ? metrics->blackout_begin_ns : samples->trigger_ns,
		dark ? metrics->blackout_end_ns : samples->trigger_ns, gaps->last_above_end_ns);

	metrics->brownout_ns = goodput.brownout_ns;
	metrics->ttr90_ns = goodput.ttr90_ns;
	metrics->recovery90_ns = recovery(samples, &goodput, above);
	metrics->baseline_p50_ns = goodput.p50_ns;
	metrics->baseline_p99_ns = goodput.p99_ns;
	metrics->baseline_max_ns = goodput.max_ns;
	metrics->baseline_goodput_hz = goodput.baseline_hz;
	metrics->max_latency_ns = samples->max_latency_ns;
}

static const char *version_at(const struct lu_samples *samples, int64_t t_ns)
{
	const char *version = NULL;

	for (guint i = 0; i < samples->replies->len; i++) {
		const struct lu_sample *s = &g_array_index(samples->replies, struct lu_sample, i);

		if (s->arrival_ns > t_ns && version)
			break;
		version = s->version ? s->version : version;
	}
	return version;
}

/* -1 when only the version that ran at the trigger ever answered: nothing was activated. */
static int64_t activation(const struct lu_samples *samples)
{
	const char *old = version_at(samples, samples->trigger_ns);
	int64_t last_ns = samples->trigger_ns;
	bool activated = false;

	if (!old || !samples->triggered)
		return -1;
	for (guint i = 0; i < samples->replies->len; i++) {
		const struct lu_sample *s = &g_array_index(samples->replies, struct lu_sample, i);

		if (!s->version || s->arrival_ns < samples->trigger_ns)
			continue;
		if (g_str_equal(s->version, old))
			last_ns = s->arrival_ns;
		else
			activated = true;
	}
	return activated ? last_ns - samples->trigger_ns : -1;
}

/* First phase at or after FREEZE: from there on replies are no longer guaranteed. */
static bool ends_prepare(const struct lu_event *event)
{
	const char *kind = json_string_value(json_object_get(event->value, "kind"));

	return g_str_equal(event->source, "engine") && g_str_equal(event->kind, "phase-begin") &&
	       kind && !g_str_equal(kind, "PREPARE");
}

static void set_phase_times(struct lu_metrics *metrics, const struct lu_timeline *timeline,
			    const struct lu_samples *samples)
{
	const struct lu_event *finish = lu_timeline_find(timeline, "engine", "finish", 0);

	metrics->prepare_ns = metrics->total_ns = -1;
	if (!samples->triggered)
		return;
	if (finish)
		metrics->total_ns = finish->t_ns - samples->trigger_ns;
	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		if (!ends_prepare(event))
			continue;
		metrics->prepare_ns = event->t_ns - samples->trigger_ns;
		return;
	}
}

static void count_lost(struct lu_metrics *metrics, const struct lu_event *event)
{
	const char *reason = json_string_value(json_object_get(event->value, "reason"));

	metrics->lost_timeout += g_strcmp0(reason, "timeout") == 0;
	metrics->lost_reset += g_strcmp0(reason, "reset") == 0;
	metrics->lost_refused += g_strcmp0(reason, "refused") == 0;
	metrics->lost_end += g_strcmp0(reason, "end") == 0;
}

static void set_loss(struct lu_metrics *metrics, const struct lu_timeline *timeline,
		     const struct lu_samples *samples)
{
	metrics->requests = samples->asked->len;
	metrics->replies_wrong = samples->wrong;
	metrics->replies_ok = samples->replies->len - samples->wrong;
	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		if (!g_str_equal(event->source, "client"))
			continue;
		if (g_str_equal(event->kind, "lost"))
			count_lost(metrics, event);
		else if (g_str_equal(event->kind, "conn"))
			metrics->connections_reset +=
				g_strcmp0(json_string_value(json_object_get(event->value, "state")),
					  "reset") == 0;
	}
}

static void set_connects(struct lu_metrics *metrics, const struct lu_timeline *timeline)
{
	struct lu_connect_record record = lu_connects_find(timeline);
	const struct lu_connects *upgrade = &record.upgrade;
	bool any = record.any;

	metrics->connects = any ? upgrade->attempted : -1;
	metrics->connects_refused = any ? upgrade->refused : -1;
	metrics->connects_reset = any ? upgrade->reset : -1;
	metrics->connects_timeout = any ? upgrade->timeout : -1;
	metrics->connects_late = any ? upgrade->late : -1;
	metrics->connect_floor_ns = any ? record.floor_ns : -1;
	metrics->connect_p50_ns = any ? upgrade->p50_ns : -1;
	metrics->connect_p99_ns = any ? upgrade->p99_ns : -1;
	metrics->connect_max_ns = any ? upgrade->max_ns : -1;
}

static void set_clocks(struct lu_metrics *metrics, const struct lu_timeline *timeline)
{
	struct lu_service_clock clock = lu_service_clock_find(timeline);

	metrics->timer_late_ns = clock.known ? MAX(clock.late_ns, 0) : -1;
	metrics->clock_back_ns = clock.known ? MAX(clock.back_ns, clock.boottime_back_ns) : -1;
}

static void set_footprint(struct lu_metrics *metrics, const struct lu_timeline *timeline,
			  const struct lu_samples *samples)
{
	struct lu_footprint footprint = lu_footprint_find(timeline, samples->baseline_ns,
							  samples->trigger_ns, samples->end_ns);

	metrics->extra_bytes_peak = footprint.extra_bytes_peak;
	metrics->extra_byte_seconds = footprint.extra_byte_seconds;
	metrics->host_extra_bytes_peak = footprint.host_extra_bytes_peak;
}

struct lu_metrics lu_metrics_compute(const struct lu_timeline *timeline)
{
	g_autoptr(GArray) above = g_array_new(FALSE, FALSE, sizeof(struct lu_gap));
	struct lu_samples *samples = lu_samples_new(timeline);
	struct lu_gaps gaps = lu_gaps_of_all(samples, above);
	struct lu_metrics metrics = {0};

	set_blackout(&metrics, samples, &gaps);
	set_worst_connection(&metrics, samples, &gaps);
	set_interruptions(&metrics, timeline, samples, above);
	set_goodput(&metrics, samples, &gaps, above);
	set_latency(&metrics, samples);
	set_phase_times(&metrics, timeline, samples);
	set_loss(&metrics, timeline, samples);
	set_connects(&metrics, timeline);
	set_clocks(&metrics, timeline);
	set_footprint(&metrics, timeline, samples);
	metrics.activation_ns = activation(samples);
	lu_samples_free(samples);
	return metrics;
}
