/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders of scripts: what is taken, what is refused, and what a guest gets of them. */
#include "tests/kit/cmocka-all.h"
#include <glib/gstdio.h>
#include <string.h>
#include "model/plan.h"
#include "model/strategy.h"
#include "record/error.h"
#include "strategies/custom/scripts.h"

#define MACHINES LU_SOURCE_DIR "/machines"

static const struct {
	const char *document, *says;
} cases[] = {
	{"{\"scripts\": {\"prepare.guest\": \"\"}}", NULL},
	{"{\"scripts\": {\"finish.host\": \"\", \"x.sh\": \"\"}}", NULL},
	{"{}", "scripts: there is none"},
	{"{\"scripts\": {\"x.sh\": \"\"}}", "scripts: there is none"},
	{"{\"scripts\": {\"prepar.guest\": \"\"}}", "prepar.guest: no script of a strategy"},
	{"{\"scripts\": {\"PREPARE.guest\": \"\"}}", "PREPARE.guest: no script"},
	{"{\"scripts\": {\"../prepare.guest\": \"\"}}", "no script of a strategy"},
	{"{\"scripts\": {\"prepare.guest\": 1}}", "prepare.guest: is wrong"},
	{"{\"store\": \"tape\", \"scripts\": {\"prepare.guest\": \"\"}}",
	 "store: \"tape\" is wrong"},
	{"{\"programs\": \"criu\", \"scripts\": {\"prepare.guest\": \"\"}}", "programs: is wrong"},
	{"{\"keep_state\": true, \"scripts\": {\"prepare.guest\": \"\"}}",
	 "did you mean 'keeps_state'?"},
};

static void test_checks(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		json_auto_t *document = json_loads(cases[i].document, 0, NULL);
		g_autoptr(GError) error = NULL;
		bool ok = lu_scripts_check(document, &error);

		if (!cases[i].says && !ok)
			fail_msg("%s: %s", cases[i].document, error->message);
		if (cases[i].says && (ok || !strstr(error->message, cases[i].says)))
			fail_msg("%s: %s", cases[i].document, ok ? "taken" : error->message);
		/* what is explicit stays as it is */
		if (ok) {
			json_auto_t *before = json_deep_copy(document);

			assert_true(lu_scripts_check(document, NULL));
			assert_true(json_equal(before, document));
		}
	}
}

static struct lu_plan *plan_of(const char *guest, json_t *dir)
{
	json_auto_t *doc = json_pack("{s:s, s:s, s:s, s:{s:O}}", "strategy", "custom", "workload",
				     "tick", "guest", guest, "strategy_params", "dir", dir);
	g_autoptr(GError) error = NULL;
	struct lu_plan *plan = lu_plan_new(doc, "test", MACHINES, 0, &error);

	if (!plan)
		fail_msg("%s", error->message);
	return plan;
}

static bool has_part(const struct lu_needs *needs, const char *path)
{
	for (guint i = 0; i < needs->parts->len; i++)
		if (g_str_equal(((struct lu_guest_part *)needs->parts->pdata[i])->path, path))
			return true;
	return false;
}

/* The shipped one, by its name: all of it is in the plan, and the guest gets it. */
static void test_shipped(void **state)
{
	json_auto_t *name = json_string("checkpoint-by-hand");
	struct lu_plan *plan = plan_of("qemu", name);
	json_t *dir = json_object_get(plan->strategy_params, "dir");
	struct lu_plan *again;

	assert_true(lu_plan_feasible(plan, NULL));
	assert_string_equal(json_string_value(json_object_get(dir, "name")), "checkpoint-by-hand");
	assert_non_null(strstr(lu_scripts_text(dir, "preserve.guest"), "criu dump"));
	assert_true(has_part(plan->needs, "/etc/lubench/custom/preserve.guest"));
	assert_true(has_part(plan->needs, "/etc/lubench/custom/lib.sh"));
	assert_string_equal(plan->needs->store, "disk");
	/* a plan is a scenario: what it holds needs no folder any more */
	again = plan_of("qemu", dir);
	assert_string_equal(plan->hash, again->hash);
	lu_plan_free(again);
	lu_plan_free(plan);
}

static void test_simulator_says_so(void **state)
{
	json_auto_t *dir = json_pack("{s:{s:s}}", "scripts", "switch.guest", "kexec -e");
	struct lu_plan *plan = plan_of("sim", dir);
	g_autoptr(GError) error = NULL;

	assert_false(lu_plan_feasible(plan, &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_UNSUPPORTED));
	lu_plan_free(plan);
}

/* Scripts of the host stay there. */
static void test_host_scripts(void **state)
{
	json_auto_t *dir = json_pack("{s:{s:s}}", "scripts", "prepare.host", "#!/bin/sh\n");
	struct lu_plan *plan = plan_of("qemu", dir);

	assert_false(has_part(plan->needs, "/etc/lubench/custom/prepare.host"));
	assert_null(plan->needs->store);
	lu_plan_free(plan);
}

static void test_no_folder(void **state)
{
	g_autoptr(GError) error = NULL;

	assert_null(lu_scripts_read("/no/such/folder", &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_USAGE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checks),
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_simulator_says_so),
		cmocka_unit_test(test_host_scripts),
		cmocka_unit_test(test_no_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
