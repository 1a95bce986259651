/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What results say of updates: the judgement of each kind of end, and rows of many results. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "bench/report/update-rows.h"

/* A good run, with all items kept. */
static json_t *update_run(const char *strategy)
{
	return json_pack(
		"{s:s, s:b, s:{s:s, s:s, s:{s:s}, s:{s:s}}, s:{s:{}, s:{s:s, s:i, s:i, s:i}}, "
		"s:{s:{s:i}}, s:{}}",
		"outcome", "ok", "rolled_back", 0, "plan", "strategy", strategy, "workload",
		"catalog", "strategy_params", "to",
		g_str_equal(strategy, "livepatch") ? "fix" : "v2", "workload_params", "update",
		"some", "environment", "guest", "workload", "title", "Some update", "items", 6,
		"items_kept", 6, "hotswap_lines", 3, "metrics", "claims", "swap.closed_ns", 5000,
		"oracles");
}

static void set(json_t *result, const char *key, json_t *value)
{
	json_object_set_new(result, key, value);
}

static void fail_oracle(json_t *result, const char *name)
{
	json_object_set_new(json_object_get(result, "oracles"), name,
			    json_pack("{s:s, s:s}", "verdict", "fail", "evidence", name));
}

static void make_back(json_t *result, bool rolled_back)
{
	json_object_set_new(json_object_get(result, "plan"), "fault",
			    json_pack("{s:s, s:s}", "phase", "PRESERVE", "kind", "error"));
	set(result, "outcome", json_string("failed"));
	set(result, "reason", json_string("injected"));
	set(result, "rolled_back", json_boolean(rolled_back));
}

/* Takes the result. */
static void add(struct lu_update_cell *cell, json_t *result)
{
	enum lu_mechanism mechanism;
	bool back;

	assert_true(lu_update_cell_find(result, &mechanism, &back));
	lu_update_cell_add(cell, mechanism, back, result);
	json_decref(result);
}

static void expect(json_t *result, enum lu_carried carried, const char *why)
{
	struct lu_update_cell cell = {};

	add(&cell, result);
	assert_int_equal(cell.carried, carried);
	assert_int_equal(g_strcmp0(cell.why, why), 0);
	lu_update_cell_clear(&cell);
}

static void test_carried(void **state)
{
	struct lu_update_cell cell = {};

	add(&cell, update_run("hotswap"));
	assert_int_equal(cell.carried, LU_CARRIED);
	assert_int_equal(cell.lines, 3);
	assert_int_equal(cell.took_ns, 5000);
	assert_int_equal(cell.undone, LU_UNDONE_UNKNOWN);
	assert_null(cell.why);
	lu_update_cell_clear(&cell);
}

static void test_state_lost(void **state)
{
	json_t *result = update_run("fast-reboot");
	json_t *environment = json_object_get(result, "environment");

	json_object_set_new(json_object_get(environment, "workload"), "items_kept",
			    json_integer(5));
	expect(result, LU_CARRIED_LOST, NULL);
}

static void test_oracles(void **state)
{
	static const struct {
		const char *oracle;
		enum lu_carried carried;
	} cases[] = {{"answers", LU_NOT_CARRIED},
		     {"component", LU_NOT_CARRIED},
		     {"kernel", LU_BROKE},
		     {"before", LU_BROKE},
		     {"audit", LU_BROKE}};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		json_t *result = update_run("livepatch");

		fail_oracle(result, cases[i].oracle);
		expect(result, cases[i].carried, cases[i].oracle);
	}
}

/* What was undone, or had no guest, is refused; the rest has broken something. */
static void test_ends(void **state)
{
	for (int i = 0; i < 3; i++) {
		json_t *result = update_run("hotswap");

		set(result, "outcome", json_string("refused"));
		set(result, "reason", json_string("no"));
		set(result, "rolled_back", json_boolean(i == 0));
		if (i == 1)
			json_object_del(json_object_get(result, "environment"), "guest");
		expect(result, i < 2 ? LU_NOT_CARRIED : LU_BROKE, "no");
	}
}

static void test_back(void **state)
{
	struct lu_update_cell cell = {};
	json_t *good = update_run("livepatch"), *bad = update_run("livepatch");

	make_back(good, true);
	make_back(bad, false);
	add(&cell, good);
	assert_int_equal(cell.undone, LU_UNDONE_YES);
	assert_int_equal(cell.carried, LU_NOT_TRIED);
	add(&cell, bad);
	assert_int_equal(cell.undone, LU_UNDONE_NO);
	lu_update_cell_clear(&cell);
}

static void test_no_trials(void **state)
{
	static const char *const changes[][3] = {{"strategy", "cold"}, {"workload", "block"}};
	enum lu_mechanism mechanism;
	bool back;

	for (size_t i = 0; i <= G_N_ELEMENTS(changes); i++) {
		json_t *result = update_run("fast-reboot"), *plan = json_object_get(result, "plan");

		if (i < G_N_ELEMENTS(changes))
			json_object_set_new(plan, changes[i][0], json_string(changes[i][1]));
		else
			json_object_set_new(json_object_get(plan, "strategy_params"), "to",
					    json_string("v1"));
		assert_false(lu_update_cell_find(result, &mechanism, &back));
		json_decref(result);
	}
}

/* Of two results of a cell the worse counts, in whatever order they come. */
static void test_rows(void **state)
{
	json_auto_t *results = json_array();
	json_t *bad = update_run("hotswap");

	fail_oracle(bad, "answers");
	json_array_append_new(results, bad);
	json_array_append_new(results, update_run("hotswap"));
	json_array_append_new(results, update_run("livepatch"));
	json_array_append_new(results, json_object());
	g_autoptr(GPtrArray) rows = lu_update_rows(results);
	const struct lu_update_row *row = rows->pdata[0];

	assert_int_equal(rows->len, 1);
	assert_string_equal(row->name, "some");
	assert_string_equal(row->title, "Some update");
	assert_int_equal(row->cells[LU_BY_HOTSWAP].carried, LU_NOT_CARRIED);
	assert_int_equal(row->cells[LU_BY_LIVEPATCH].carried, LU_CARRIED);
	assert_int_equal(row->cells[LU_BY_KEXEC].carried, LU_NOT_TRIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_carried), cmocka_unit_test(test_state_lost),
		cmocka_unit_test(test_oracles), cmocka_unit_test(test_ends),
		cmocka_unit_test(test_back),	cmocka_unit_test(test_no_trials),
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
