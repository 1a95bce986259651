/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lubench run on ppc64-pseries: each strategy's result document says what it has to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <gio/gio.h>
#include <jansson.h>

#define RUN_DEADLINE_S "240"

/* NULL, or what this host lacks. */
static char *missing(void)
{
	static const char *const tools[] = {"qemu-system-ppc64", "timeout"};
	static const char *const programs[] = {"agent-ppc64le", "tick-ppc64le"};

	for (size_t i = 0; i < G_N_ELEMENTS(tools); i++) {
		g_autofree char *path = g_find_program_in_path(tools[i]);

		if (!path)
			return g_strdup(tools[i]);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(programs); i++) {
		g_autofree char *path = g_build_filename(LU_BUILD_DIR, programs[i], NULL);

		if (!g_file_test(path, G_FILE_TEST_IS_EXECUTABLE))
			return g_steal_pointer(&path);
	}
	return NULL;
}

/* The result document of one run of that strategy; *status is the exit status. */
static json_t *run(const char *strategy, int *status)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	const char *argv[] = {"timeout",
			      RUN_DEADLINE_S,
			      LU_BUILD_DIR "/lubench",
			      "run",
			      "--machine=ppc64-pseries",
			      "--workload=tick",
			      "--strategy",
			      strategy,
			      "--json",
			      NULL};
	json_error_t where;
	json_t *result;
	int wait_status = 0;

	assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &text,
				 NULL, &wait_status, &error));
	assert_true(WIFEXITED(wait_status));
	*status = WEXITSTATUS(wait_status);
	result = json_loads(text, 0, &where);
	if (!result)
		fail_msg("%s printed no result: %s", strategy, where.text);
	return result;
}

static const char *verdict(const json_t *result, const char *oracle)
{
	const json_t *all = json_object_get(result, "oracles");
	const char *word =
		json_string_value(json_object_get(json_object_get(all, oracle), "verdict"));

	return word ? word : "(no such oracle)";
}

static int64_t metric(const json_t *result, const char *name)
{
	const json_t *value = json_object_get(json_object_get(result, "metrics"), name);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static json_t *good_run(const char *strategy)
{
	int status;
	json_t *result = run(strategy, &status);
	const char *reason = json_string_value(json_object_get(result, "reason"));

	if (status)
		fail_msg("%s: exit status %d: %s", strategy, status, reason ? reason : "");
	assert_string_equal(json_string_value(json_object_get(result, "outcome")), "ok");
	assert_string_equal(verdict(result, "version"), "pass");
	return result;
}

static void test_null(void **state)
{
	json_auto_t *result = good_run("null");

	assert_int_equal(metric(result, "blackout_ns"), 0);
	assert_string_equal(verdict(result, "connections"), "pass");
}

static void test_pause(void **state)
{
	json_auto_t *result = good_run("pause");

	assert_true(metric(result, "blackout_ns") > 0);
	assert_string_equal(verdict(result, "connections"), "pass");
	assert_string_equal(verdict(result, "state"), "pass");
}

/* A firmware reboot loses state and connections, and says so: were they judged kept, the oracles
 * would be blind. */
static void test_cold(void **state)
{
	json_auto_t *result = good_run("cold");

	assert_string_equal(verdict(result, "connections"), "waived");
	assert_string_equal(verdict(result, "state"), "waived");
	assert_true(metric(result, "connections_reset") > 0);
}

static void test_kexec(void **state)
{
	json_auto_t *result = good_run("kexec");

	assert_string_equal(verdict(result, "connections"), "pass");
	assert_string_equal(verdict(result, "replies"), "pass");
	assert_string_equal(verdict(result, "order"), "pass");
	assert_string_equal(verdict(result, "state"), "pass");
	assert_int_equal(metric(result, "connections_reset"), 0);
	assert_true(metric(result, "blackout_ns") > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_null),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_cold),
		cmocka_unit_test(test_kexec),
	};
	g_autofree char *lacking = missing();

	if (lacking) {
		fprintf(stderr, "skipped: %s is not here\n", lacking);
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
