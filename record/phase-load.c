/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Goodput, latency and memory between the edges of a phase. */
#include "record/phase-load.h"
#include "record/footprint.h"
#include "record/quantile.h"
#include "record/samples.h"

struct phase {
	const struct lu_event *begin;
	int64_t begin_ns, end_ns;
};

static bool is(const struct lu_event *event, const char *kind)
{
	return g_str_equal(event->source, "engine") && g_str_equal(event->kind, kind);
}

static struct phase phase_at(const struct lu_timeline *timeline, size_t i, int64_t end_ns)
{
	const struct lu_event *begin = lu_timeline_at(timeline, i);

	for (; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		if (is(event, "phase-end") && event->id == begin->id)
			return (struct phase){begin, begin->t_ns, event->t_ns};
	}
	return (struct phase){begin, begin->t_ns, MAX(end_ns, begin->t_ns)};
}

/* Latencies of the correct replies that arrived in it, sorted. */
static GArray *latencies(const struct lu_samples *samples, const struct phase *phase)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(int64_t));

	for (guint i = 0; i < samples->replies->len; i++) {
		const struct lu_sample *reply =
			&g_array_index(samples->replies, struct lu_sample, i);
		int64_t latency_ns = reply->arrival_ns - reply->intended_ns;

		if (reply->ok && reply->arrival_ns >= phase->begin_ns &&
		    reply->arrival_ns < phase->end_ns)
			g_array_append_val(all, latency_ns);
	}
	lu_sort_ns(all);
	return all;
}

static double mean_extra(const struct lu_timeline *timeline, const struct lu_samples *samples,
			 const struct phase *phase, double seconds)
{
	struct lu_footprint held =
		lu_footprint_between(timeline, samples->baseline_ns, samples->trigger_ns,
				     phase->begin_ns, phase->end_ns);

	return seconds > 0 ? held.extra_byte_seconds / seconds : 0;
}

static json_t *load_of(const struct lu_timeline *timeline, const struct lu_samples *samples,
		       const struct phase *phase)
{
	double seconds = (double)(phase->end_ns - phase->begin_ns) / 1e9;
	g_autoptr(GArray) all = latencies(samples, phase);
	json_t *doc = json_object();

	json_object_set(doc, "phase", json_object_get(phase->begin->value, "kind"));
	json_object_set(doc, "name", json_object_get(phase->begin->value, "name"));
	json_object_set_new(doc, "ns", json_integer(phase->end_ns - phase->begin_ns));
	json_object_set_new(doc, "replies", json_integer(all->len));
	json_object_set_new(doc, "goodput_hz", json_real(seconds > 0 ? all->len / seconds : 0));
	json_object_set_new(doc, "p50_ns", json_integer(lu_quantile_ns(all, 0.5)));
	json_object_set_new(doc, "p99_ns", json_integer(lu_quantile_ns(all, 0.99)));
	json_object_set_new(
		doc, "extra_bytes",
		json_integer((json_int_t)mean_extra(timeline, samples, phase, seconds)));
	return doc;
}

json_t *lu_phase_load(const struct lu_timeline *timeline)
{
	struct lu_samples *samples = lu_samples_new(timeline);
	json_t *list = json_array();

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		if (!is(lu_timeline_at(timeline, i), "phase-begin"))
			continue;
		struct phase phase = phase_at(timeline, i, samples->end_ns);

		json_array_append_new(list, load_of(timeline, samples, &phase));
	}
	lu_samples_free(samples);
	return list;
}
