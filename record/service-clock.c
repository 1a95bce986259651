/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an upgrade did to the clocks that the service sees. */
#include "record/service-clock.h"
#include "record/connections.h"
#include "record/cycles.h"
#include "record/gaps.h"
#include "record/samples.h"
#include "record/steps.h"

#define MILLION 1000000

struct reading {
	int64_t asked_ns, answered_ns; /* between these, on the harness's clock */
	int64_t monotonic_ns, boottime_ns, realtime_error_ns;
	bool realtime, own;
};

static bool number(const struct lu_event *event, const char *key, int64_t *to)
{
	const json_t *value = json_object_get(event->value, key);

	*to = json_integer_value(value);
	return json_is_integer(value);
}

static bool read_event(const struct lu_event *event, struct reading *reading)
{
	if (!lu_event_is(event, "guest", "clock") ||
	    !number(event, "asked_ns", &reading->asked_ns) ||
	    !number(event, "monotonic_ns", &reading->monotonic_ns) ||
	    !number(event, "boottime_ns", &reading->boottime_ns))
		return false;
	reading->answered_ns = event->t_ns;
	reading->realtime = number(event, "realtime_error_ns", &reading->realtime_error_ns);
	reading->own = json_is_true(json_object_get(event->value, "own"));
	return reading->asked_ns <= reading->answered_ns;
}

/* true: there are two. */
static bool find_readings(const struct lu_timeline *timeline, struct reading *first,
			  struct reading *last)
{
	struct reading reading = {0};
	unsigned n = 0;

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		if (!read_event(lu_timeline_at(timeline, i), &reading))
			continue;
		if (!n++)
			*first = reading;
		*last = reading;
	}
	return n > 1;
}

static int64_t middle(const struct reading *reading)
{
	return reading->asked_ns + (reading->answered_ns - reading->asked_ns) / 2;
}

static int64_t half(const struct reading *reading)
{
	return (reading->answered_ns - reading->asked_ns + 1) / 2;
}

/* From the first step after PREPARE to the last before FINISH, or the last undo; and the blackout,
 * because a migration's machine is stopped before PREPARE has ended. */
static int64_t paused(const struct lu_timeline *timeline)
{
	g_autoptr(GArray) steps = lu_steps_find(timeline);
	struct lu_samples *samples = lu_samples_new(timeline);
	struct lu_gaps gaps = lu_gaps_of_all(samples, NULL);
	int64_t begin_ns = INT64_MAX, end_ns = INT64_MIN;

	for (guint i = 0; i < steps->len; i++) {
		const struct lu_step *step = &g_array_index(steps, struct lu_step, i);

		if (!lu_step_stops_service(step))
			continue;
		begin_ns = MIN(begin_ns, step->begin_ns);
		end_ns = MAX(end_ns, MIN(step->end_ns, samples->end_ns));
	}
	if (samples->triggered && gaps.longest_ns > gaps.floor_ns) {
		begin_ns = MIN(begin_ns, gaps.begin_ns);
		end_ns = MAX(end_ns, gaps.end_ns);
	}
	lu_samples_free(samples);
	return end_ns > begin_ns ? end_ns - begin_ns : 0;
}

/* Across one upgrade. */
static struct lu_service_clock across(const struct lu_timeline *timeline)
{
	struct lu_service_clock clock = {0};
	struct reading first, last;
	int64_t passed_ns;

	if (!find_readings(timeline, &first, &last))
		return clock;
	passed_ns = middle(&last) - middle(&first);
	clock.known = true;
	clock.late_ns = passed_ns - (last.monotonic_ns - first.monotonic_ns);
	clock.boottime_late_ns = passed_ns - (last.boottime_ns - first.boottime_ns);
	clock.within_ns = half(&first) + half(&last) + passed_ns / MILLION * LU_CLOCK_RATE_PPM;
	clock.paused_ns = paused(timeline);
	clock.back_ns = MAX(clock.late_ns - clock.paused_ns - clock.within_ns, 0);
	clock.boottime_back_ns = MAX(clock.boottime_late_ns - clock.paused_ns - clock.within_ns, 0);
	clock.realtime = first.realtime && last.realtime;
	if (clock.realtime) {
		clock.realtime_error_ns = last.realtime_error_ns;
		clock.realtime_step_ns = last.realtime_error_ns - first.realtime_error_ns;
	}
	clock.own_before = first.own;
	clock.own_after = last.own;
	return clock;
}

/* One after the other: what was lost adds up, and none may go back. */
static void add(struct lu_service_clock *all, const struct lu_service_clock *one, bool first)
{
	all->known = one->known && (first || all->known);
	all->late_ns += one->late_ns;
	all->boottime_late_ns += one->boottime_late_ns;
	all->within_ns += one->within_ns;
	all->paused_ns += one->paused_ns;
	all->back_ns = MAX(all->back_ns, one->back_ns);
	all->boottime_back_ns = MAX(all->boottime_back_ns, one->boottime_back_ns);
	all->realtime = one->realtime && (first || all->realtime);
	all->realtime_error_ns = one->realtime_error_ns;
	all->realtime_step_ns += one->realtime_step_ns;
	all->own_before = first ? one->own_before : all->own_before;
	all->own_after = one->own_after;
}

struct lu_service_clock lu_service_clock_find(const struct lu_timeline *timeline)
{
	g_autoptr(GArray) cycles = lu_cycles_find(timeline);
	struct lu_service_clock all = {0};

	if (cycles->len == 1)
		return across(timeline);
	for (guint i = 0; i < cycles->len; i++) {
		struct lu_timeline *own =
			lu_cycle_timeline(timeline, &g_array_index(cycles, struct lu_cycle, i));
		struct lu_service_clock one = across(own);

		add(&all, &one, i == 0);
		lu_timeline_free(own);
	}
	return all.known ? all : (struct lu_service_clock){0};
}

static json_t *if_known(bool known, int64_t ns)
{
	return known ? json_integer(ns) : json_null();
}

json_t *lu_service_clock_to_json(const struct lu_timeline *timeline)
{
	const struct lu_service_clock clock = lu_service_clock_find(timeline);

	if (!clock.known)
		return json_null();
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:b, s:b}", "late_ns",
			 (json_int_t)clock.late_ns, "boottime_late_ns",
			 (json_int_t)clock.boottime_late_ns, "within_ns",
			 (json_int_t)clock.within_ns, "paused_ns", (json_int_t)clock.paused_ns,
			 "back_ns", (json_int_t)clock.back_ns, "boottime_back_ns",
			 (json_int_t)clock.boottime_back_ns, "realtime_error_ns",
			 if_known(clock.realtime, clock.realtime_error_ns), "realtime_step_ns",
			 if_known(clock.realtime, clock.realtime_step_ns), "own_before",
			 (int)clock.own_before, "own_after", (int)clock.own_after);
}
