/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench updates on the simulated guest: its runs are like all others, and its table is theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/bench/command.h"

static void test_unknown(void **state)
{
	struct output output = lubench(*state, "updates", "fix_won", NULL);

	assert_int_equal(output.status, 2);
	assert_non_null(strstr(output.err, "there is no update fix_won (did you mean fix_one?)"));
	assert_int_equal(lines(output.err), 1);
	output_clear(&output);
}

/* Lines of the Markdown table that are of that update. */
static char *row_of(const char *table, const char *update)
{
	g_auto(GStrv) lines = g_strsplit(table, "\n", -1);
	g_autofree char *mark = g_strdup_printf("(`%s`) |", update);

	for (size_t i = 0; lines[i]; i++)
		if (strstr(lines[i], mark))
			return g_strdup(lines[i]);
	return NULL;
}

/* The simulator's table says what the sources say, by the same runs that a guest would make. */
static void test_table(void **state)
{
	struct output output = lubench(*state, "updates", "--guest=sim", "-q", "-o", "all",
				       "fix_one", "new_field", "user_interface", NULL);
	g_autofree char *one = row_of(output.out, "fix_one");
	g_autofree char *field = row_of(output.out, "new_field");
	g_autofree char *interface = row_of(output.out, "user_interface");

	assert_int_equal(output.status, 0);
	assert_string_equal(one, "| Bug fix in one function (`fix_one`) | carried | carried | "
				 "carried, state lost | carried, state lost |");
	assert_non_null(strstr(field, "| carried | carried, 20 lines added | carried, state lost"));
	assert_non_null(strstr(interface, "| refused | carried | carried, state lost"));
	assert_non_null(strstr(output.out, "\n| livepatch | 2 | 1 (20 lines) | 0 | 0 | 0 |\n"));
	assert_non_null(strstr(output.out, "- user_interface by hotswap refused: swap: "));
	/* Every undo succeeds. */
	assert_null(strstr(output.out, "the undo"));
	output_clear(&output);
}

/* The table comes from what is saved, and from nothing else. */
static void test_from(void **state)
{
	struct output live = lubench(*state, "updates", "--guest=sim", "-q", "-o", "all", "fix_one",
				     "new_field", "--csv=live.csv", NULL);
	struct output read = lubench(*state, "updates", "--from=all", "--csv=read.csv", NULL);
	const char *dir = ((struct world *)*state)->dir;
	g_autofree char *a = g_build_filename(dir, "live.csv", NULL), *one = NULL;
	g_autofree char *b = g_build_filename(dir, "read.csv", NULL), *other = NULL;

	assert_int_equal(read.status, 0);
	assert_string_equal(read.out, live.out);
	assert_true(g_file_get_contents(a, &one, NULL, NULL));
	assert_true(g_file_get_contents(b, &other, NULL, NULL));
	assert_string_equal(one, other);
	output_clear(&read);
	read = lubench(*state, "updates", "--from=all", "fix_one", NULL);
	assert_null(strstr(read.out, "new_field"));
	output_clear(&read);
	read = lubench(*state, "updates", "--from=all", "notrace", NULL);
	assert_int_equal(read.status, 2);
	output_clear(&read);
	output_clear(&live);
}

/* Any result file of a cell is a scenario's: run again it is the same plan. */
static void test_plan_reproduces(void **state)
{
	const struct world *world = *state;
	struct output output =
		lubench(world, "updates", "--guest=sim", "-q", "-o", "all", "refcount", NULL);
	g_autofree char *dir = g_build_filename(world->dir, "all", NULL);
	g_autoptr(GPtrArray) files = folder(dir);
	g_autofree char *path = g_build_filename(dir, files->pdata[0], NULL);
	json_auto_t *result = json_load_file(path, 0, NULL);
	char *text = json_dumps(json_object_get(result, "plan"), 0);

	assert_int_equal(output.status, 0);
	output_clear(&output);
	g_free(world_file(world, "plan.json", text));
	free(text);
	output = lubench(world, "run", "plan.json", "-q", "--json", NULL);
	json_auto_t *again = output_json(&output);

	assert_string_equal(json_string_value(json_object_get(again, "plan_hash")),
			    json_string_value(json_object_get(result, "plan_hash")));
	assert_string_equal(json_string_value(json_object_get(again, "outcome")),
			    json_string_value(json_object_get(result, "outcome")));
	output_clear(&output);
}

static unsigned results_in(const struct world *world, const char *name)
{
	g_autofree char *dir = g_build_filename(world->dir, name, NULL);
	g_autoptr(GPtrArray) files = folder(dir);
	unsigned n = 0;

	for (guint i = 0; i < files->len; i++)
		n += g_str_has_suffix(files->pdata[i], ".json");
	return n;
}

/* Two updates are in the record; more of them are tried, and these not again. */
static void test_resume(void **state)
{
	struct output output = lubench(*state, "updates", "--guest=sim", "-q", "-o", "some",
				       "fix_one", "notifier", NULL);

	assert_int_equal(output.status, 0);
	assert_int_equal(results_in(*state, "some"), 12);
	output_clear(&output);
	output = lubench(*state, "updates", "--guest=sim", "-q", "-o", "some", NULL);
	assert_int_equal(output.status, 2);
	assert_non_null(strstr(output.err, "--resume"));
	output_clear(&output);
	output = lubench(*state, "updates", "--guest=sim", "-q", "-o", "some", "--resume",
			 "fix_one", "notifier", "constant", NULL);
	assert_int_equal(output.status, 0);
	assert_int_equal(results_in(*state, "some"), 18);
	output_clear(&output);
	output = lubench(*state, "compare", "some", NULL);
	assert_non_null(strstr(output.out, "fast-reboot"));
	assert_non_null(strstr(output.out, "update=constant"));
	output_clear(&output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unknown, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_table, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_from, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_plan_reproduces, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_resume, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
