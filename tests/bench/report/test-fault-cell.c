/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a strategy made of a fault: the judgement of each kind of end, and of several runs. */
#include "tests/kit/cmocka-all.h"
#include "bench/report/fault-cell.h"
#include "model/fault.h"

/* That ended so; words: NULL is none. */
static json_t *ended(const char *kind, const char *outcome, const char *phase, const char *reason)
{
	return json_pack("{s:s, s:s, s:s*, s:s*, s:b, s:{s:{s:s}}, s:{s:i}, s:{s:{s:s, s:s}}}",
			 "id", outcome, "outcome", outcome, "phase", phase, "reason", reason,
			 "rolled_back", 0, "plan", "fault", "kind", kind, "metrics",
			 "replies_wrong", 0, "oracles", "state", "verdict", "pass", "evidence",
			 "3 differ");
}

static json_t *set(json_t *result, const char *key, json_t *value)
{
	json_object_set_new(result, key, value);
	return result;
}

static json_t *set_in(json_t *result, const char *in, const char *key, json_t *value)
{
	set(json_object_get(result, in), key, value);
	return result;
}

static json_t *failed_oracle(json_t *result)
{
	json_t *state = json_object_get(json_object_get(result, "oracles"), "state");

	set(state, "verdict", json_string("fail"));
	return result;
}

static json_t *wrong_replies(json_t *result)
{
	return set_in(result, "metrics", "replies_wrong", json_integer(2));
}

static json_t *rolled_back(json_t *result)
{
	return set(result, "rolled_back", json_true());
}

/* Takes the result. */
static void expect(json_t *result, enum lu_coping coping, const char *why)
{
	struct lu_fault_cell cell = {0};

	lu_fault_cell_add(&cell, result);
	json_decref(result);
	if (cell.coping != coping || g_strcmp0(cell.why, why))
		fail_msg("not %s (%s), but %s (%s)", lu_coping_name(coping), why,
			 lu_coping_name(cell.coping), cell.why);
	lu_fault_cell_clear(&cell);
}

static void test_ok(void **state)
{
	expect(ended("store-flip", "ok", NULL, NULL), LU_COPING_WENT_ON, NULL);
	expect(failed_oracle(ended("store-flip", "ok", NULL, NULL)), LU_COPING_UNNOTICED,
	       "oracle state: 3 differ");
	expect(wrong_replies(ended("store-flip", "ok", NULL, NULL)), LU_COPING_UNNOTICED,
	       "2 wrong replies");
}

/* Who was given a wrong reply is not helped by what was said afterwards. */
static void test_failed(void **state)
{
	expect(ended("store-flip", "failed", "RESTORE", "damaged"), LU_COPING_TOLD, "damaged");
	expect(wrong_replies(ended("store-flip", "failed", "RESTORE", "damaged")),
	       LU_COPING_UNNOTICED, "2 wrong replies");
	expect(rolled_back(ended("store-flip", "refused", "PRESERVE", "damaged")),
	       LU_COPING_ROLLED_BACK, "damaged");
	expect(wrong_replies(rolled_back(ended("store-flip", "failed", "PRESERVE", "damaged"))),
	       LU_COPING_UNNOTICED, "2 wrong replies");
}

/* Before SWITCH the service has to be back, unless its machine is gone. */
static void test_not_back(void **state)
{
	static const char *const ends[] = {"kill", "panic", "hang", "agent-dies"};

	expect(ended("store-full", "failed", "PREPARE", "full"), LU_COPING_HARMED, "full");
	expect(ended("store-full", "failed", "PRESERVE", "full"), LU_COPING_HARMED, "full");
	expect(ended("store-full", "failed", "SWITCH", "full"), LU_COPING_TOLD, "full");
	for (size_t i = 0; i < G_N_ELEMENTS(ends); i++)
		expect(ended(ends[i], "failed", "PREPARE", "dead"), LU_COPING_TOLD, "dead");
}

static void test_not_tried(void **state)
{
	static const char why[] = LU_FAULT_NOT_MADE "the store holds no pages yet";

	expect(ended("store-flip", "failed", "PREPARE", why), LU_COPING_NONE, why);
	expect(set(ended("store-flip", "unsupported", NULL, "no QEMU"), "oracles", json_object()),
	       LU_COPING_NONE, "no QEMU");
}

/* Of several runs the worst counts, in whatever order they come. */
static void test_worst(void **state)
{
	json_auto_t *good = rolled_back(ended("error", "refused", "PRESERVE", "no"));
	json_auto_t *bad = ended("error", "failed", "PRESERVE", "harm");

	for (int i = 0; i < 2; i++) {
		struct lu_fault_cell cell = {0};

		lu_fault_cell_add(&cell, i ? good : bad);
		lu_fault_cell_add(&cell, i ? bad : good);
		assert_int_equal(cell.coping, LU_COPING_HARMED);
		assert_string_equal(cell.why, "harm");
		assert_string_equal(cell.phase, "PRESERVE");
		assert_string_equal(cell.run, "failed");
		lu_fault_cell_clear(&cell);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ok),	 cmocka_unit_test(test_failed),
		cmocka_unit_test(test_not_back), cmocka_unit_test(test_not_tried),
		cmocka_unit_test(test_worst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
