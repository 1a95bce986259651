/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results: their form against the schema, their way to the disk. */
#include "tests/kit/cmocka-all.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "record/error.h"
#include "record/pending-file.h"
#include "model/result.h"
#include "tests/record/record.h"
#include "tests/model/schema.h"

static struct lu_timeline *sample_timeline(void)
{
	struct lu_timeline *t = record_new();

	record_hello(t, 900, 0, "v1", 100);
	record_steady(t, 1000, 2500, 10, 1, 0);
	record_burst(t, 2500, 3000, 10, 3000, 0);
	record_steady(t, 3000, 5000, 10, 1, 0);
	record_phase(t, 0, "PREPARE", 2000, 2480);
	record_phase(t, 1, "SWITCH", 2490, 2980);
	record_memory(t, 1500, 100, 0, 0, 10);
	lu_timeline_add(t, 2980 * MS, "guest", "claim", 0,
			json_pack("{s:s, s:i}", "name", "c", "ns", 5));
	lu_timeline_sort(t);
	return t;
}

static struct lu_plan *sample_plan(void)
{
	json_t *scenario =
		json_pack("{s:s, s:{s:s}}", "strategy", "pause", "fault", "phase", "FREEZE");
	struct lu_plan *plan = lu_plan_new(scenario, "s", LU_SOURCE_DIR "/machines", 0, NULL);

	json_decref(scenario);
	assert_non_null(plan);
	return plan;
}

static json_t *sample_result(const char *verdict)
{
	struct lu_outcome_report report = {
		.oracles = json_pack("{s:{s:s, s:s}}", "sequence", "verdict", verdict, "evidence",
				     "e"),
		.console_tail = g_strdup("tail \xff"),
	};
	struct lu_plan *plan = sample_plan();
	struct lu_timeline *t = sample_timeline();
	json_t *result = lu_result_new(plan, &report, t);

	assert_non_null(result);
	lu_outcome_report_clear(&report);
	lu_timeline_free(t);
	lu_plan_free(plan);
	return result;
}

static void assert_valid(const json_t *result, const char *wrong)
{
	json_t *schema = json_load_file(LU_SOURCE_DIR "/results/schema.json", 0, NULL);
	g_autofree char *found = schema_check(schema, result);

	assert_non_null(schema);
	if (found && !wrong)
		print_error("%s\n", found);
	assert_int_equal(found != NULL, wrong != NULL);
	if (wrong)
		assert_string_equal(found, wrong);
	json_decref(schema);
}

static void test_schema(void **state)
{
	json_t *result = sample_result("pass");

	assert_valid(result, NULL);
	assert_true(json_array_size(
			    json_object_get(json_object_get(result, "metrics"), "breakdown")) >= 2);
	json_decref(result);
}

/* The check itself must be able to fail. */
static void test_schema_rejects(void **state)
{
	json_t *result = sample_result("pass");

	json_object_set_new(json_object_get(result, "metrics"), "blackout_ns", json_real(1.5));
	assert_valid(result, "result.metrics.blackout_ns: is a number");
	json_object_del(json_object_get(result, "metrics"), "blackout_ns");
	assert_valid(result, "result.metrics.blackout_ns: missing");
	json_decref(result);
	result = sample_result("perhaps");
	assert_valid(result, "result.oracles.sequence.verdict: not one of the enum");
	json_decref(result);
	result = sample_result("pass");
	json_object_set_new(result, "extra", json_true());
	assert_valid(result, "result.extra: not in the schema");
	json_decref(result);
}

static void test_good(void **state)
{
	json_t *pass = sample_result("pass"), *fail = sample_result("fail");
	json_t *waived = sample_result("waived"), *odd = sample_result("perhaps");

	assert_true(lu_result_good(pass));
	assert_true(lu_result_good(waived));
	assert_false(lu_result_good(fail));
	assert_false(lu_result_good(odd));
	json_object_set_new(pass, "outcome", json_string("failed"));
	assert_false(lu_result_good(pass));
	json_decref(pass);
	json_decref(fail);
	json_decref(waived);
	json_decref(odd);
}

static void test_outcome_from_error(void **state)
{
	GError refused = {LU_ERROR, LU_ERROR_REFUSED, NULL};
	GError foreign = {G_FILE_ERROR, LU_ERROR_REFUSED, NULL};

	assert_int_equal(lu_outcome_from_error(NULL), LU_OK);
	assert_int_equal(lu_outcome_from_error(&refused), LU_REFUSED);
	assert_int_equal(lu_outcome_from_error(&foreign), LU_FAILED);
}

static int count_files(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	int count = 0;

	while (dir && g_dir_read_name(dir))
		count++;
	return count;
}

static void remove_dir(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *file;

	while (dir && (file = g_dir_read_name(dir))) {
		g_autofree char *full = g_build_filename(path, file, NULL);

		g_unlink(full);
	}
	g_rmdir(path);
}

static void test_save_and_load(void **state)
{
	g_autofree char *dir = g_dir_make_tmp("lubench-XXXXXX", NULL);
	json_t *result = sample_result("pass");
	struct lu_timeline *t = sample_timeline();
	g_autoptr(GError) error = NULL;
	g_autofree char *path = lu_result_save(result, t, dir, &error);

	assert_null(error);
	assert_int_equal(count_files(dir), 2);
	json_t *back = lu_result_load(path, &error);
	struct lu_timeline *t2 = lu_result_load_timeline(path, &error);

	assert_null(error);
	assert_true(json_equal(result, back));
	json_object_del(back, "metrics");
	lu_result_recompute(back, t2);
	assert_true(json_equal(result, back)); /* metrics depend on the timeline alone */
	assert_null(lu_result_save(result, t, dir, &error)); /* never writes over one */
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_FAILED));
	assert_int_equal(count_files(dir), 2);
	lu_timeline_free(t);
	lu_timeline_free(t2);
	json_decref(result);
	json_decref(back);
	remove_dir(dir);
}

/* As a full disk does, half-way through: nothing is left. In a child, for the limit stays. */
static void test_disk_full(void **state)
{
	g_autofree char *dir = g_dir_make_tmp("lubench-XXXXXX", NULL);
	json_t *result = sample_result("pass");
	struct lu_timeline *t = sample_timeline();
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct rlimit limit = {4096, 4096};
		GError *error = NULL;

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		char *path = lu_result_save(result, t, dir, &error);

		_exit(!path && g_error_matches(error, LU_ERROR, LU_ERROR_FAILED) &&
				      strstr(error->message, dir)
			      ? 0
			      : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(count_files(dir), 0);
	lu_timeline_free(t);
	json_decref(result);
	remove_dir(dir);
}

static void test_cannot_write(void **state)
{
	json_t *result = sample_result("pass");
	struct lu_timeline *t = sample_timeline();
	g_autoptr(GError) error = NULL;

	assert_null(lu_result_save(result, t, "/proc/nowhere", &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_FAILED));
	assert_non_null(strstr(error->message, "/proc/nowhere"));
	lu_timeline_free(t);
	json_decref(result);
}

static void test_id_is_no_path(void **state)
{
	json_t *result = sample_result("pass");
	struct lu_timeline *t = sample_timeline();
	g_autoptr(GError) error = NULL;

	json_object_set_new(json_object_get(result, "run"), "id", json_string("../x"));
	assert_null(lu_result_save(result, t, "/tmp", &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_USAGE));
	lu_timeline_free(t);
	json_decref(result);
}

/* The way of file systems that have no unnamed files. */
static void test_hidden_file(void **state)
{
	g_autofree char *dir = g_dir_make_tmp("lubench-XXXXXX", NULL);
	struct lu_pending_file file;

	assert_true(lu_pending_write_hidden(&file, dir, "abc", 3, NULL));
	assert_int_equal(count_files(dir), 1);
	lu_pending_clear(&file);
	assert_int_equal(count_files(dir), 0);
	assert_true(lu_pending_write_hidden(&file, dir, "abc", 3, NULL));
	assert_true(lu_pending_publish(&file, "name", NULL));
	lu_pending_clear(&file);
	assert_int_equal(count_files(dir), 1);
	assert_true(lu_pending_write_hidden(&file, dir, "def", 3, NULL));
	assert_false(lu_pending_publish(&file, "name", NULL)); /* taken */
	lu_pending_clear(&file);
	assert_int_equal(count_files(dir), 1);
	remove_dir(dir);
}

static void test_load_wrong(void **state)
{
	GError *error = NULL;

	assert_null(lu_result_load("/nonexistent.json", &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_USAGE));
	g_clear_error(&error);
	assert_null(lu_result_load(LU_SOURCE_DIR "/results/schema.json", &error));
	assert_non_null(strstr(error->message, "schema_version"));
	g_clear_error(&error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_schema),	      cmocka_unit_test(test_schema_rejects),
		cmocka_unit_test(test_good),	      cmocka_unit_test(test_outcome_from_error),
		cmocka_unit_test(test_save_and_load), cmocka_unit_test(test_disk_full),
		cmocka_unit_test(test_cannot_write),  cmocka_unit_test(test_id_is_no_path),
		cmocka_unit_test(test_hidden_file),   cmocka_unit_test(test_load_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
