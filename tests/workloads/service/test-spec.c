/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptions of services: what is taken, what is refused and in which words. */
#include "tests/kit/cmocka-all.h"
#include <glib/gstdio.h>
#include <string.h>
#include "model/strategy.h"
#include "record/error.h"
#include "workloads/service/spec.h"

#define GOOD "\"name\": \"x\", \"argv\": [\"/bin/x\"], \"port\": 80, \"protocol\": \"http\""

static char *message_of(const char *text)
{
	json_auto_t *spec = json_loads(text, 0, NULL);
	g_autoptr(GError) error = NULL;

	assert_non_null(spec);
	if (lu_service_spec_check(spec, &error))
		return g_strdup("taken");
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_USAGE));
	assert_true(strstr(error->message, "allowed") || strstr(error->message, "is not one of"));
	return g_strdup(error->message);
}

static const struct {
	const char *spec, *says;
} cases[] = {
	{"{" GOOD ", \"packages\": [\"x\"]}", "taken"},
	{"{" GOOD "}", "packages: nothing brings"},
	{"{" GOOD ", \"package\": [\"x\"]}", "unknown key 'package' (did you mean 'packages'?)"},
	{"{" GOOD ", \"packages\": [\"x y\"]}", "packages: is wrong"},
	{"{" GOOD ", \"packages\": [\"x\"], \"files\": {\"x\": \"\"}}", "files: is wrong"},
	{"{" GOOD ", \"packages\": [\"x\"], \"state_mb\": -1}", "state_mb: is wrong"},
	{"{" GOOD ", \"packages\": [\"x\"], \"checker\": [\"/x\"]}", "checker: no program"},
	{"{" GOOD ", \"program\": \"/no/such/file\"}", "program: /no/such/file: there is none"},
	{"{\"name\": \"x\", \"argv\": [\"x\"], \"port\": 80, \"protocol\": \"http\"}",
	 "argv: is wrong"},
	{"{\"name\": \"x\", \"argv\": [], \"port\": 80, \"protocol\": \"http\"}", "argv: is wrong"},
	{"{\"name\": \"x\", \"argv\": [\"/x\"], \"port\": 0, \"protocol\": \"http\"}",
	 "port: is wrong"},
	{"{\"name\": \"x\", \"argv\": [\"/x\"], \"protocol\": \"http\"}", "port: missing"},
	{"{\"name\": \"x\", \"packages\": [\"x\"], \"argv\": [\"/x\"], \"port\": 1, "
	 "\"protocol\": \"gopher\"}",
	 "protocol: 'gopher' is not one of"},
};

static void test_checks(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *message = message_of(cases[i].spec);

		if (!g_str_has_prefix(message, cases[i].says) && !strstr(message, cases[i].says))
			fail_msg("%s: %s, not: %s", cases[i].spec, message, cases[i].says);
	}
}

static void write_text(const char *dir, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);

	assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void remove_all(const char *dir, const char *const *names)
{
	for (; *names; names++) {
		g_autofree char *path = g_build_filename(dir, *names, NULL);

		g_unlink(path);
	}
	g_rmdir(dir);
}

/* Paths are those beside the file, and what is there is part of the plan. */
static void test_read(void **state)
{
	static const char *const names[] = {"service.json", "server", NULL};
	g_autofree char *dir = g_dir_make_tmp("lubench-spec-XXXXXX", NULL);
	g_autofree char *program = g_build_filename(dir, "server", NULL);
	g_autofree char *base = g_path_get_basename(dir);
	json_auto_t *spec = NULL;
	struct lu_needs *needs = lu_needs_new();
	json_auto_t *params = json_object();
	const struct lu_guest_part *part;

	write_text(dir, "service.json",
		   "{\"argv\": [\"/usr/bin/server\"], \"program\": \"server\", \"port\": 7, "
		   "\"protocol\": \"tick\"}");
	write_text(dir, "server", "1");
	spec = lu_service_spec_read(dir, NULL);
	assert_non_null(spec);
	assert_true(lu_service_spec_check(spec, NULL));
	assert_string_equal(json_string_value(json_object_get(spec, "name")), base);
	assert_string_equal(json_string_value(json_object_get(spec, "program")), program);
	assert_int_equal(json_string_length(json_object_get(spec, "sha256")), 64);
	json_object_set(params, "spec", spec);
	lu_service_spec_needs(params, needs);
	part = needs->parts->pdata[0];
	assert_string_equal(part->path, "/usr/bin/server");
	assert_string_equal(part->host, program);
	/* the same plan with another program is not the same */
	assert_true(lu_service_spec_check(spec, NULL));
	write_text(dir, "server", "2");
	assert_false(lu_service_spec_check(spec, NULL));
	lu_needs_free(needs);
	remove_all(dir, names);
}

static void test_shipped(void **state)
{
	g_autoptr(GDir) dir = g_dir_open(LU_SOURCE_DIR "/examples/services", 0, NULL);
	unsigned count = 0;
	const char *name;

	assert_non_null(dir);
	for (; (name = g_dir_read_name(dir)); count++) {
		g_autofree char *path =
			g_build_filename(LU_SOURCE_DIR "/examples/services", name, NULL);
		g_autoptr(GError) error = NULL;
		json_auto_t *spec = lu_service_spec_read(path, &error);

		if (!spec || !lu_service_spec_check(spec, &error))
			fail_msg("%s: %s", path, error->message);
	}
	assert_true(count > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checks),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_shipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
