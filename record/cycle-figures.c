/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures of each upgrade of a run: the metrics of its own record. */
#include "record/cycle-figures.h"
#include "record/cycles.h"
#include "record/fit.h"
#include "record/metrics.h"
#include "record/samples.h"

/* A line through fewer baselines than this says nothing of a leak. */
#define LEAST_BASELINES 3

struct figures {
	struct lu_metrics metrics;
	/* in its baseline: means, and the count at its end; -1: not known */
	double guest_bytes, host_bytes;
	int64_t descriptors;
};

static double mean(const struct lu_timeline *timeline, const struct lu_samples *samples,
		   const char *source, const char *key)
{
	double sum = 0;
	unsigned n = 0;

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);
		const json_t *value = json_object_get(event->value, key);

		if (!lu_event_is(event, source, "memory") || event->t_ns < samples->baseline_ns ||
		    event->t_ns >= samples->trigger_ns || !json_is_integer(value) ||
		    json_integer_value(value) < 0)
			continue;
		sum += (double)json_integer_value(value);
		n++;
	}
	return n ? sum / n : -1;
}

static int64_t descriptors(const struct lu_timeline *timeline)
{
	const struct lu_event *event = lu_timeline_find(timeline, "guest", "census", 0);
	const json_t *count = json_object_get(event ? event->value : NULL, "descriptors");

	return json_is_integer(count) && json_integer_value(count) >= 0 ? json_integer_value(count)
									: -1;
}

static struct figures figures_of(const struct lu_timeline *all, const struct lu_cycle *cycle)
{
	struct lu_timeline *timeline = lu_cycle_timeline(all, cycle);
	struct lu_samples *samples = lu_samples_new(timeline);
	struct figures figures = {
		.metrics = lu_metrics_compute(timeline),
		.guest_bytes = mean(timeline, samples, "guest", "used_bytes"),
		.host_bytes = mean(timeline, samples, "host", "qemu_bytes"),
		.descriptors = descriptors(timeline),
	};

	lu_samples_free(samples);
	lu_timeline_free(timeline);
	return figures;
}

/* struct figures of each. */
static GArray *all_figures(const struct lu_timeline *timeline)
{
	g_autoptr(GArray) cycles = lu_cycles_find(timeline);
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct figures));

	for (guint i = 0; i < cycles->len; i++) {
		struct figures figures =
			figures_of(timeline, &g_array_index(cycles, struct lu_cycle, i));

		g_array_append_val(all, figures);
	}
	return all;
}

enum quantity { GUEST, HOST, DESCRIPTORS };

static double quantity_of(const struct figures *figures, enum quantity quantity)
{
	return quantity == GUEST  ? figures->guest_bytes
	       : quantity == HOST ? figures->host_bytes
				  : (double)figures->descriptors;
}

/* false: too few are known. within may be NULL. */
static bool slope(const GArray *all, enum quantity quantity, double *each, double *within)
{
	g_autoptr(GArray) x = g_array_new(FALSE, FALSE, sizeof(double));
	g_autoptr(GArray) y = g_array_new(FALSE, FALSE, sizeof(double));
	struct lu_fit fit;

	for (guint i = 1; i < all->len; i++) {
		double at = i,
		       value = quantity_of(&g_array_index(all, struct figures, i), quantity);

		if (value < 0)
			continue;
		g_array_append_val(x, at);
		g_array_append_val(y, value);
	}
	if (x->len < LEAST_BASELINES)
		return false;
	fit = lu_fit_line((const double *)(void *)x->data, (const double *)(void *)y->data, x->len);
	*each = fit.slope;
	if (within)
		*within = fit.slope_within;
	return true;
}

static struct lu_leaks leaks_of(const GArray *all)
{
	struct lu_leaks leaks = {.cycles = all->len};

	leaks.guest = slope(all, GUEST, &leaks.guest_bytes, &leaks.guest_within);
	leaks.host = slope(all, HOST, &leaks.host_bytes, NULL);
	leaks.descriptors =
		slope(all, DESCRIPTORS, &leaks.descriptors_each, &leaks.descriptors_within);
	return leaks;
}

struct lu_leaks lu_leaks_find(const struct lu_timeline *timeline)
{
	g_autoptr(GArray) all = all_figures(timeline);

	return leaks_of(all);
}

static void set(json_t *to, const char *name, bool known, int64_t value)
{
	json_object_set_new(to, name, known ? json_integer(value) : json_null());
}

static json_t *one_to_json(const struct figures *figures)
{
	const struct lu_metrics *m = &figures->metrics;
	json_t *one = json_object();

	set(one, "blackout_ns", true, m->blackout_ns);
	set(one, "blackout_floor_ns", true, m->blackout_floor_ns);
	set(one, "prepare_ns", m->prepare_ns >= 0, m->prepare_ns);
	set(one, "total_ns", m->total_ns >= 0, m->total_ns);
	set(one, "requests", true, (int64_t)m->requests);
	set(one, "replies_wrong", true, (int64_t)m->replies_wrong);
	set(one, "lost", true,
	    (int64_t)(m->lost_timeout + m->lost_reset + m->lost_refused + m->lost_end));
	set(one, "connections_reset", true, (int64_t)m->connections_reset);
	set(one, "timer_late_ns", m->timer_late_ns >= 0, m->timer_late_ns);
	set(one, "clock_back_ns", m->clock_back_ns >= 0, m->clock_back_ns);
	set(one, "guest_bytes", figures->guest_bytes >= 0, (int64_t)figures->guest_bytes);
	set(one, "host_bytes", figures->host_bytes >= 0, (int64_t)figures->host_bytes);
	set(one, "descriptors", figures->descriptors >= 0, figures->descriptors);
	return one;
}

static json_t *real_if(bool known, double value)
{
	return known ? json_real(value) : json_null();
}

json_t *lu_cycles_to_json(const struct lu_timeline *timeline)
{
	g_autoptr(GArray) cycles = lu_cycles_find(timeline);
	g_autoptr(GArray) all = cycles->len > 1 ? all_figures(timeline) : NULL;
	json_t *each = json_array();
	struct lu_leaks leaks;

	if (!all) {
		json_decref(each);
		return json_null();
	}
	leaks = leaks_of(all);
	for (guint i = 0; i < all->len; i++)
		json_array_append_new(each, one_to_json(&g_array_index(all, struct figures, i)));
	return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o}", "count", (int)all->len,
			 "guest_bytes_each", real_if(leaks.guest, leaks.guest_bytes),
			 "guest_bytes_within", real_if(leaks.guest, leaks.guest_within),
			 "host_bytes_each", real_if(leaks.host, leaks.host_bytes),
			 "descriptors_each", real_if(leaks.descriptors, leaks.descriptors_each),
			 "each", each);
}
