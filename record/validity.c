/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Did a run measure the upgrade? Each criterion is a function that may add a reason. */
#include "record/validity.h"
#include <glib.h>
#include "record/drift.h"
#include "record/duration.h"
#include "record/gaps.h"
#include "record/host-load.h"
#include "record/samples.h"
#include "record/saturation.h"
#include "record/send-lag.h"

struct validity {
	const struct lu_metrics *metrics;
	const struct lu_samples *samples;
	struct lu_saturation saturation;
	struct lu_send_lag lag;
	struct lu_host_load load;    /* from the baseline on */
	struct lu_host_load before;  /* in the baseline alone */
	struct lu_host_load in_dark; /* around the blackout */
	json_t *reasons, *not_checked;
};

G_GNUC_PRINTF(4, 5)
static void suspect(struct validity *validity, const char *key, const char *advice,
		    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *what = g_strdup_vprintf(format, args);

	va_end(args);
	json_array_append_new(validity->reasons, json_pack("{s:s, s:s, s:s}", "key", key, "what",
							   what, "advice", advice));
}

/* The last reason makes only these metrics suspect. */
static void limit(struct validity *validity, const char *const *metrics)
{
	json_t *last = json_array_get(validity->reasons, json_array_size(validity->reasons) - 1);
	json_t *names = json_array();

	for (; *metrics; metrics++)
		json_array_append_new(names, json_string(*metrics));
	json_object_set_new(last, "metrics", names);
}

/* Made of the gaps of all connections together, which one that is served keeps small. */
static const char *const of_all_connections[] = {"blackout_ns",	      "blackout_begin_ns",
						 "blackout_end_ns",   "longest_gap_ns",
						 "blackout_requests", "interruptions_count",
						 "switchover_ns",     "interruptions_sum_ns",
						 "recovery90_ns",     NULL};

static void not_checked(struct validity *validity, const char *key, const char *why)
{
	json_array_append_new(validity->not_checked,
			      json_pack("{s:s, s:s}", "key", key, "why", why));
}

/* The floor that the schedule of requests gives by itself. */
static int64_t schedule_floor(const struct lu_metrics *metrics)
{
	return LU_FLOOR_INTERVALS * metrics->steady_interval_ns;
}

static void check_saturated(struct validity *validity)
{
	g_autofree char *text = lu_saturation_text(&validity->saturation);

	if (validity->saturation.saturated)
		suspect(validity, "saturated",
			"lower client.rate_hz, or give the service more CPU; waits and losses of "
			"this run are the backlog's, not the upgrade's",
			"%s", text);
}

static void check_drift(struct validity *validity)
{
	struct lu_drift drift =
		lu_drift_find(validity->samples, validity->metrics->steady_interval_ns);
	g_autofree char *before = lu_duration_text(drift.latency_ns[0]);
	g_autofree char *after = lu_duration_text(drift.latency_ns[1]);
	const char *advice = "lengthen client.baseline_ms until the service is warm, or find what "
			     "else changes on the host";

	if (!drift.known)
		not_checked(validity, "baseline-drift", "too few requests in the baseline");
	if (drift.latency)
		suspect(validity, "baseline-drift", advice,
			"the latency went from %s in the baseline's first half to %s in its second",
			before, after);
	else if (drift.goodput)
		suspect(validity, "baseline-drift", advice,
			"the goodput went from %.4g/s in the baseline's first half to %.4g/s in "
			"its "
			"second",
			drift.goodput_hz[0], drift.goodput_hz[1]);
}

static void check_noise(struct validity *validity)
{
	const struct lu_metrics *m = validity->metrics;
	g_autofree char *floor = lu_duration_text(m->blackout_floor_ns);
	g_autofree char *blackout = lu_duration_text(m->blackout_ns);
	g_autofree char *schedule = lu_duration_text(schedule_floor(m));

	if (m->blackout_ns <= 0 ||
	    (double)m->blackout_floor_ns <= LU_NOISE_SHARE * (double)m->blackout_ns ||
	    m->blackout_floor_ns < LU_NOISE_FACTOR * schedule_floor(m))
		return;
	suspect(validity, "noise-floor", "measure on a quieter host (lubench doctor --noise)",
		"the noise floor of %s is %.0f %% of the blackout of %s; the schedule of requests "
		"alone gives %s",
		floor, 100.0 * (double)m->blackout_floor_ns / (double)m->blackout_ns, blackout,
		schedule);
}

static void check_hidden(struct validity *validity)
{
	const struct lu_metrics *m = validity->metrics;
	g_autofree char *gap = lu_duration_text(m->longest_gap_ns);
	g_autofree char *floor = lu_duration_text(m->blackout_floor_ns);
	g_autofree char *schedule = lu_duration_text(schedule_floor(m));

	if (!validity->samples->triggered || m->blackout_ns > 0 ||
	    m->longest_gap_ns <= schedule_floor(m))
		return;
	suspect(validity, "floor-raised",
		"repeat the run; where it recurs, measure on another host",
		"a gap of %s after the trigger is above %d request intervals (%s), but a hiccup in "
		"the baseline raised the noise floor to %s and hides it",
		gap, LU_FLOOR_INTERVALS, schedule, floor);
}

static void check_darker(struct validity *validity)
{
	const struct lu_metrics *m = validity->metrics;
	int64_t base_ns = m->blackout_ns > 0 ? m->blackout_ns : m->blackout_floor_ns;
	g_autofree char *worst = lu_duration_text(m->blackout_worst_connection_ns);
	g_autofree char *base = lu_duration_text(base_ns);

	if (base_ns <= 0 || m->blackout_worst_connection_ns / LU_DARKER_FACTOR < base_ns)
		return;
	suspect(validity, "connection-darker",
		"report blackout_worst_connection_ns (--metric=blackout_worst_connection) with the "
		"blackout, or instead of it",
		"one connection was dark for %s, the service as a whole for %s%s", worst,
		m->blackout_ns > 0 ? "" : "less than ", base);
	limit(validity, of_all_connections);
}

static void check_client(struct validity *validity)
{
	/* Of the schedule: on a busy host replies bunch up, and their median interval shrinks. */
	int64_t most_ns = MAX(validity->saturation.interval_ns, LU_LAG_LEAST_NS);
	g_autofree char *p99 = lu_duration_text(validity->lag.p99_ns);
	g_autofree char *most = lu_duration_text(most_ns);
	g_autofree char *max = lu_duration_text(validity->lag.max_ns);

	if (validity->lag.p99_ns > most_ns)
		suspect(validity, "client-late",
			"leave a processor to the client, or lower client.rate_hz",
			"the client itself sent late: p99 %s after the intended time, at most %s; "
			"allowed are %s",
			p99, max, most);
}

static void suspect_short(struct validity *validity, const struct lu_host_load *load, double share,
			  const char *when)
{
	g_autofree char *others =
		load->other_cpus < 0
			? g_strdup("")
			: g_strdup_printf("; others used %.1f of %" G_GINT64_FORMAT " CPUs",
					  load->other_cpus, load->cpus);

	suspect(validity, "cpu-short",
		"stop what else runs on the host, or give the guest fewer CPUs (lubench doctor "
		"--noise)",
		"for %.0f %% of %s a thread of the run (%s) was ready and had no CPU%s",
		100 * share, when, load->waiter ? load->waiter : "unknown", others);
}

/* How much of the blackout is what a thread waited in the samples around it beyond what is usual in
 * this run. A few ms that are nothing over the run are much of a short blackout. */
static double wait_share_of_blackout(const struct validity *validity)
{
	const struct lu_host_load *in = &validity->in_dark;
	double usual_ns = MAX(validity->before.wait_share, 0) * (double)in->ns;

	if (validity->metrics->blackout_ns <= 0 || in->wait_share < 0)
		return 0;
	return ((double)in->wait_ns - usual_ns) / (double)validity->metrics->blackout_ns;
}

static bool host_is_full(const struct lu_host_load *load)
{
	double cpus = (double)load->cpus;

	return load->pressure_share > LU_PRESSURE_SHARE && load->own_cpus >= 0 &&
	       load->other_cpus > LU_OTHERS_SHARE * cpus &&
	       load->own_cpus + load->other_cpus > LU_FULL_SHARE * cpus;
}

static void suspect_full(struct validity *validity, const struct lu_host_load *load)
{
	suspect(validity, "cpu-short", "stop what else runs on the host (lubench doctor --noise)",
		"the host had no CPU to spare: others used %.1f of %" G_GINT64_FORMAT
		" CPUs, the run %.1f, and for %.0f %% of the time some task waited for one",
		load->other_cpus, load->cpus, load->own_cpus, 100 * load->pressure_share);
}

static void check_cpu(struct validity *validity)
{
	const struct lu_host_load *load = &validity->load;
	double of_dark = wait_share_of_blackout(validity);

	if (load->wait_share > LU_WAIT_SHARE)
		suspect_short(validity, load, load->wait_share, "the run");
	else if (of_dark > LU_WAIT_SHARE_OF_BLACKOUT)
		suspect_short(validity, &validity->in_dark, MIN(of_dark, 1), "the blackout");
	else if (host_is_full(load))
		suspect_full(validity, load);
	else if (load->wait_share < 0 && load->pressure_share > LU_PRESSURE_SHARE)
		suspect_short(validity, load, load->pressure_share, "the run");
	if (load->steal_share > LU_STEAL_SHARE)
		suspect(validity, "cpu-stolen",
			"measure on a host whose CPUs are not shared with others",
			"the hypervisor took %.0f %% of this host's CPU time",
			100 * load->steal_share);
}

static void check_clocks(struct validity *validity)
{
	g_autofree char *step = lu_duration_text(validity->load.step_ns);
	g_autofree char *suspended = lu_duration_text(validity->load.suspended_ns);

	if (ABS(validity->load.step_ns) >= LU_STEP_NS)
		suspect(validity, "clock-step",
			"let the clock settle, or have it slewed instead of set, and repeat",
			"the host's time of day jumped by %s", step);
	if (validity->load.suspended_ns >= LU_STEP_NS)
		suspect(validity, "host-suspended", "repeat the run",
			"the host was suspended for %s", suspended);
}

static void check_host(struct validity *validity)
{
	const char *none = "the record has no samples of the host's CPU";

	if (validity->load.ns == 0) {
		not_checked(validity, "cpu-short", none);
		not_checked(validity, "cpu-stolen", none);
		not_checked(validity, "clock-step", none);
		return;
	}
	if (validity->load.wait_share < 0 && validity->load.pressure_share < 0)
		not_checked(validity, "cpu-short",
			    "this host reports neither the waits of threads (schedstat) nor its "
			    "pressure (PSI)");
	check_cpu(validity);
	check_clocks(validity);
}

static json_t *number_or_null(double value)
{
	return value < 0 ? json_null() : json_real(value);
}

static json_t *lag_or_null(const struct validity *validity, int64_t ns)
{
	return validity->lag.requests ? json_integer(ns) : json_null();
}

static json_t *figures(const struct validity *validity)
{
	const struct lu_saturation *found = &validity->saturation;
	const struct lu_host_load *load = &validity->load;
	bool any = load->ns > 0;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "asked_hz",
			 number_or_null(found->asked ? found->asked_hz : -1), "answered_hz",
			 number_or_null(found->asked ? found->answered_hz : -1), "send_lag_p50_ns",
			 lag_or_null(validity, validity->lag.p50_ns), "send_lag_p99_ns",
			 lag_or_null(validity, validity->lag.p99_ns), "send_lag_max_ns",
			 lag_or_null(validity, validity->lag.max_ns), "wait_share",
			 number_or_null(any ? load->wait_share : -1), "pressure_share",
			 number_or_null(any ? load->pressure_share : -1), "steal_share",
			 number_or_null(any ? load->steal_share : -1), "own_cpus",
			 number_or_null(any ? load->own_cpus : -1), "other_cpus",
			 number_or_null(any ? load->other_cpus : -1));
}

static void check_all(struct validity *validity, bool simulated)
{
	check_saturated(validity);
	if (simulated)
		return;
	check_drift(validity);
	check_noise(validity);
	check_hidden(validity);
	check_darker(validity);
	check_client(validity);
	check_host(validity);
}

static const char *verdict(const struct validity *validity)
{
	if (json_array_size(validity->reasons) > 0)
		return "suspect";
	return validity->samples->triggered && validity->samples->asked->len ? "sound" : "unknown";
}

json_t *lu_validity_to_json(const struct lu_timeline *timeline, const struct lu_metrics *metrics,
			    bool simulated)
{
	struct lu_samples *samples = lu_samples_new(timeline);
	struct validity validity = {
		.metrics = metrics,
		.samples = samples,
		.saturation = lu_saturation_find(samples),
		.lag = lu_send_lag_find(samples, timeline),
		.load = lu_host_load_find(timeline, samples->baseline_ns, samples->end_ns),
		.before = lu_host_load_find(timeline, samples->baseline_ns, samples->trigger_ns),
		.in_dark = lu_host_load_find(timeline, metrics->blackout_begin_ns,
					     metrics->blackout_end_ns),
		.reasons = json_array(),
		.not_checked = json_array(),
	};

	if (samples->asked->len)
		check_all(&validity, simulated);
	json_t *doc = json_pack("{s:s, s:o, s:o, s:o}", "verdict", verdict(&validity), "reasons",
				validity.reasons, "not_checked", validity.not_checked, "figures",
				figures(&validity));

	lu_samples_free(samples);
	return doc;
}
