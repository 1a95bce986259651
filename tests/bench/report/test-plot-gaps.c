/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every interruption is marked in a timeline, and labels do not lie on each other. */
#include "tests/kit/cmocka-all.h"
#include <string.h>
#include "bench/report/plot-gaps.h"

#define MS INT64_C(1000000)

static json_t *gap(int64_t begin_ms, int64_t ms)
{
	return json_pack("{s:I, s:I, s:I}", "begin_ns", (json_int_t)(begin_ms * MS), "end_ns",
			 (json_int_t)((begin_ms + ms) * MS), "ns", (json_int_t)(ms * MS));
}

static json_t *result_of(json_t *gaps, int64_t count, int64_t begin_ms, int64_t ms)
{
	return json_pack("{s:{s:o*, s:I, s:I, s:I, s:I, s:I}}", "metrics", "interruptions", gaps,
			 "interruptions_count", (json_int_t)count, "interruptions_sum_ns",
			 (json_int_t)(640 * MS), "blackout_begin_ns", (json_int_t)(begin_ms * MS),
			 "blackout_end_ns", (json_int_t)((begin_ms + ms) * MS), "blackout_ns",
			 (json_int_t)(ms * MS));
}

/* The trigger at 1 s, drawn from 1 s before it to 9 s after it. */
static char *marks_of(const json_t *result)
{
	GString *script = g_string_new(NULL);
	const struct lu_plot_gaps plot = {result, 1000 * MS, -1, 9, 0.1, 0.9, 100};

	lu_plot_gaps(script, &plot);
	lu_plot_gaps_key(script, result);
	return g_string_free(script, FALSE);
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		n++;
	}
	return n;
}

static void test_all_are_marked(void **state)
{
	json_auto_t *result = result_of(
		json_pack("[o, o, o]", gap(2000, 90), gap(4000, 500), gap(8000, 50)), 3, 4000, 500);
	g_autofree char *marks = marks_of(result);

	assert_int_equal(count(marks, " heads "), 3);
	assert_non_null(strstr(marks, "set arrow from 3,100 to 3.5,100 heads filled"));
	assert_non_null(strstr(marks, "set arrow from 1,100 to 1.09,100 heads size"));
	assert_non_null(strstr(marks, "\"blackout 500 ms\" at 3.25,100"));
	assert_non_null(strstr(marks, "\"90 ms\" at 1.045,100"));
	assert_non_null(strstr(marks, "\"50 ms\" at 7.025,100"));
	assert_non_null(strstr(marks, "\"interruption (3, together 640 ms)\""));
}

/* Sixty in a row: each has its mark, the longest have labels, as many as have room. */
static void test_many(void **state)
{
	json_t *gaps = json_array();

	for (int i = 0; i < 60; i++)
		json_array_append_new(gaps, gap(2000 + 100 * i, 20 + (i == 30)));
	json_auto_t *result = result_of(gaps, 75, 5000, 21);
	g_autofree char *marks = marks_of(result);

	assert_int_equal(count(marks, " heads "), 60);
	assert_non_null(strstr(marks, "\"blackout 21 ms\""));
	assert_true(count(marks, "set label") >= 5);
	/* A label of 20 ms takes a twentieth of the canvas. */
	assert_true(count(marks, "set label") <= 14);
	assert_non_null(strstr(marks, "(75, together 640 ms; 60 drawn)"));
}

/* Of an earlier version, without an interruption, and with one beyond what is drawn. */
static void test_others(void **state)
{
	json_auto_t *earlier = result_of(NULL, 0, 4000, 500);
	json_auto_t *none = result_of(json_array(), 0, 0, 0);
	json_auto_t *beyond =
		result_of(json_pack("[o, o]", gap(9900, 5000), gap(-9000, 10)), 2, 9900, 5000);
	g_autofree char *a = marks_of(earlier), *b = marks_of(none), *c = marks_of(beyond);

	assert_non_null(strstr(a, "\"blackout 500 ms\""));
	assert_int_equal(count(a, "interruption"), 0);
	assert_string_equal(b, "");
	assert_int_equal(count(c, " heads "), 1);
	assert_non_null(strstr(c, "set arrow from 8.9,100 to 9,100"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_are_marked),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
