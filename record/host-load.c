/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Load of the host's CPUs during a run. */
#include "record/host-load.h"

/* Some eleven days in ns: far more than a sample covers, and sums of it do not overflow. */
#define LARGEST INT64_C(1000000000000000)

/* Sums over samples, each over those alone that have the value. */
struct sum {
	double value, over_ns;
};

struct sums {
	struct sum wait, steal, pressure, busy, own;
	int64_t worst_wait_ns;
};

/* A value that no sample can have is damaged, and ignored. */
static int64_t integer_of(const struct lu_event *event, const char *key, int64_t def)
{
	const json_t *member = json_object_get(event->value, key);
	json_int_t value = json_integer_value(member);

	return json_is_integer(member) && value > -LARGEST && value < LARGEST ? value : def;
}

static void add(struct sum *sum, const struct lu_event *event, const char *key, double over_ns)
{
	int64_t value = integer_of(event, key, -1);

	if (value < 0)
		return;
	sum->value += (double)value;
	sum->over_ns += over_ns;
}

static void take_waiter(struct lu_host_load *load, struct sums *sums, const struct lu_event *event)
{
	int64_t wait_ns = integer_of(event, "wait_ns", 0);

	if (wait_ns <= sums->worst_wait_ns)
		return;
	sums->worst_wait_ns = wait_ns;
	load->waiter = json_string_value(json_object_get(event->value, "waiter"));
}

static void take(struct lu_host_load *load, struct sums *sums, const struct lu_event *event)
{
	int64_t ns = MAX(integer_of(event, "ns", 0), 0);
	int64_t cpus = MAX(integer_of(event, "cpus", 1), 1);
	int64_t step_ns = integer_of(event, "step_ns", 0);

	load->ns += ns;
	load->cpus = cpus;
	add(&sums->wait, event, "wait_ns", (double)ns);
	add(&sums->steal, event, "steal_ns", (double)ns * (double)cpus);
	add(&sums->pressure, event, "pressure_ns", (double)ns);
	add(&sums->busy, event, "busy_ns", (double)ns);
	add(&sums->own, event, "own_ns", (double)ns);
	take_waiter(load, sums, event);
	load->suspended_ns += integer_of(event, "suspended_ns", 0);
	if (ABS(step_ns) > ABS(load->step_ns))
		load->step_ns = step_ns;
}

static double share(const struct sum *sum)
{
	return sum->over_ns > 0 ? sum->value / sum->over_ns : -1;
}

struct lu_host_load lu_host_load_find(const struct lu_timeline *timeline, int64_t begin_ns,
				      int64_t end_ns)
{
	const char *host = g_intern_string("host"), *cpu = g_intern_string("cpu");
	struct lu_host_load load = {0};
	struct sums sums = {0};

	for (size_t i = 0; i < lu_timeline_count(timeline); i++) {
		const struct lu_event *event = lu_timeline_at(timeline, i);

		if (event->source != host || event->kind != cpu || event->t_ns <= begin_ns ||
		    event->t_ns - integer_of(event, "ns", 0) >= end_ns)
			continue;
		take(&load, &sums, event);
	}
	load.wait_share = share(&sums.wait);
	load.wait_ns = (int64_t)sums.wait.value;
	load.steal_share = share(&sums.steal);
	load.pressure_share = share(&sums.pressure);
	load.own_cpus = share(&sums.own);
	load.other_cpus = share(&sums.busy);
	if (load.own_cpus >= 0 && load.other_cpus >= 0)
		load.other_cpus = MAX(load.other_cpus - load.own_cpus, 0);
	else
		load.other_cpus = -1;
	return load;
}
