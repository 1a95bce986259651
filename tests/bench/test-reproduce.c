/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench reproduce: agrees, differs or cannot tell, and why. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "bench/cli.h"
#include "bench/report/reproduction.h"
#include "tests/bench/command.h"

/* A simulated result, and copies that say something else. */
static int setup(void **state)
{
	world_setup(state);
	struct output output = lubench(*state, "run", "--guest=sim", "--json", "--strategy=kexec",
				       "--seed=7", NULL);

	assert_int_equal(output.status, 0);
	g_free(world_file(*state, "same.json", output.out));
	output_clear(&output);
	return 0;
}

/* The result with another value there. */
static void edit(const struct world *world, const char *name, const char *object, const char *key,
		 json_t *value)
{
	g_autofree char *from = g_build_filename(world->dir, "same.json", NULL);
	g_autofree char *to = g_build_filename(world->dir, name, NULL);
	json_auto_t *doc = json_load_file(from, 0, NULL);

	json_object_set_new(lu_cli_get(doc, object), key, value);
	assert_int_equal(json_dump_file(doc, to, 0), 0);
}

static void expect(const struct world *world, const char *name, const char *flag, int status,
		   const char *text)
{
	struct output output = lubench(world, "reproduce", "-q", name, flag, NULL);

	if (output.status != status || !strstr(status == 2 ? output.err : output.out, text))
		fail_msg("%s: status %d, not %d, or no \"%s\":\n%s%s", name, output.status, status,
			 text, output.out, output.err);
	output_clear(&output);
}

/* A simulated run is a function of plan, seed and revision. */
static void test_simulated(void **state)
{
	expect(*state, "same.json", NULL, 0, "agrees");
	edit(*state, "other.json", "metrics", "blackout_ns", json_integer(1234567890));
	expect(*state, "other.json", NULL, 1, "differs");
}

/* The same figures from another revision are no reproduction, unless that is what is asked. */
static void test_conditions(void **state)
{
	edit(*state, "old.json", "lubench", "git", json_string("v0-0-g0000000"));
	expect(*state, "old.json", NULL, 3, "v0-0-g0000000");
	expect(*state, "old.json", "--mixed", 0, "agrees");
	edit(*state, "host.json", "environment.host", "cpu", json_string("Zilog Z80"));
	expect(*state, "host.json", NULL, 3, "Zilog Z80");
}

static void test_wrong(void **state)
{
	expect(*state, "nonesuch.json", NULL, 2, "nonesuch.json");
	expect(*state, "same.json", "--metric=blckout", 2, "blckout");
	expect(*state, "same.json", "--format=pdf", 2, "pdf");
	expect(*state, "same.json", "--repeat=-1", 2, "1 to 10000");
	struct output output = lubench(*state, "reproduce", NULL);

	assert_int_equal(output.status, 2);
	assert_non_null(strstr(output.err, "which result"));
	output_clear(&output);
}

/* A run of a real guest. bound: below it; else measured. */
static json_t *made_up(double seconds, bool bound, const char *verdict)
{
	json_int_t ns = (json_int_t)(seconds * 1e9);

	return json_pack("{s:{s:s}, s:{s:s}, s:s, s:{s:s}, s:{s:{s:s}}, s:{s:I, s:o}}", "run", "id",
			 "made-up", "plan", "guest", "qemu", "outcome", "ok", "validity", "verdict",
			 "sound", "oracles", "state", "verdict", verdict, "metrics", "blackout_ns",
			 bound ? (json_int_t)0 : ns, "censored",
			 bound ? json_pack("{s:I}", "blackout_ns", ns) : json_object());
}

static void expect_judgement(double original, json_t *repeats, const char *verdict)
{
	g_autoptr(GPtrArray) metrics = g_ptr_array_new();
	json_auto_t *result = made_up(fabs(original), original < 0, "pass");
	const struct lu_reproduction reproduction = {
		.original = result, .repeats = repeats, .metrics = metrics};

	g_ptr_array_add(metrics, (gpointer) "blackout_ns");
	json_auto_t *judgement = lu_reproduction_judge(&reproduction);

	assert_string_equal(lu_cli_get_str(judgement, "verdict"), verdict);
	json_decref(repeats);
}

/* Negative ones are bounds. */
static json_t *made_up_runs(const double *seconds, size_t n)
{
	json_t *runs = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(runs, made_up(fabs(seconds[i]), seconds[i] < 0, "pass"));
	return runs;
}

/* Blackouts of about 2 s ± 5 %: one of 2.1 s is one of these, one of 3 s is not. */
static void test_measured(void **state)
{
	static const double about[] = {1.9, 2.0, 2.1, 1.95, 2.05}, bounds[] = {-0.1, -0.2, -0.1};
	static const double both[] = {1.9, -0.2, 2.1, 2.0};

	expect_judgement(2.1, made_up_runs(about, 5), "agrees");
	expect_judgement(3.0, made_up_runs(about, 5), "differs");
	expect_judgement(1.4, made_up_runs(about, 5), "differs");
	expect_judgement(2.1, made_up_runs(about, 2), "cannot tell");
	expect_judgement(2.1, made_up_runs(both, 4), "cannot tell");
	expect_judgement(-0.1, made_up_runs(bounds, 3), "agrees");
	expect_judgement(-0.1, made_up_runs(about, 5), "cannot tell");
}

/* What an oracle says is no matter of chance. */
static void test_oracles(void **state)
{
	static const double about[] = {2.0, 2.1, 1.95};
	json_t *runs = made_up_runs(about, 3);

	json_array_append_new(runs, made_up(2.0, false, "fail"));
	expect_judgement(2.0, runs, "differs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_simulated), cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_wrong),	  cmocka_unit_test(test_measured),
		cmocka_unit_test(test_oracles),
	};

	return cmocka_run_group_tests(tests, setup, world_teardown);
}
