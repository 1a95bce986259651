/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services and strategies that users bring, in real guests. */
#include "tests/kit/cmocka-all.h"
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include "tests/kit/full.h"
#include "tests/runs/run.h"

#define MACHINE "x86-q35"

static void check_memcached(const char *strategy)
{
	g_autofree char *options = g_strdup_printf(
		"--strategy=%s --workload=service --param spec=memcached --param dataset_mb=2",
		strategy);
	struct run run = run_good(options);

	assert_string_equal(run_verdict(&run, "acknowledged-writes"), "pass");
	assert_string_equal(run_verdict(&run, "dataset"), "pass");
	assert_string_equal(run_verdict(&run, "connections"), "pass");
	run_clear(&run);
}

static void test_memcached_kexec(void **state)
{
	check_memcached("kexec");
}

static void test_memcached_failover(void **state)
{
	check_memcached("failover");
}

static void test_memcached_migrate(void **state)
{
	check_memcached("migrate");
}

/* The shipped scripts. */
static void test_memcached_custom(void **state)
{
	check_memcached("custom");
}

/* What CRIU cannot dump is refused in its words, and goes on. */
static void test_io_uring(void **state)
{
	struct run run = run_lubench("--strategy=kexec --workload=service --param spec=io-uring");

	assert_string_equal(run_text(&run, "outcome"), "refused");
	assert_non_null(strstr(run_text(&run, "reason"), "io_uring"));
	assert_string_equal(run_verdict(&run, "service-unharmed"), "pass");
	assert_string_equal(run_verdict(&run, "dataset"), "pass");
	run_clear(&run);
}

static void check_carried(const char *spec)
{
	g_autofree char *options =
		g_strdup_printf("--strategy=kexec --workload=service --param spec=%s", spec);
	struct run run = run_good(options);

	assert_string_equal(run_verdict(&run, "dataset"), "pass");
	run_clear(&run);
}

/* So are 10,000 descriptors. */
static void test_fds(void **state)
{
	struct run run;

	if (left_to_full("a service with 10,000 descriptors"))
		return;
	run = run_lubench("--strategy=kexec --workload=service --param spec=fds");
	assert_string_equal(run_text(&run, "outcome"), "refused");
	assert_non_null(strstr(run_text(&run, "reason"), "criu: Error"));
	assert_string_equal(run_verdict(&run, "service-unharmed"), "pass");
	assert_string_equal(run_verdict(&run, "dataset"), "pass");
	run_clear(&run);
}

static void test_inotify(void **state)
{
	if (!left_to_full("a service with an inotify watch"))
		check_carried("inotify");
}

/* A checker of the user's, and a service described in a file: both in a folder of their own. */
static void check_checker(const char *strategy)
{
	g_autofree char *dir = g_dir_make_tmp("lubench-checker-XXXXXX", NULL);
	g_autofree char *program = g_build_filename(dir, "count", NULL);
	g_autofree char *spec = g_build_filename(dir, "counted.json", NULL);
	g_autofree char *compile = g_strdup_printf(
		"cc -O1 -o %s " LU_SOURCE_DIR "/examples/checkers/count.c", program);
	g_autofree char *options =
		g_strdup_printf("--strategy=%s --workload=service --param spec=%s", strategy, spec);
	int status = -1;

	assert_true(g_spawn_command_line_sync(compile, NULL, NULL, &status, NULL) && !status);
	assert_true(g_file_set_contents(
		spec,
		"{\"built\": \"service\", \"argv\": [\"/usr/bin/service\", \"--port\", \"7010\"], "
		"\"port\": 7010, \"protocol\": \"checker\", \"checker\": [\"./count\"]}",
		-1, NULL));
	struct run run = run_good(options);

	assert_string_equal(run_verdict(&run, "acknowledged-writes"), "pass");
	assert_string_equal(run_verdict(&run, "answers"), "pass");
	run_clear(&run);
	g_unlink(program);
	g_unlink(spec);
	g_rmdir(dir);
}

static void test_checker_kexec(void **state)
{
	check_checker("kexec");
}

static void test_checker_failover(void **state)
{
	if (!left_to_full("a checker beside a failover"))
		check_checker("failover");
}

static void test_unlinked(void **state)
{
	check_carried("unlinked");
}

static void test_tree(void **state)
{
	check_carried("tree");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memcached_kexec),
		cmocka_unit_test(test_memcached_failover),
		cmocka_unit_test(test_memcached_migrate),
		cmocka_unit_test(test_memcached_custom),
		cmocka_unit_test(test_io_uring),
		cmocka_unit_test(test_unlinked),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_fds),
		cmocka_unit_test(test_inotify),
		cmocka_unit_test(test_checker_kexec),
		cmocka_unit_test(test_checker_failover),
	};
	int missing = run_prerequisites(MACHINE);

	return missing ? missing : cmocka_run_group_tests(tests, NULL, NULL);
}
