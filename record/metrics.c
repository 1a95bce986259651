/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics of a run: pure functions of its sorted timeline. docs/reference/method.md
 * says why each is valid. */
#include <stdbool.h>
#include "record/footprint.h"
#include "record/gaps.h"
#include "record/goodput.h"
#include "record/metrics.h"
#include "record/samples.h"

/* What was asked and correctly answered on one connection, or on all. */
struct traffic {
	GArray *arrivals, *intended; /* int64_t, sorted */
};

static struct traffic *traffic_new(void)
{
	struct traffic *traffic = g_new(struct traffic, 1);

	traffic->arrivals = g_array_new(FALSE, FALSE, sizeof(int64_t));
	traffic->intended = g_array_new(FALSE, FALSE, sizeof(int64_t));
	return traffic;
}

static void traffic_free(void *data)
{
	struct traffic *traffic = data;

	g_array_unref(traffic->arrivals);
	g_array_unref(traffic->intended);
	g_free(traffic);
}

/* conn < 0: everything is one. */
static struct traffic *traffic_of(GHashTable *all, int64_t conn)
{
	struct traffic *traffic = g_hash_table_lookup(all, &conn);

	if (!traffic) {
		traffic = traffic_new();
		g_hash_table_insert(all, g_memdup2(&conn, sizeof(conn)), traffic);
	}
	return traffic;
}

/* {connection: traffic}, or one entry -1 for all together. */
static GHashTable *split_traffic(const struct lu_samples *samples, bool by_connection)
{
	GHashTable *all = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, traffic_free);

	for (guint i = 0; i < samples->replies->len; i++) {
		const struct lu_sample *s = &g_array_index(samples->replies, struct lu_sample, i);

		if (s->ok)
			g_array_append_val(traffic_of(all, by_connection ? s->conn : -1)->arrivals,
					   s->arrival_ns);
	}
	for (guint i = 0; i < samples->asked->len; i++) {
		const struct lu_asked *a = &g_array_index(samples->asked, struct lu_asked, i);

		g_array_append_val(traffic_of(all, by_connection ? a->conn : -1)->intended,
				   a->intended_ns);
	}
	return all;
}

static struct lu_gaps gaps_of(const struct lu_samples *samples, const struct traffic *traffic)
{
	struct lu_gap_input input = {traffic->arrivals, traffic->intended, samples->baseline_ns,
				     samples->trigger_ns, samples->end_ns};

	return lu_gaps_find(&input);
}

static struct lu_gaps all_gaps(const struct lu_samples *samples)
{
	g_autoptr(GHashTable) all = split_traffic(samples, false);

	return gaps_of(samples, traffic_of(all, -1));
}

static int64_t worst_connection(const struct lu_samples *samples)
{
	g_autoptr(GHashTable) all = split_traffic(samples, true);
	GHashTableIter iter;
	void *traffic;
	int64_t worst = 0;

	g_hash_table_iter_init(&iter, all);
	while (g_hash_table_iter_next(&iter, NULL, &traffic)) {
		struct lu_gaps gaps = gaps_of(samples, traffic);

		if (gaps.longest_ns > gaps.floor_ns)
			worst = MAX(worst, gaps.longest_ns);
	}
	return worst;
}

static void set_blackout(struct lu_metrics *metrics, const struct lu_samples *samples,
			 const struct lu_gaps *gaps)
{
	metrics->steady_interval_ns = gaps->steady_ns;
	metrics->blackout_floor_ns = gaps->floor_ns;
	if (!samples->triggered) /* nothing was upgraded, so nothing was interrupted */
		return;
	metrics->longest_gap_ns = gaps->longest_ns;
	metrics->blackout_worst_connection_ns = worst_connection(samples);
	if (gaps->longest_ns <= gaps->floor_ns)
		return;
	metrics->blackout_ns = gaps->longest_ns;
	metrics->blackout_begin_ns = gaps->begin_ns;
	metrics->blackout_end_ns = gaps->end_ns;
	metrics->blackout_requests = gaps->requests;
}

static void set_goodput(struct lu_metrics *metrics, const struct lu_samples *samples,
			const struct lu_gaps *gaps)
{
	bool dark = metrics->blackout_ns > 0;
	struct lu_goodput goodput = lu_goodput_find(
		samples, dark ? metrics->blackout_begin_ns : samples->trigger_ns,
		dark ? metrics->blackout_end_ns : samples->trigger_ns, gaps->last_above_end_ns);

	metrics->brownout_ns = goodput.brownout_ns;
	metrics->ttr90_ns = goodput.ttr90_ns;
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

/* -1 when no other version than that of the trigger's time ever answered: nothing was activated. */
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

/* First phase at or after FREEZE: from there on no reply is promised. */
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
	struct lu_samples *samples = lu_samples_new(timeline);
	struct lu_gaps gaps = all_gaps(samples);
	struct lu_metrics metrics = {0};

	set_blackout(&metrics, samples, &gaps);
	set_goodput(&metrics, samples, &gaps);
	set_phase_times(&metrics, timeline, samples);
	set_loss(&metrics, timeline, samples);
	set_footprint(&metrics, timeline, samples);
	metrics.activation_ns = activation(samples);
	lu_samples_free(samples);
	return metrics;
}
