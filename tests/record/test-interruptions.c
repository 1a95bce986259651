/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All interruptions: where each lies, what they come to, which is the switch-over's. */
#include "tests/kit/cmocka-all.h"
#include "record/metrics.h"
#include "tests/record/record.h"

static void step(struct lu_timeline *t, int id, const char *kind, const char *name, int64_t begin,
		 int64_t end)
{
	lu_timeline_add(t, begin * MS, "engine", "phase-begin", id,
			json_pack("{s:s, s:s}", "kind", kind, "name", name));
	lu_timeline_add(t, end * MS, "engine", "phase-end", id,
			json_pack("{s:s, s:s, s:b}", "kind", kind, "name", name, "ok", 1));
}

/* Served every 10 ms but in these; the last ends with light 0. */
struct dark {
	int dark, light;
};

static void serve(struct lu_timeline *t, const struct dark *spells)
{
	int from = 1000;

	for (; spells->light; spells++) {
		record_steady(t, from, spells->dark, 10, 1, 0);
		record_burst(t, spells->dark, spells->light, 10, spells->light, 0);
		from = spells->light;
	}
	record_steady(t, from, 5000, 10, 1, 0);
}

/* As migrate does it: a stall where copying begins, a shorter one where it switches over. */
static struct lu_timeline *migrated(void)
{
	static const struct dark spells[] = {{2200, 3100}, {3500, 3800}, {4200, 4260}, {}};
	struct lu_timeline *t = record_new();

	step(t, 0, "PREPARE", "start", 2000, 2300);
	step(t, 1, "PREPARE", "copy", 2300, 3500);
	step(t, 2, "FREEZE", "pause", 3500, 3510);
	step(t, 3, "SWITCH", "change over", 3520, 3700);
	step(t, 4, "FINISH", "end", 3700, 4000);
	serve(t, spells);
	lu_timeline_sort(t);
	return t;
}

static void assert_number(const json_t *object, const char *key, int64_t expected)
{
	assert_true(json_is_integer(json_object_get(object, key)));
	assert_int_equal(json_integer_value(json_object_get(object, key)), expected);
}

struct expected_piece {
	const char *phase, *name;
	int64_t ms;
};

static void assert_pieces(const json_t *interruption, const struct expected_piece *expected)
{
	const json_t *pieces = json_object_get(interruption, "phases"), *piece;

	for (size_t i = 0; expected[i].phase; i++) {
		piece = json_array_get(pieces, i);
		assert_string_equal(json_string_value(json_object_get(piece, "phase")),
				    expected[i].phase);
		assert_int_equal(expected[i].name != NULL, json_object_get(piece, "name") != NULL);
		if (expected[i].name)
			assert_string_equal(json_string_value(json_object_get(piece, "name")),
					    expected[i].name);
		assert_number(piece, "ns", expected[i].ms * MS);
		assert_true(expected[i + 1].phase || json_array_size(pieces) == i + 1);
	}
}

static json_t *document(struct lu_timeline *t)
{
	struct lu_metrics m = lu_metrics_compute(t);
	json_t *doc = lu_metrics_to_json(&m, t);

	lu_timeline_free(t);
	return doc;
}

static void test_all_are_listed(void **state)
{
	static const struct expected_piece first[] = {
		{"PREPARE", "start", 109}, {"PREPARE", "copy", 800}, {}};
	static const struct expected_piece second[] = {
		{"PREPARE", "copy", 9},		{"FREEZE", "pause", 10}, {"between", NULL, 10},
		{"SWITCH", "change over", 180}, {"FINISH", "end", 100},	 {}};
	static const struct expected_piece third[] = {{"after", NULL, 69}, {}};
	json_t *doc = document(migrated()), *list = json_object_get(doc, "interruptions");

	assert_int_equal(json_array_size(list), 3);
	assert_number(json_array_get(list, 0), "begin_ns", 2191 * MS);
	assert_number(json_array_get(list, 0), "end_ns", 3100 * MS);
	assert_number(json_array_get(list, 0), "ns", 899 * MS);
	assert_number(json_array_get(list, 0), "requests", 90);
	assert_pieces(json_array_get(list, 0), first);
	assert_pieces(json_array_get(list, 1), second);
	assert_pieces(json_array_get(list, 2), third);
	assert_number(doc, "interruptions_count", 3);
	assert_number(doc, "interruptions_sum_ns", (899 + 299 + 59) * MS);
	assert_number(doc, "blackout_ns", 899 * MS);
	assert_number(doc, "switchover_ns", 299 * MS);
	assert_int_equal(json_object_size(json_object_get(doc, "censored")), 0);
	json_decref(doc);
}

/* What is before FREEZE in the blackout's breakdown says in which step of PREPARE. */
static void test_before_is_split_by_step(void **state)
{
	json_t *doc = document(migrated()), *pieces = json_object_get(doc, "breakdown");
	const json_t *first = json_array_get(pieces, 0), *second = json_array_get(pieces, 1);

	assert_int_equal(json_array_size(pieces), 2);
	assert_string_equal(json_string_value(json_object_get(first, "phase")), "before");
	assert_string_equal(json_string_value(json_object_get(first, "name")), "start");
	assert_string_equal(json_string_value(json_object_get(second, "phase")), "before");
	assert_string_equal(json_string_value(json_object_get(second, "name")), "copy");
	json_decref(doc);
}

static void part(struct lu_timeline *t, const char *name, int64_t ms)
{
	lu_timeline_add(t, ms * MS, "guest", "step", 0, json_pack("{s:s}", "name", name));
}

static void assert_piece(const json_t *pieces, size_t i, const char *phase, const char *step,
			 int64_t ms)
{
	const json_t *piece = json_array_get(pieces, i);

	assert_string_equal(json_string_value(json_object_get(piece, "phase")), phase);
	if (step)
		assert_string_equal(json_string_value(json_object_get(piece, "step")), step);
	else
		assert_null(json_object_get(piece, "step"));
	assert_number(piece, "ns", ms * MS);
}

/* The stall lies where pre-copy is set up and in its first round; the gap at the switch-over begins
 * in the second, while FREEZE and SWITCH stay whole whatever is said in them. */
static void test_parts_of_prepare(void **state)
{
	struct lu_timeline *t = migrated();

	part(t, "set up", 2300);
	part(t, "round 1", 2900);
	part(t, "round 2", 3300);
	part(t, "transfer", 3600);
	part(t, "outside", 4100);
	lu_timeline_sort(t);
	json_t *doc = document(t), *list = json_object_get(doc, "interruptions");
	const json_t *first = json_object_get(json_array_get(list, 0), "phases");
	const json_t *second = json_object_get(json_array_get(list, 1), "phases");
	const json_t *breakdown = json_object_get(doc, "breakdown");

	assert_int_equal(json_array_size(first), 3);
	assert_piece(first, 0, "PREPARE", NULL, 109);
	assert_piece(first, 1, "PREPARE", "set up", 600);
	assert_piece(first, 2, "PREPARE", "round 1", 200);
	assert_int_equal(json_array_size(second), 5);
	assert_piece(second, 0, "PREPARE", "round 2", 9);
	assert_piece(second, 3, "SWITCH", NULL, 180);
	assert_int_equal(json_array_size(breakdown), 3);
	assert_piece(breakdown, 0, "before", NULL, 109);
	assert_piece(breakdown, 1, "before", "set up", 600);
	assert_piece(breakdown, 2, "before", "round 1", 200);
	json_decref(doc);
}

/* A damaged record may name parts without end. */
static void test_parts_are_bounded(void **state)
{
	struct lu_timeline *t = migrated();

	for (int i = 0; i < 5000; i++) {
		g_autofree char *name = g_strdup_printf("part %d", i);

		lu_timeline_add(t, 2300 * MS + i * MS / 10, "guest", "step", 0,
				json_pack("{s:s}", "name", name));
	}
	lu_timeline_sort(t);
	json_t *doc = document(t), *list = json_object_get(doc, "interruptions");

	/* one more is the step's rest, one the step before it */
	assert_in_range(json_array_size(json_object_get(json_array_get(list, 0), "phases")), 1000,
			1002);
	json_decref(doc);
}

/* Sixty gaps of 30 ms or a little more, all below the floor of 40: it bounds each, not their sum. */
static void test_bound_of_a_sum(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 2000, 10, 1, 0);
	for (int i = 0; i < 60; i++)
		record_burst(t, 2000 + 40 * i, 2040 + 40 * i, 10, 2040 + 40 * i, 0);
	lu_timeline_sort(t);
	json_t *doc = document(t), *censored = json_object_get(doc, "censored");

	assert_number(doc, "interruptions_count", 0);
	assert_number(censored, "blackout_ns", 40 * MS);
	/* 59 of 40 ms less an interval, and the first, which begins with the reply at 1991. */
	assert_number(censored, "interruptions_sum_ns", (59 * 30 + 39) * MS);
	json_decref(doc);
}

/* There was a SWITCH, and no gap that stands out: below the floor, which is not 0. */
static void test_switchover_below_the_floor(void **state)
{
	static const struct dark spells[] = {{2200, 2700}, {}};
	struct lu_timeline *t = record_new();

	step(t, 0, "PREPARE", "load", 2000, 3000);
	step(t, 1, "SWITCH", "swap", 3000, 3001);
	serve(t, spells);
	lu_timeline_sort(t);
	json_t *doc = document(t), *censored = json_object_get(doc, "censored");

	assert_true(json_is_null(json_object_get(doc, "switchover_ns")));
	assert_int_equal(json_object_size(censored), 1);
	assert_number(censored, "switchover_ns", 40 * MS);
	json_decref(doc);
}

static void test_no_switch_no_switchover(void **state)
{
	static const struct dark spells[] = {{}};
	struct lu_timeline *t = record_new();

	serve(t, spells);
	lu_timeline_sort(t);
	json_t *doc = document(t), *censored = json_object_get(doc, "censored");

	assert_true(json_is_null(json_object_get(doc, "switchover_ns")));
	assert_null(json_object_get(censored, "switchover_ns"));
	assert_number(censored, "blackout_ns", 40 * MS);
	assert_number(censored, "blackout_worst_connection_ns", 40 * MS);
	assert_number(censored, "interruptions_sum_ns", 40 * MS);
	assert_number(doc, "blackout_ns", 0);
	json_decref(doc);
}

/* 100 gaps of 90 ms and more: all are counted, the longest are listed, in order. */
static void test_list_is_bounded(void **state)
{
	struct lu_timeline *t = lu_timeline_new();
	int64_t sum = 0, before = 0;

	record_engine(t, "baseline-begin", 1000);
	record_engine(t, "trigger", 2000);
	record_steady(t, 1000, 2000, 10, 1, 0);
	for (int i = 0; i < 100; i++) {
		int from = 2000 + i * 300, length = i % 2 ? 90 : 150;

		record_burst(t, from, from + length, 10, from + length, 0);
		record_steady(t, from + length, from + 300, 10, 1, 0);
		sum += length - 1; /* 9 before it, less 10 */
	}
	record_engine(t, "end", 32000);
	lu_timeline_sort(t);
	json_t *doc = document(t), *list = json_object_get(doc, "interruptions"), *each;
	size_t i, longer = 0;

	assert_number(doc, "interruptions_count", 100);
	assert_number(doc, "interruptions_sum_ns", sum * MS);
	assert_int_equal(json_array_size(list), 64);
	json_array_foreach(list, i, each)
	{
		int64_t begin = json_integer_value(json_object_get(each, "begin_ns"));

		assert_true(begin > before);
		before = begin;
		longer += json_integer_value(json_object_get(each, "ns")) == 149 * MS;
	}
	assert_int_equal(longer, 50);
	json_decref(doc);
}

static void test_without_a_trigger(void **state)
{
	json_t *doc = document(lu_timeline_new());

	assert_int_equal(json_array_size(json_object_get(doc, "interruptions")), 0);
	assert_number(doc, "interruptions_count", 0);
	assert_int_equal(json_object_size(json_object_get(doc, "censored")), 0);
	json_decref(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_are_listed),
		cmocka_unit_test(test_before_is_split_by_step),
		cmocka_unit_test(test_parts_of_prepare),
		cmocka_unit_test(test_parts_are_bounded),
		cmocka_unit_test(test_bound_of_a_sum),
		cmocka_unit_test(test_switchover_below_the_floor),
		cmocka_unit_test(test_no_switch_no_switchover),
		cmocka_unit_test(test_list_is_bounded),
		cmocka_unit_test(test_without_a_trigger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
