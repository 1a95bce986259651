/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sweeps: what lists stand for, in which order, and what is said of the rest. */
#include "tests/kit/cmocka-all.h"
#include <string.h>
#include "record/error.h"
#include "model/sweep.h"
#include "model/strategy.h"
#include "model/workload.h"

#define MACHINES LU_SOURCE_DIR "/machines"

static struct lu_sweep *sweep_of(const char *text, GError **error)
{
	json_t *doc = lu_scenario_parse(text, strlen(text), "s.json", error);
	struct lu_sweep *sweep = doc ? lu_sweep_new(doc, "dir/s.json", MACHINES, 0, error) : NULL;

	json_decref(doc);
	return sweep;
}

static struct lu_sweep *good(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct lu_sweep *sweep = sweep_of(text, &error);

	if (!sweep)
		fail_msg("%s", error->message);
	return sweep;
}

static const struct lu_sweep_case *case_of(const struct lu_sweep *sweep, guint i)
{
	return g_ptr_array_index(sweep->cases, i);
}

static unsigned count_where(const struct lu_sweep *sweep, const char *strategy, unsigned memory_mb)
{
	unsigned n = 0;

	for (guint i = 0; i < sweep->cases->len; i++) {
		const struct lu_plan *plan = case_of(sweep, i)->plan;

		n += g_str_equal(plan->strategy->name, strategy) && plan->memory_mb == memory_mb;
	}
	return n;
}

static void test_product(void **state)
{
	struct lu_sweep *sweep =
		good("{\"strategy\": [\"null\", \"cold\"], \"memory_mb\": [512, 768, "
		     "1024], \"sweep\": {\"title\": \"x\"}}");

	assert_string_equal(sweep->name, "s");
	assert_string_equal(sweep->title, "x");
	assert_int_equal(sweep->cases->len, 6);
	for (unsigned mb = 512; mb <= 1024; mb += 256) {
		assert_int_equal(count_where(sweep, "null", mb), 1);
		assert_int_equal(count_where(sweep, "cold", mb), 1);
	}
	lu_sweep_free(sweep);
}

/* The same order again, another with another seed; every repeat has all, with the next seed. */
static void test_order(void **state)
{
	static const char *const text = "{\"strategy\": [\"null\", \"cold\"], \"memory_mb\": [512, "
					"640, 768, 1024], \"seed\": 7, "
					"\"sweep\": {\"repeat\": 3, \"order_seed\": %d}}";
	g_autofree char *first = g_strdup_printf(text, 1), *second = g_strdup_printf(text, 2);
	struct lu_sweep *a = good(first), *b = good(first), *c = good(second);
	unsigned same = 0;

	assert_int_equal(a->cases->len, 24);
	for (guint i = 0; i < 24; i++) {
		assert_string_equal(case_of(a, i)->plan->hash, case_of(b, i)->plan->hash);
		same += g_str_equal(case_of(a, i)->plan->hash, case_of(c, i)->plan->hash);
		assert_int_equal(case_of(a, i)->repeat, i / 8);
		assert_int_equal(case_of(a, i)->plan->seed, 7 + i / 8);
	}
	assert_true(same < 12);
	lu_sweep_free(a);
	lu_sweep_free(b);
	lu_sweep_free(c);
}

/* pause has "ms" and null has not; tick has "state_mb" and redis has not. */
static void test_foreign_params(void **state)
{
	struct lu_sweep *sweep = good(
		"{\"strategy\": [\"pause\", \"null\"], \"strategy_params\": {\"ms\": [100, 200]}, "
		"\"workload\": [\"tick\", \"redis\"], \"workload_params\": {\"state_mb\": [4, 8, "
		"16]}}");
	unsigned nulls = 0;

	for (guint i = 0; i < sweep->cases->len; i++) {
		const struct lu_plan *plan = case_of(sweep, i)->plan;
		bool redis = g_str_equal(plan->workload->name, "redis");

		nulls += g_str_equal(plan->strategy->name, "null");
		assert_int_equal(json_object_get(plan->workload_params, "state_mb") != NULL,
				 !redis);
	}
	/* pause: 2 × (3 + 1); null: 3 + 1 */
	assert_int_equal(sweep->cases->len, 12);
	assert_int_equal(nulls, 4);
	lu_sweep_free(sweep);
}

static void test_cases_and_null(void **state)
{
	struct lu_sweep *sweep =
		good("{\"strategy\": \"null\", \"client\": {\"rate_hz\": [100, 50]}, \"cases\": ["
		     "{\"network\": [null, {\"loss_ppm\": 10}]},"
		     "{\"strategy\": \"pause\", \"client\": {\"rate_hz\": 25}}]}");
	unsigned with_network = 0, slow = 0;

	for (guint i = 0; i < sweep->cases->len; i++) {
		const struct lu_plan *plan = case_of(sweep, i)->plan;

		with_network += json_object_get(plan->doc, "network") != NULL;
		slow += plan->rate_hz == 25 && g_str_equal(plan->strategy->name, "pause");
	}
	assert_int_equal(sweep->cases->len, 5);
	assert_int_equal(with_network, 2);
	assert_int_equal(slow, 1);
	lu_sweep_free(sweep);
}

/* A plan that its strategy cannot carry is a case like the others. */
static void test_refused(void **state)
{
	struct lu_sweep *sweep =
		good("{\"strategy\": [\"migrate\", \"cold\"], \"update\": {\"kind\": \"vmm\"}, "
		     "\"sweep\": {\"repeat\": 2}}");
	unsigned refused = 0;

	assert_int_equal(sweep->cases->len, 4);
	for (guint i = 0; i < 4; i++) {
		g_autoptr(GError) error = NULL;

		if (lu_plan_feasible(case_of(sweep, i)->plan, &error))
			continue;
		refused++;
		assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_REFUSED));
		assert_non_null(strstr(error->message, "update.kind"));
	}
	assert_int_equal(refused, 2);
	lu_sweep_free(sweep);
}

static void test_set(void **state)
{
	json_t *doc = json_pack("{s:s}", "strategy", "null");
	g_autoptr(GError) error = NULL;

	assert_true(lu_sweep_set(doc, "strategy", "null,cold", &error));
	assert_true(lu_sweep_set(doc, "client.rate_hz", "100,200,400", &error));
	assert_true(lu_sweep_set(doc, "seed", "5", &error));
	assert_int_equal(json_array_size(json_object_get(doc, "strategy")), 2);
	assert_int_equal(
		json_array_size(json_object_get(json_object_get(doc, "client"), "rate_hz")), 3);
	assert_int_equal(json_integer_value(json_object_get(doc, "seed")), 5);
	assert_false(lu_sweep_set(doc, "client.rate_hz", "100,fast", &error));
	assert_non_null(strstr(error->message, "client.rate_hz"));
	json_decref(doc);
}

static const struct malformed {
	const char *text, *key, *allowed;
} malformed[] = {
	{"{\"strategy\": []}", "strategy", "at least one"},
	{"{\"strategy\": \"null\", \"seed\": [[1]]}", "seed", "a list of values"},
	{"{\"strategy\": [\"null\", \"nul\"]}", "nul", "cold"},
	{"{\"strategy\": [\"null\", 7]}", "strategy", ""},
	{"{\"workload\": [\"tick\"]}", "strategy", "missing"},
	{"{\"strategy\": \"null\", \"client\": {\"rate_hz\": [100, 0]}}", "client.rate_hz",
	 "more than"},
	{"{\"strategy\": \"null\", \"client\": [5]}", "client", ""},
	{"{\"strategy\": \"null\", \"stratgy\": [5]}", "stratgy", "sweep, cases, strategy"},
	{"{\"strategy\": \"null\", \"sweep\": {\"repeat\": 0}}", "sweep.repeat", "1 to 1000"},
	{"{\"strategy\": \"null\", \"sweep\": {\"repeats\": 2}}", "repeats", "repeat"},
	{"{\"strategy\": \"null\", \"sweep\": {\"title\": 3}}", "sweep.title", "text"},
	{"{\"strategy\": \"null\", \"sweep\": 3}", "sweep", ""},
	{"{\"strategy\": \"null\", \"cases\": []}", "cases", "list of objects"},
	{"{\"strategy\": \"null\", \"cases\": [3]}", "cases", "list of objects"},
	{"{\"strategy\": \"null\", \"cases\": {}}", "cases", "list of objects"},
	{"{\"strategy\": \"null\", \"seed\": [1, 2], \"sweep\": {\"repeat\": 2}}", "seed",
	 "one of"},
	{"{\"strategy\": [\"pause\", \"null\"], \"strategy_params\": {\"sec\": [1]}}", "sec", "ms"},
	{"{\"strategy\": \"pause\", \"strategy_params\": {\"ms\": [5, -1]}}", "ms", "600000"},
};

static void test_malformed(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(malformed); i++) {
		g_autoptr(GError) error = NULL;
		struct lu_sweep *sweep = sweep_of(malformed[i].text, &error);

		if (sweep || !g_error_matches(error, LU_ERROR, LU_ERROR_USAGE) ||
		    !strstr(error->message, "s.json") ||
		    !strstr(error->message, malformed[i].key) ||
		    !strstr(error->message, malformed[i].allowed) || strchr(error->message, '\n'))
			fail_msg("%s: %s", malformed[i].text, error ? error->message : "accepted");
	}
}

/* Twenty lists of two are a million plans. */
static void test_too_many(void **state)
{
	g_autoptr(GString) text = g_string_new("{\"strategy\": \"null\"");
	g_autoptr(GError) error = NULL;

	for (int i = 0; i < 20; i++)
		g_string_append_printf(text, ", \"k%d\": [1, 2]", i);
	g_string_append_c(text, '}');
	json_t *doc = lu_scenario_parse(text->str, text->len, "s.json", &error);

	assert_null(lu_sweep_scenarios(doc, LU_SWEEP_ALL, "s.json", &error));
	assert_non_null(strstr(error->message, "10000"));
	json_decref(doc);
	g_clear_error(&error);
	assert_null(
		sweep_of("{\"strategy\": \"null\", \"memory_mb\": [512, 513, 514, 515, 516, 517, "
			 "518, 519, 520, 521, 522], \"sweep\": {\"repeat\": 1000}}",
			 &error));
	assert_non_null(strstr(error->message, "sweep.repeat"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_product),	       cmocka_unit_test(test_order),
		cmocka_unit_test(test_foreign_params), cmocka_unit_test(test_cases_and_null),
		cmocka_unit_test(test_refused),	       cmocka_unit_test(test_set),
		cmocka_unit_test(test_malformed),      cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests_name("core-sweep", tests, NULL, NULL);
}
