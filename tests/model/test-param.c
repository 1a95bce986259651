/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters: defaults, types, ranges, messages. */
#include "tests/kit/cmocka-all.h"
#include <string.h>
#include "record/error.h"
#include "model/param.h"

static const char *const stores[] = {"pmem", "disk", "none", NULL};
static const struct lu_param specs[] = {
	{"store", LU_PARAM_CHOICE, "pmem", .choices = stores},
	{"size_mb", LU_PARAM_INT, "64", 1, 100},
	{"checksum", LU_PARAM_BOOL, "off"},
	{"rate", LU_PARAM_REAL, "2.5", 0, 10},
	{"release", LU_PARAM_NAME, "newest"},
	{NULL},
};

static void test_defaults(void **state)
{
	json_t *values = lu_params_resolve(specs, NULL, "p", NULL);

	assert_string_equal(lu_param_str(values, "store"), "pmem");
	assert_int_equal(lu_param_int(values, "size_mb"), 64);
	assert_false(lu_param_bool(values, "checksum"));
	assert_true(lu_param_real(values, "rate") == 2.5);
	json_decref(values);
}

static void test_text_and_json_mean_the_same(void **state)
{
	json_t *text = json_pack("{s:s, s:s, s:s}", "size_mb", "7", "checksum", "on", "rate", "3");
	json_t *typed = json_pack("{s:i, s:b, s:i}", "size_mb", 7, "checksum", 1, "rate", 3);
	json_t *a = lu_params_resolve(specs, text, "p", NULL);
	json_t *b = lu_params_resolve(specs, typed, "p", NULL);

	assert_non_null(a);
	assert_true(json_equal(a, b));
	json_decref(text);
	json_decref(typed);
	json_decref(a);
	json_decref(b);
}

static void test_no_parameters_declared(void **state)
{
	json_t *values = lu_params_resolve(NULL, NULL, "p", NULL);

	assert_int_equal(json_object_size(values), 0);
	json_decref(values);
}

static void assert_wrong(const char *given, bool strict, const char *message)
{
	json_t *doc = json_loads(given, 0, NULL);
	g_autoptr(GError) error = NULL;

	assert_non_null(doc);
	assert_null(strict ? lu_params_resolve_strict(specs, doc, "p", &error)
			   : lu_params_resolve(specs, doc, "p", &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_USAGE));
	assert_string_equal(error->message, message);
	json_decref(doc);
}

static void test_messages(void **state)
{
	assert_wrong("{\"size_mb\": 0}", false, "p.size_mb: 0 is wrong; allowed: 1 to 100");
	assert_wrong("{\"size_mb\": 1.5}", false, "p.size_mb: 1.5 is wrong; allowed: 1 to 100");
	assert_wrong("{\"size_mb\": \"7x\"}", false, "p.size_mb: '7x' is wrong; allowed: 1 to 100");
	assert_wrong("{\"size_mb\": \"7\"}", true, "p.size_mb: \"7\" is wrong; allowed: 1 to 100");
	assert_wrong("{\"store\": \"tape\"}", false,
		     "p.store: 'tape' is wrong; allowed: pmem, disk or none");
	assert_wrong("{\"checksum\": 1}", false, "p.checksum: 1 is wrong; allowed: on or off");
	assert_wrong("{\"rate\": 0}", false,
		     "p.rate: 0 is wrong; allowed: more than 0, at most 10");
	assert_wrong("{\"rate\": \"nan\"}", false,
		     "p.rate: 'nan' is wrong; allowed: more than 0, at most 10");
	assert_wrong("{\"release\": \"../etc\"}", false,
		     "p.release: '../etc' is wrong; allowed: 1 to 64 letters, digits and . _ + -");
	assert_wrong("{\"stor\": \"pmem\"}", false,
		     "p: unknown key 'stor' (did you mean 'store'?); allowed: store, size_mb, "
		     "checksum, rate, release");
	assert_wrong("{\"zebra\": 1}", false,
		     "p: unknown key 'zebra'; allowed: store, size_mb, checksum, rate, release");
	assert_wrong("[]", false, "p: must be an object; allowed: {\"name\": value, …}");
	/* A line stays a line. */
	assert_wrong("{\"a\\nb\": 1}", false,
		     "p: unknown key 'a\\nb'; allowed: store, size_mb, checksum, rate, release");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_text_and_json_mean_the_same),
		cmocka_unit_test(test_no_parameters_declared),
		cmocka_unit_test(test_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
