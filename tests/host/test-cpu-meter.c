/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CPU meter over a procfs made of files, whose counters the test moves. */
#include "tests/kit/cmocka-all.h"
#include <glib/gstdio.h>
#include "host/clocks.h"
#include "host/cpu-meter.h"

static void write_file(const char *dir, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);
	g_autofree char *parent = g_path_get_dirname(path);

	assert_int_equal(g_mkdir_with_parents(parent, 0700), 0);
	assert_true(g_file_set_contents(path, text, -1, NULL));
}

/* Two processors, and a process of two threads with a child of one. */
static char *make_proc(void)
{
	char *dir = g_dir_make_tmp("lubench-proc-XXXXXX", NULL);

	assert_non_null(dir);
	write_file(dir, "stat",
		   "cpu  100 10 50 9000 7 1 2 20 99 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n"
		   "cpu1 1 1 1 1 1 1 1 1 1 1\nintr 1\n");
	write_file(dir, "pressure/cpu",
		   "some avg10=9.00 avg60=9.00 avg300=9.00 total=5000\n"
		   "full avg10=0.00 avg60=0.00 avg300=0.00 total=1\n");
	write_file(dir, "self/task/1000001/schedstat", "1000 2000 3\n");
	write_file(dir, "self/task/1000001/children", "");
	write_file(dir, "self/task/1000002/schedstat", "100 200 3\n");
	write_file(dir, "self/task/1000002/children", "1000003 ");
	write_file(dir, "1000003/task/1000003/schedstat", "10 20 3\n");
	write_file(dir, "1000003/task/1000003/children", "");
	write_file(dir, "1000003/task/1000003/comm", "vcpu\n");
	write_file(dir, "self/task/1000001/comm", "client\n");
	return dir;
}

static void remove_tree(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *child = g_build_filename(path, name, NULL);

		remove_tree(child);
	}
	g_clear_pointer(&dir, g_dir_close);
	g_remove(path);
}

static void assert_number(const json_t *value, const char *key, int64_t expected)
{
	assert_true(json_is_integer(json_object_get(value, key)));
	assert_int_equal(json_integer_value(json_object_get(value, key)), expected);
}

static void test_differences(void **state)
{
	g_autofree char *dir = make_proc();
	struct lu_cpu_meter *meter = lu_cpu_meter_new(dir);

	write_file(dir, "stat", "cpu  101 12 54 9999 9999 9 18 52 999 0\ncpu0 1\ncpu1 1\nintr 1\n");
	write_file(dir, "pressure/cpu", "some avg10=9 avg60=9 avg300=9 total=5007\nfull total=9\n");
	write_file(dir, "self/task/1000001/schedstat", "1001 2005 3\n");
	write_file(dir, "1000003/task/1000003/schedstat", "30 420 3\n");
	write_file(dir, "1000003/task/1000004/schedstat", "300 60 3\n"); /* has begun meanwhile */
	json_t *value = lu_cpu_meter_read(meter);

	assert_number(value, "cpus", 2);
	/* user 1, nice 2, system 4, irq 8, softirq 16 ticks, neither idle nor iowait nor guest */
	assert_number(value, "busy_ns", 31 * (1000000000 / sysconf(_SC_CLK_TCK)));
	assert_number(value, "steal_ns", 32 * (1000000000 / sysconf(_SC_CLK_TCK)));
	assert_number(value, "pressure_ns", 7000);
	assert_number(value, "own_ns", 1 + 20 + 300);
	assert_number(value, "wait_ns", 400);
	assert_string_equal(json_string_value(json_object_get(value, "waiter")), "vcpu");
	json_decref(value);
	/* Nothing has moved since. */
	value = lu_cpu_meter_read(meter);
	assert_number(value, "busy_ns", 0);
	assert_number(value, "wait_ns", 0);
	assert_true(json_integer_value(json_object_get(value, "ns")) > 0);
	json_decref(value);
	lu_cpu_meter_free(meter);
	remove_tree(dir);
}

/* What a host does not tell is left out, and is not 0. */
static void test_absent(void **state)
{
	g_autofree char *dir = make_proc();
	g_autofree char *pressure = g_build_filename(dir, "pressure", NULL);
	g_autofree char *self = g_build_filename(dir, "self", NULL);

	remove_tree(pressure);
	remove_tree(self);
	struct lu_cpu_meter *meter = lu_cpu_meter_new(dir);
	json_t *value = lu_cpu_meter_read(meter);

	assert_null(json_object_get(value, "pressure_ns"));
	assert_null(json_object_get(value, "wait_ns"));
	assert_null(json_object_get(value, "own_ns"));
	assert_number(value, "busy_ns", 0);
	json_decref(value);
	lu_cpu_meter_free(meter);
	remove_tree(dir);
	meter = lu_cpu_meter_new("/nowhere");
	value = lu_cpu_meter_read(meter);
	assert_null(json_object_get(value, "busy_ns"));
	assert_null(json_object_get(value, "cpus"));
	json_decref(value);
	lu_cpu_meter_free(meter);
}

/* An offset that moves by no more than the readings' own width has not moved. */
static void test_clocks(void **state)
{
	const struct lu_clocks before = {.within_ns = 100}, now = {.within_ns = 50};
	struct lu_clocks clocks = lu_clocks_read();

	assert_int_equal(lu_clocks_step(1000, 1150, &before, &now), 0);
	assert_int_equal(lu_clocks_step(1000, 1151, &before, &now), 151);
	assert_int_equal(lu_clocks_step(1000, -5000, &before, &now), -6000);
	assert_true(clocks.within_ns >= 0);
	assert_true(clocks.boottime_ns >= -clocks.within_ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_differences),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
