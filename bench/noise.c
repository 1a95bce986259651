/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this host disturbs a measurement by: a timer as the client has, a busy thread as a vCPU is, and
 * what the host says of itself meanwhile. */
#include "bench/noise.h"
#include <string.h>
#include <sys/prctl.h>
#include "host/cpu-meter.h"
#include "host/io.h"
#include "host/numbers.h"
#include "record/gaps.h"
#include "record/quantile.h"
#include "record/validity.h"

#define TIMER_NS (5 * LU_NS_PER_MS)
/* Between two readings of the clock a thread that runs needs far less. */
#define STOP_NS 50000

struct spinner {
	gint end;
	int64_t ns, max_ns, sum_ns;
};

static gpointer spin(gpointer data)
{
	struct spinner *spinner = data;
	int64_t begin = lu_monotonic_ns(), last = begin;

	for (int64_t now; !g_atomic_int_get(&spinner->end); last = now) {
		now = lu_monotonic_ns();
		if (now - last < STOP_NS)
			continue;
		spinner->max_ns = MAX(spinner->max_ns, now - last);
		spinner->sum_ns += now - last;
	}
	spinner->ns = MAX(last - begin, 1);
	return NULL;
}

static void measure_timer(struct lu_noise *noise, int64_t until_ns)
{
	g_autoptr(GArray) late = g_array_new(FALSE, FALSE, sizeof(int64_t));
	int slack = prctl(PR_GET_TIMERSLACK, 0UL, 0UL, 0UL, 0UL);

	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	for (int64_t due = lu_monotonic_ns() + TIMER_NS; due < until_ns; due += TIMER_NS) {
		lu_io_host.poll(&lu_io_host, NULL, 0, due);
		int64_t late_ns = lu_monotonic_ns() - due;

		g_array_append_val(late, late_ns);
	}
	prctl(PR_SET_TIMERSLACK, slack > 0 ? (unsigned long)slack : 50000UL, 0UL, 0UL, 0UL);
	lu_sort_ns(late);
	noise->timer_p50_ns = lu_quantile_ns(late, 0.5);
	noise->timer_p99_ns = lu_quantile_ns(late, 0.99);
	noise->timer_max_ns = lu_quantile_ns(late, 1);
}

static double share_of(const json_t *sample, const char *key, double over_ns)
{
	const json_t *value = json_object_get(sample, key);

	return json_is_integer(value) && over_ns > 0 ? json_number_value(value) / over_ns : -1;
}

static void take_sample(struct lu_noise *noise, const json_t *sample)
{
	double ns = json_number_value(json_object_get(sample, "ns"));
	double busy = share_of(sample, "busy_ns", ns), own = share_of(sample, "own_ns", ns);

	noise->cpus = MAX(json_integer_value(json_object_get(sample, "cpus")), 1);
	noise->pressure_share = share_of(sample, "pressure_ns", ns);
	noise->steal_share = share_of(sample, "steal_ns", ns * (double)noise->cpus);
	noise->other_cpus = busy < 0 || own < 0 ? -1 : MAX(busy - own, 0);
}

/* "0.02 0.05 0.10 RUNNABLE/TASKS PID", the reader among them. */
static int64_t runnable_others(void)
{
	g_autofree char *text = NULL;
	int64_t runnable;

	if (!g_file_get_contents("/proc/loadavg", &text, NULL, NULL))
		return -1;
	const char *slash = strchr(text, '/');

	while (slash && slash > text && slash[-1] != ' ')
		slash--;
	return lu_numbers_read(slash, &runnable, 1) ? MAX(runnable - 1, 0) : -1;
}

static char *governor_of(int64_t cpu)
{
	g_autofree char *path =
		g_strdup_printf("/sys/devices/system/cpu/cpu%d/cpufreq/scaling_governor", (int)cpu);
	char *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) ? g_strstrip(text) : NULL;
}

/* "performance", or "performance, powersave" where they differ. */
static char *governors(int64_t cpus)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	for (int64_t cpu = 0; cpu < cpus; cpu++) {
		char *name = governor_of(cpu);

		if (name && !g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
			g_ptr_array_add(names, name);
		else
			g_free(name);
	}
	if (names->len == 0)
		return NULL;
	g_ptr_array_add(names, NULL);
	return g_strjoinv(", ", (char **)names->pdata);
}

struct lu_noise lu_noise_measure(int64_t ns)
{
	struct lu_noise noise = {.ns = ns, .runnable = runnable_others()};
	struct spinner spinner = {0};
	struct lu_cpu_meter *meter = lu_cpu_meter_new(lu_io_host.proc);
	GThread *thread = lu_io_host.thread(&lu_io_host, "busy", spin, &spinner);

	measure_timer(&noise, lu_monotonic_ns() + ns);
	json_t *sample = lu_cpu_meter_read(meter); /* while the thread is there to be counted */

	g_atomic_int_set(&spinner.end, 1);
	g_thread_join(thread);
	take_sample(&noise, sample);
	json_decref(sample);
	lu_cpu_meter_free(meter);
	noise.stop_max_ns = spinner.max_ns;
	noise.stop_share = (double)spinner.sum_ns / (double)spinner.ns;
	noise.governor = governors(noise.cpus);
	return noise;
}

void lu_noise_clear(struct lu_noise *noise)
{
	g_clear_pointer(&noise->governor, g_free);
}

static int64_t schedule_floor(double rate_hz)
{
	return (int64_t)(LU_FLOOR_INTERVALS * 1e9 / rate_hz);
}

int64_t lu_noise_floor(const struct lu_noise *noise, double rate_hz)
{
	int64_t gap_ns = (int64_t)(1e9 / rate_hz) + noise->timer_max_ns + noise->stop_max_ns;

	return MAX(gap_ns * 3 / 2, schedule_floor(rate_hz));
}

int64_t lu_noise_resolves(const struct lu_noise *noise, double rate_hz)
{
	int64_t floor_ns = lu_noise_floor(noise, rate_hz);

	if (floor_ns < LU_NOISE_FACTOR * schedule_floor(rate_hz))
		return floor_ns;
	return (int64_t)((double)floor_ns / LU_NOISE_SHARE);
}

char *lu_noise_reasons(const struct lu_noise *noise, double rate_hz)
{
	g_autoptr(GPtrArray) keys = g_ptr_array_new();

	if (noise->timer_p99_ns > MAX((int64_t)(1e9 / rate_hz), LU_LAG_LEAST_NS))
		g_ptr_array_add(keys, "client-late");
	if (noise->stop_share > LU_WAIT_SHARE)
		g_ptr_array_add(keys, "cpu-short");
	if (noise->steal_share > LU_STEAL_SHARE)
		g_ptr_array_add(keys, "cpu-stolen");
	if (keys->len == 0)
		return NULL;
	g_ptr_array_add(keys, NULL);
	return g_strjoinv(", ", (char **)keys->pdata);
}
