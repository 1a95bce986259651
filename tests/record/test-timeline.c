/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The timeline: order, threads, its form on disk. */
#include "tests/kit/cmocka-all.h"
#include <string.h>
#include "record/error.h"
#include "record/timeline.h"

static void test_sort_is_stable(void **state)
{
	struct lu_timeline *t = lu_timeline_new();

	for (int i = 0; i < 100; i++)
		lu_timeline_add(t, 100 - i / 10, "a", "b", i, NULL);
	lu_timeline_sort(t);
	for (size_t i = 1; i < 100; i++) {
		const struct lu_event *x = lu_timeline_at(t, i - 1), *y = lu_timeline_at(t, i);

		assert_true(x->t_ns < y->t_ns || (x->t_ns == y->t_ns && x->id < y->id));
	}
	lu_timeline_free(t);
}

static void test_find(void **state)
{
	struct lu_timeline *t = lu_timeline_new();

	lu_timeline_add(t, 1, "engine", "end", 1, NULL);
	lu_timeline_add(t, 2, "guest", "end", 2, NULL);
	lu_timeline_add(t, 3, "engine", "end", 3, NULL);
	assert_int_equal(lu_timeline_find(t, "engine", "end", 0)->id, 1);
	assert_int_equal(lu_timeline_find(t, "engine", "end", 1)->id, 3);
	assert_null(lu_timeline_find(t, "engine", "end", 3));
	assert_null(lu_timeline_find(t, "engine", "trigger", 0));
	lu_timeline_free(t);
}

static void *writer(void *data)
{
	for (int i = 0; i < 1000; i++)
		lu_timeline_add(data, i, "client", "reply", i, json_object());
	return NULL;
}

static void test_threads(void **state)
{
	struct lu_timeline *t = lu_timeline_new();
	GThread *threads[4];

	for (int i = 0; i < 4; i++)
		threads[i] = g_thread_new("writer", writer, t);
	for (int i = 0; i < 4; i++)
		g_thread_join(threads[i]);
	assert_int_equal(lu_timeline_count(t), 4000);
	lu_timeline_free(t);
}

static void test_round_trip(void **state)
{
	struct lu_timeline *t = lu_timeline_new();
	g_autoptr(GError) error = NULL;

	lu_timeline_add(t, LU_TIMELINE_MOST, "guest", "hello", 0,
			json_pack("{s:s}", "kernel", "é\n\"x\""));
	lu_timeline_add(t, LU_TIMELINE_MOST - 5, "engine", "end", -1, NULL);
	g_autoptr(GString) text = lu_timeline_to_jsonl(t);
	struct lu_timeline *back = lu_timeline_from_jsonl(text->str, text->len, &error);

	assert_null(error);
	g_autoptr(GString) again = lu_timeline_to_jsonl(back);

	assert_string_equal(text->str, again->str);
	assert_int_equal(lu_timeline_at(back, 0)->t_ns, LU_TIMELINE_MOST);
	assert_null(lu_timeline_at(back, 1)->value);
	lu_timeline_free(t);
	lu_timeline_free(back);
}

static void test_wrong_lines(void **state)
{
	static const char good[] =
		"{\"t_ns\":1,\"source\":\"a\",\"kind\":\"b\",\"id\":0,\"value\":null}\n";
	static const char *const wrong[] = {
		"{", "[]", "{\"t_ns\":1}",
		"{\"t_ns\":\"1\",\"source\":\"a\",\"kind\":\"b\",\"id\":0}",
		"{\"t_ns\":1.5,\"source\":\"a\",\"kind\":\"b\",\"id\":0}"};

	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autofree char *text = g_strconcat(good, wrong[i], "\n", NULL);
		g_autoptr(GError) error = NULL;

		assert_null(lu_timeline_from_jsonl(text, strlen(text), &error));
		assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_USAGE));
		assert_non_null(strstr(error->message, "line 2"));
	}
}

/* What no run has: a file that says so is refused, by name; what a guest says is cut down. */
static void test_absurd_numbers(void **state)
{
	static const struct {
		const char *line, *says;
	} absurd[] = {
		{"{\"t_ns\":9000000000000000000,\"source\":\"a\",\"kind\":\"b\",\"id\":0}",
		 "line 1: t_ns"},
		{"{\"t_ns\":1,\"source\":\"client\",\"kind\":\"reply\",\"id\":0,\"value\":"
		 "{\"intended_ns\":-9000000000000000000}}",
		 "line 1: intended_ns"},
		{"{\"t_ns\":1,\"source\":\"guest\",\"kind\":\"memory\",\"id\":0,\"value\":"
		 "{\"a\":[{\"used_bytes\":1e300}]}}",
		 "line 1: used_bytes"},
		{"{\"t_ns\":0,\"source\":\"a\",\"kind\":\"b\",\"id\":0}\n"
		 "{\"t_ns\":700000000000000,\"source\":\"a\",\"kind\":\"b\",\"id\":0}",
		 "8.1 days from the first event to the last; allowed: up to 7"},
	};
	struct lu_timeline *t = lu_timeline_new();

	for (size_t i = 0; i < G_N_ELEMENTS(absurd); i++) {
		g_autoptr(GError) error = NULL;

		assert_null(lu_timeline_from_jsonl(absurd[i].line, strlen(absurd[i].line), &error));
		assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_USAGE));
		assert_non_null(strstr(error->message, absurd[i].says));
	}
	lu_timeline_add(t, G_MAXINT64, "guest", "mark", 0,
			json_pack("{s:I}", "uptime_ns", (json_int_t)G_MININT64));
	assert_int_equal(lu_timeline_at(t, 0)->t_ns, LU_TIMELINE_MOST);
	assert_int_equal(
		json_integer_value(json_object_get(lu_timeline_at(t, 0)->value, "uptime_ns")),
		-LU_TIMELINE_MOST);
	lu_timeline_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sort_is_stable), cmocka_unit_test(test_find),
		cmocka_unit_test(test_threads),	       cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_wrong_lines),    cmocka_unit_test(test_absurd_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
