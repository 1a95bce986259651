/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pieces of a blackout: right labels, and they always add up. */
#include "tests/kit/cmocka-all.h"
#include "record/breakdown.h"
#include "record/metrics.h"
#include "tests/record/record.h"

struct expected {
	const char *phase, *since;
	int64_t offset_ms, ms;
};

static void assert_pieces(json_t *pieces, const struct expected *expected, size_t n)
{
	assert_int_equal(json_array_size(pieces), n);
	for (size_t i = 0; i < n; i++) {
		json_t *piece = json_array_get(pieces, i), *since = json_object_get(piece, "since");

		assert_string_equal(json_string_value(json_object_get(piece, "phase")),
				    expected[i].phase);
		assert_int_equal(since != NULL, expected[i].since != NULL);
		if (since)
			assert_string_equal(json_string_value(since), expected[i].since);
		assert_int_equal(json_integer_value(json_object_get(piece, "offset_ns")),
				 expected[i].offset_ms * MS);
		assert_int_equal(json_integer_value(json_object_get(piece, "ns")),
				 expected[i].ms * MS);
	}
}

static int64_t sum(const json_t *pieces)
{
	size_t i;
	json_t *piece;
	int64_t total = 0;

	json_array_foreach((json_t *)pieces, i, piece) total +=
		json_integer_value(json_object_get(piece, "ns"));
	return total;
}

static void test_upgrade(void **state)
{
	struct lu_timeline *t = lu_timeline_new();
	const struct expected expected[] = {
		{"before", NULL, 0, 5},
		{"FREEZE", NULL, 5, 10},
		{"PRESERVE", NULL, 15, 100},
		{"SWITCH", NULL, 115, 185},
		{"SWITCH", "kernel-start", 300, 250},
		{"SWITCH", "init-start", 550, 50},
		{"RESTORE", "hello", 600, 200},
		{"between", NULL, 800, 10},
		{"RESUME", NULL, 810, 10},
		{"after", NULL, 820, 80},
	};

	record_phase(t, 0, "PREPARE", 500, 1000);
	record_phase(t, 1, "FREEZE", 1005, 1015);
	record_phase(t, 2, "PRESERVE", 1015, 1115);
	record_phase(t, 3, "SWITCH", 1115, 1600);
	record_phase(t, 4, "RESTORE", 1600, 1800);
	record_phase(t, 5, "RESUME", 1810, 1820);
	record_phase(t, 6, "FINISH", 1820, 2000);
	record_hello(t, 1600, 1, "new", 300);
	lu_timeline_add(
		t, 1601 * MS, "guest", "mark", 0,
		json_pack("{s:s, s:I}", "name", "init-start", "uptime_ns", (json_int_t)(250 * MS)));
	lu_timeline_add(t, 1115 * MS, "guest", "claim", 0,
			json_pack("{s:s, s:I}", "name", "criu.frozen_ns", "ns", (json_int_t)77));
	lu_timeline_sort(t);
	json_t *pieces = lu_breakdown(t, 1000 * MS, 1900 * MS);
	json_t *preserve = json_array_get(pieces, 2);

	assert_pieces(pieces, expected, G_N_ELEMENTS(expected));
	assert_int_equal(json_integer_value(json_object_get(json_object_get(preserve, "claims"),
							    "criu.frozen_ns")),
			 77);
	assert_int_equal(sum(pieces), 900 * MS);
	json_decref(pieces);
	lu_timeline_free(t);
}

static void test_undone(void **state)
{
	struct lu_timeline *t = lu_timeline_new();
	const struct expected expected[] = {
		{"FREEZE", NULL, 0, 50},
		{"undo", NULL, 50, 30},
		{"after", NULL, 80, 20},
	};

	record_phase(t, 0, "FREEZE", 990, 1050);
	lu_timeline_add(t, 1050 * MS, "engine", "undo-begin", 0, NULL);
	lu_timeline_add(t, 1080 * MS, "engine", "undo-end", 0, NULL);
	json_t *pieces = lu_breakdown(t, 1000 * MS, 1100 * MS);

	assert_pieces(pieces, expected, G_N_ELEMENTS(expected));
	json_decref(pieces);
	lu_timeline_free(t);
}

static void test_phase_that_never_ended(void **state)
{
	struct lu_timeline *t = lu_timeline_new();
	const struct expected expected[] = {{"before", NULL, 0, 100}, {"SWITCH", NULL, 100, 900}};

	lu_timeline_add(t, 1100 * MS, "engine", "phase-begin", 0,
			json_pack("{s:s}", "kind", "SWITCH"));
	json_t *pieces = lu_breakdown(t, 1000 * MS, 2000 * MS);

	assert_pieces(pieces, expected, G_N_ELEMENTS(expected));
	json_decref(pieces);
	lu_timeline_free(t);
}

static void test_empty_interval(void **state)
{
	struct lu_timeline *t = lu_timeline_new();
	json_t *pieces = lu_breakdown(t, 0, 0);

	assert_int_equal(json_array_size(pieces), 0);
	json_decref(pieces);
	lu_timeline_free(t);
}

static struct lu_timeline *random_record(GRand *rand)
{
	static const char *const kinds[] = {"PREPARE", "FREEZE", "PRESERVE", "SWITCH", "RESUME"};
	struct lu_timeline *t = lu_timeline_new();

	for (int i = 0; i < 8; i++) {
		int begin = g_rand_int_range(rand, 0, 1000),
		    length = g_rand_int_range(rand, 0, 300);

		record_phase(t, i, kinds[g_rand_int_range(rand, 0, 5)], begin, begin + length);
		record_hello(t, g_rand_int_range(rand, 0, 1000), i, "k",
			     g_rand_int_range(rand, -1, 500));
		lu_timeline_add(t, g_rand_int_range(rand, 0, 1000) * MS, "guest", "mark", 0,
				json_pack("{s:s, s:I}", "name", "m", "uptime_ns",
					  (json_int_t)(g_rand_int_range(rand, 0, 500) * MS)));
	}
	lu_timeline_sort(t);
	return t;
}

static void test_always_adds_up(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);

	for (int round = 0; round < 500; round++) {
		struct lu_timeline *t = random_record(rand);
		int64_t begin = g_rand_int_range(rand, 0, 1000) * MS;
		int64_t end = begin + g_rand_int_range(rand, 0, 1000) * MS + 1;
		json_t *pieces = lu_breakdown(t, begin, end);

		assert_int_equal(sum(pieces), end - begin);
		json_decref(pieces);
		lu_timeline_free(t);
	}
}

static void test_in_metrics(void **state)
{
	struct lu_timeline *t = record_new();

	record_steady(t, 1000, 2500, 10, 1, 0);
	record_burst(t, 2500, 3000, 10, 3000, 0);
	record_steady(t, 3000, 5000, 10, 1, 0);
	record_phase(t, 0, "FREEZE", 2495, 2600);
	record_phase(t, 1, "SWITCH", 2600, 2990);
	lu_timeline_sort(t);
	struct lu_metrics m = lu_metrics_compute(t);
	json_t *doc = lu_metrics_to_json(&m, t);
	json_t *phase_ns = json_object_get(doc, "phase_ns");

	assert_int_equal(sum(json_object_get(doc, "breakdown")), 509 * MS);
	assert_int_equal(json_integer_value(json_object_get(phase_ns, "FREEZE")), 105 * MS);
	assert_int_equal(json_integer_value(json_object_get(phase_ns, "SWITCH")), 390 * MS);
	json_decref(doc);
	lu_timeline_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_upgrade),
		cmocka_unit_test(test_undone),
		cmocka_unit_test(test_phase_that_never_ended),
		cmocka_unit_test(test_empty_interval),
		cmocka_unit_test(test_always_adds_up),
		cmocka_unit_test(test_in_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
