/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds of every executor: those of bench/exec/, and one that runs each plan in a process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include "bench/cli.h"
#include "bench/exec/kit/progress.h"
#include "bench/exec/kit/sweep-record.h"
#include "bench/exec/kit/sweep-run.h"
#include "record/error.h"
#include "tests/bench/child-executor.h"
#include "tests/bench/command.h"

static const struct lu_executor *executor; /* under test */

/* What was told of, in a world's folder "out". */
struct told {
	struct lu_work work;
	struct lu_progress progress;
	char *dir;
	unsigned times[8], all;
	unsigned enough_at;  /* 0: never */
	bool cancel;	     /* at the first */
	GPtrArray *outcomes; /* in the plans' order */
};

static struct lu_plan *plan_of(const char *text)
{
	g_autoptr(GError) error = NULL;
	json_t *scenario = lu_scenario_parse(text, strlen(text), "test", &error);
	struct lu_plan *plan =
		lu_plan_new_unchecked(scenario, "test", LU_SOURCE_DIR "/machines", 0, &error);

	if (!plan)
		fail_msg("%s", error->message);
	json_decref(scenario);
	return plan;
}

/* Two that go well, one that its strategy cannot carry, one that fails, one that goes well. */
static GPtrArray *some_plans(void)
{
	static const char *const texts[] = {
		"{\"guest\": \"sim\", \"strategy\": \"null\"}",
		"{\"guest\": \"sim\", \"strategy\": \"kexec\", \"seed\": 7}",
		"{\"guest\": \"sim\", \"strategy\": \"kexec\", \"update\": {\"kind\": \"vmm\"}}",
		"{\"guest\":\"sim\",\"strategy\":\"kexec\",\"fault\":{\"phase\":\"RESTORE\"}}",
		"{\"guest\": \"sim\", \"strategy\": \"pause\"}",
	};
	GPtrArray *plans = g_ptr_array_new_with_free_func((GDestroyNotify)lu_plan_free);

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		g_ptr_array_add(plans, plan_of(texts[i]));
	return plans;
}

/* The result is the plan's, and is there to be read. */
static void check_saved(const struct told *told, const struct lu_ended *run)
{
	const struct lu_plan *plan = g_ptr_array_index(told->work.plans, run->index);
	g_autoptr(GError) error = NULL;

	assert_non_null(run->path);
	assert_true(g_str_has_prefix(run->path, told->dir));
	json_t *saved = lu_result_load(run->path, &error);

	if (!saved)
		fail_msg("%s", error->message);
	assert_string_equal(lu_cli_get_str(saved, "plan_hash"), plan->hash);
	assert_true(json_equal(saved, run->result));
	struct lu_timeline *timeline = lu_result_load_timeline(run->path, &error);

	assert_non_null(timeline);
	lu_timeline_free(timeline);
	json_decref(saved);
}

static bool ended(void *data, const struct lu_ended *run)
{
	struct told *told = data;

	assert_in_range(run->index, 0, told->work.plans->len - 1);
	assert_int_equal(told->times[run->index]++, 0);
	check_saved(told, run);
	g_free(told->outcomes->pdata[run->index]);
	told->outcomes->pdata[run->index] = g_strdup(lu_cli_get_str(run->result, "outcome"));
	if (told->cancel)
		g_cancellable_cancel(told->work.cancellable);
	return ++told->all != told->enough_at;
}

static void told_init(struct told *told, const struct world *world)
{
	*told = (struct told){
		.dir = g_build_filename(world->dir, "out", NULL),
		.outcomes = g_ptr_array_new_with_free_func(g_free),
	};
	assert_int_equal(g_mkdir_with_parents(told->dir, 0755), 0);
	lu_progress_init(&told->progress, true, 5);
	told->work = (struct lu_work){
		.plans = some_plans(),
		.dir = told->dir,
		.cancellable = g_cancellable_new(),
		.progress = &told->progress,
		.ended = ended,
		.data = told,
	};
	g_ptr_array_set_size(told->outcomes, (int)told->work.plans->len);
}

static void told_clear(struct told *told)
{
	g_ptr_array_unref((GPtrArray *)told->work.plans);
	g_ptr_array_unref(told->outcomes);
	g_object_unref(told->work.cancellable);
	g_free(told->dir);
}

static unsigned results_in(const char *dir)
{
	g_autoptr(GPtrArray) files = folder(dir);
	unsigned n = 0;

	for (guint i = 0; i < files->len; i++)
		n += g_str_has_suffix(files->pdata[i], ".json");
	return n;
}

static void test_each_once(void **state)
{
	static const char *const outcomes[] = {"ok", "ok", "refused", "failed", "ok"};
	g_autoptr(GError) error = NULL;
	struct told told;

	told_init(&told, *state);
	if (!executor->run(&told.work, &error))
		fail_msg("%s", error->message);
	assert_int_equal(told.all, 5);
	for (size_t i = 0; i < G_N_ELEMENTS(outcomes); i++)
		assert_string_equal(told.outcomes->pdata[i], outcomes[i]);
	assert_int_equal(results_in(told.dir), 5);
	assert_int_equal(told.progress.run, 5);
	told_clear(&told);
}

static void test_enough(void **state)
{
	g_autoptr(GError) error = NULL;
	struct told told;

	told_init(&told, *state);
	told.enough_at = 2;
	assert_true(executor->run(&told.work, &error));
	assert_null(error);
	assert_int_equal(told.all, 2);
	assert_in_range(results_in(told.dir), 2, 4);
	told_clear(&told);
}

/* What has been saved stays. */
static void test_cancelled(void **state)
{
	g_autoptr(GError) error = NULL;
	struct told told;

	told_init(&told, *state);
	told.cancel = true;
	assert_false(executor->run(&told.work, &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_INTERRUPTED));
	assert_int_equal(told.all, 1);
	assert_in_range(results_in(told.dir), 1, 4);
	told_clear(&told);
}

static const char definition_text[] =
	"{\"guest\": \"sim\", \"strategy\": [\"null\", \"pause\", \"kexec\"], "
	"\"sweep\": {\"repeat\": 2}}";

/* Runs it, or what its record does not hold; the rows of the record, new reference. */
static json_t *sweep(const char *dir, bool resume)
{
	g_autoptr(GError) error = NULL;
	const struct lu_sweep_options options = {
		.output = dir,
		.resume = resume,
		.quiet = true,
		.silent = true,
		.executor = executor,
	};
	json_t *definition =
		lu_scenario_parse(definition_text, strlen(definition_text), "test", &error);
	struct lu_sweep *all =
		lu_sweep_new(definition, "test", LU_SOURCE_DIR "/machines", 0, &error);
	g_autofree char *where = NULL;

	assert_non_null(all);
	assert_int_equal(lu_sweep_run(all, definition, "test", &options, &where), 0);
	lu_sweep_free(all);
	json_decref(definition);
	return lu_sweep_record_rows(dir, &error);
}

static const char *file_of(const json_t *rows, size_t i)
{
	return lu_cli_get_str(json_array_get(rows, i), "file");
}

/* As if the coordinator had died after that many rows. */
static void cut_record(const char *dir, unsigned rows)
{
	g_autofree char *path = g_build_filename(dir, "sweep.jsonl", NULL), *text = NULL;
	const char *end;

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	end = text;
	for (unsigned i = 0; i < rows + 1; i++)
		end = strchr(end, '\n') + 1;
	assert_true(g_file_set_contents(path, text, end - text, NULL));
}

/* A result that was saved when nobody could write its row is a row; one that was not is run. */
static void test_resume(void **state)
{
	g_autofree char *dir = g_build_filename(((struct world *)*state)->dir, "sweep", NULL);
	json_t *before = sweep(dir, false);
	g_autofree char *lost = g_build_filename(dir, file_of(before, 4), NULL);

	assert_int_equal(json_array_size(before), 6);
	cut_record(dir, 3);
	assert_int_equal(g_remove(lost), 0);
	json_t *after = sweep(dir, true);

	assert_int_equal(json_array_size(after), 6);
	for (size_t i = 0; i < 6; i++) {
		bool there = false;

		for (size_t k = 0; k < 6; k++)
			there |= g_str_equal(file_of(after, k), file_of(before, i));
		assert_int_equal(there, i != 4);
	}
	assert_int_equal(results_in(dir), 6);
	json_decref(before);
	json_decref(after);
}

static int test_executor(const struct lu_executor *which)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_each_once, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_enough, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_cancelled, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_resume, world_setup, world_teardown),
	};

	executor = which;
	return cmocka_run_group_tests_name(which->name, tests, NULL, NULL);
}

int main(void)
{
	int failed = test_executor(&child_executor);

	for (size_t i = 0; lu_executors[i]; i++)
		failed += test_executor(lu_executors[i]);
	return failed;
}
