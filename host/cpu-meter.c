/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's CPU from procfs: counters that only grow, and their differences. */
#include "host/cpu-meter.h"
#include <glib.h>
#include <string.h>
#include <unistd.h>
#include "host/clocks.h"
#include "host/numbers.h"
#include "host/tasks.h"

/* Counters at one moment; -1: this host does not have it. */
struct counters {
	struct lu_clocks clocks;
	int64_t cpus, busy_ns, steal_ns, pressure_ns;
	GHashTable *tasks; /* lu_tasks_read */
};

struct lu_cpu_meter {
	char *proc;
	struct counters last;
};

static char *read_file(const char *proc, const char *name)
{
	g_autofree char *path = g_build_filename(proc, name, NULL);
	char *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

static int64_t count_cpus(const char *stat)
{
	int64_t n = 0;

	for (const char *at = stat; (at = strstr(at, "\ncpu")); at++)
		n++;
	return n;
}

/* cpu user nice system idle iowait irq softirq steal …, in ticks; guests are within user. */
static void read_stat(struct counters *counters, const char *proc)
{
	g_autofree char *stat = read_file(proc, "stat");
	int64_t tick_ns = 1000000000 / sysconf(_SC_CLK_TCK), t[8];

	if (!stat || !g_str_has_prefix(stat, "cpu ") ||
	    lu_numbers_read(stat + strlen("cpu "), t, G_N_ELEMENTS(t)) < G_N_ELEMENTS(t))
		return;
	counters->busy_ns = (t[0] + t[1] + t[2] + t[5] + t[6]) * tick_ns;
	counters->steal_ns = t[7] * tick_ns;
	counters->cpus = count_cpus(stat);
}

/* some avg10=0.00 avg60=0.00 avg300=0.00 total=MICROSECONDS */
static void read_pressure(struct counters *counters, const char *proc)
{
	g_autofree char *text = read_file(proc, "pressure/cpu");
	const char *total = text ? strstr(text, "total=") : NULL;

	if (total && g_str_has_prefix(text, "some"))
		counters->pressure_ns = g_ascii_strtoll(total + strlen("total="), NULL, 10) * 1000;
}

static struct counters count(const char *proc)
{
	struct counters counters = {.cpus = -1, .busy_ns = -1, .steal_ns = -1, .pressure_ns = -1};

	read_stat(&counters, proc);
	read_pressure(&counters, proc);
	counters.tasks = lu_tasks_read(proc);
	counters.clocks = lu_clocks_read();
	return counters;
}

struct lu_cpu_meter *lu_cpu_meter_new(const char *proc)
{
	struct lu_cpu_meter *meter = g_new0(struct lu_cpu_meter, 1);

	meter->proc = g_strdup(proc);
	meter->last = count(proc);
	return meter;
}

void lu_cpu_meter_free(struct lu_cpu_meter *meter)
{
	if (!meter)
		return;
	g_hash_table_unref(meter->last.tasks);
	g_free(meter->proc);
	g_free(meter);
}

static void put(json_t *value, const char *key, int64_t before, int64_t now)
{
	if (before >= 0 && now >= before)
		json_object_set_new(value, key, json_integer(now - before));
}

/* A thread that has begun meanwhile counts from its beginning. */
static void put_tasks(json_t *value, const char *proc, GHashTable *before, GHashTable *now)
{
	const struct lu_task *task, *longest = NULL;
	int64_t own_ns = 0, wait_ns = -1;
	GHashTableIter iter;
	gpointer key;

	g_hash_table_iter_init(&iter, now);
	while (g_hash_table_iter_next(&iter, &key, (gpointer *)&task)) {
		const struct lu_task *earlier = g_hash_table_lookup(before, key);
		int64_t waited = task->wait_ns - (earlier ? earlier->wait_ns : 0);

		own_ns += task->run_ns - (earlier ? earlier->run_ns : 0);
		if (task->tid == gettid() || waited <= wait_ns)
			continue;
		wait_ns = waited;
		longest = task;
	}
	if (g_hash_table_size(now) > 0)
		json_object_set_new(value, "own_ns", json_integer(own_ns));
	if (!longest)
		return;
	g_autofree char *name = lu_task_name(proc, longest);

	json_object_set_new(value, "wait_ns", json_integer(wait_ns));
	json_object_set_new(value, "waiter", json_string(name));
}

static void put_clocks(json_t *value, const struct lu_clocks *before, const struct lu_clocks *now)
{
	json_object_set_new(value, "ns", json_integer(now->monotonic_ns - before->monotonic_ns));
	json_object_set_new(
		value, "step_ns",
		json_integer(lu_clocks_step(before->realtime_ns, now->realtime_ns, before, now)));
	json_object_set_new(
		value, "suspended_ns",
		json_integer(lu_clocks_step(before->boottime_ns, now->boottime_ns, before, now)));
}

json_t *lu_cpu_meter_read(struct lu_cpu_meter *meter)
{
	struct counters now = count(meter->proc), *last = &meter->last;
	json_t *value = json_object();

	put_clocks(value, &last->clocks, &now.clocks);
	if (now.cpus > 0)
		json_object_set_new(value, "cpus", json_integer(now.cpus));
	put(value, "busy_ns", last->busy_ns, now.busy_ns);
	put(value, "steal_ns", last->steal_ns, now.steal_ns);
	put(value, "pressure_ns", last->pressure_ns, now.pressure_ns);
	put_tasks(value, meter->proc, last->tasks, now.tasks);
	g_hash_table_unref(last->tasks);
	*last = now;
	return value;
}
