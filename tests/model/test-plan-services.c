/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plans of several services: what is made of them, and what is said of those that cannot be. */
#include "tests/kit/cmocka-all.h"
#include <string.h>
#include "record/error.h"
#include "model/plan.h"
#include "model/strategy.h"
#include "model/sweep.h"
#include "model/workload.h"

#define MACHINES LU_SOURCE_DIR "/machines"
#define TWO	 "{\"workload\": \"tick\"}, {\"workload\": \"redis\"}"

static struct lu_plan *plan_of_text(const char *text, GError **error)
{
	json_t *scenario = lu_scenario_parse(text, strlen(text), "s.json", error);
	struct lu_plan *plan =
		scenario ? lu_plan_new(scenario, "s.json", MACHINES, 0, error) : NULL;

	json_decref(scenario);
	return plan;
}

/* services and more: as they stand in the scenario. */
static struct lu_plan *plan_of(const char *services, const char *more, GError **error)
{
	g_autofree char *text =
		g_strdup_printf("{\"strategy\": \"kexec\", \"services\": [%s]%s}", services, more);

	return plan_of_text(text, error);
}

static struct lu_plan *good(const char *services, const char *more)
{
	g_autoptr(GError) error = NULL;
	struct lu_plan *plan = plan_of(services, more, &error);

	if (!plan)
		fail_msg("%s", error->message);
	return plan;
}

static void test_sorted(void **state)
{
	struct lu_plan *plan = good("{\"workload\": \"batch\"},"
				    "{\"workload\": \"redis\", \"priority\": 1},"
				    "{\"workload\": \"tick\", \"name\": \"t\", \"priority\": 1}",
				    "");

	assert_int_equal(lu_plan_services(plan), 3);
	assert_ptr_equal(lu_plan_service(plan, 0), plan);
	assert_string_equal(plan->service, "redis");
	assert_string_equal(lu_plan_service(plan, 1)->service, "t");
	assert_string_equal(lu_plan_service(plan, 1)->workload->name, "tick");
	assert_string_equal(lu_plan_service(plan, 2)->service, "batch");
	assert_int_equal(lu_plan_service(plan, 2)->priority, 0);
	lu_plan_free(plan);
}

static void test_clients(void **state)
{
	struct lu_plan *plan = good("{\"workload\": \"tick\", \"priority\": 1},"
				    "{\"workload\": \"batch\", \"client\": {\"rate_hz\": 10.0}}",
				    ", \"client\": {\"rate_hz\": 50.0, \"connections\": 3}");
	const struct lu_plan *batch = lu_plan_service(plan, 1);

	assert_true(plan->rate_hz == 50);
	assert_true(batch->rate_hz == 10);
	assert_int_equal(batch->connections, 3);
	assert_true(lu_plan_state_bytes(plan) > plan->workload->state_bytes(plan->workload_params));
	/* what the guest needs, they need together */
	assert_true(g_ptr_array_find(plan->needs->programs, g_intern_string("batch"), NULL));
	assert_true(g_ptr_array_find(batch->needs->programs, g_intern_string("tick"), NULL));
	lu_plan_free(plan);
}

/* The document of a plan is a scenario, of the same plan. */
static void test_document(void **state)
{
	g_autoptr(GError) error = NULL;
	struct lu_plan *plan = good("{\"workload\": \"redis\", \"client\": {\"rate_hz\": 10.0}},"
				    "{\"workload\": \"tick\", \"priority\": 3}",
				    ", \"strategy_params\": {\"order\": \"reverse\"}");
	struct lu_plan *again = lu_plan_new(plan->doc, "doc", MACHINES, 0, &error), *seeded;

	if (!again)
		fail_msg("%s", error->message);
	assert_string_equal(plan->hash, again->hash);
	assert_true(lu_plan_service(again, 1)->rate_hz == 10 && again->rate_hz != 10);
	assert_string_equal(lu_param_str(again->strategy_params, "order"), "reverse");
	assert_string_equal(json_string_value(json_object_get(plan->doc, "workload")), "tick");
	seeded = lu_plan_with_seed(plan, 77);
	assert_int_equal(lu_plan_service(seeded, 1)->seed, 77);
	assert_string_not_equal(seeded->hash, plan->hash);
	assert_int_equal(lu_plan_services(seeded), 2);
	lu_plan_free(seeded);
	lu_plan_free(again);
	lu_plan_free(plan);
}

/* One service, by its workload: as ever, without the parameter that only several have. */
static void test_one_is_as_ever(void **state)
{
	g_autoptr(GError) error = NULL;
	struct lu_plan *plan = plan_of_text("{\"strategy\": \"kexec\"}", &error);

	assert_int_equal(lu_plan_services(plan), 1);
	assert_null(plan->service);
	assert_null(json_object_get(plan->doc, "services"));
	assert_null(json_object_get(plan->strategy_params, "order"));
	lu_plan_free(plan);
	assert_null(plan_of_text("{\"strategy\": \"kexec\", \"strategy_params\": "
				 "{\"order\": \"none\"}}",
				 &error));
	assert_non_null(strstr(error->message, "order"));
}

static void test_wrong(void **state)
{
	static const struct {
		const char *services, *more, *said;
	} cases[] = {
		{"", "", "a list of 2 to 8 objects"},
		{"{\"workload\": \"tick\"}", "", "a list of 2 to 8 objects"},
		{"1, 2", "", "services[0]: is no object"},
		{"{}, {}", "", "services[0].workload: missing"},
		{TWO ", {\"workload\": \"tick\"}", "", "two are called tick"},
		{TWO ", {\"workload\": \"tick\", \"name\": \"other\"}", "",
		 "tick and other would both answer on port 7007"},
		{"{\"workload\": \"tick\", \"name\": \"a.b\"}, {\"workload\": \"redis\"}", "",
		 "services[0].name: is wrong"},
		{"{\"workload\": \"tick\", \"name\": 7}, {\"workload\": \"redis\"}", "",
		 "services[0].name: is wrong"},
		{"{\"workload\": \"tick\", \"priority\": -1}, {\"workload\": \"redis\"}", "",
		 "services[0].priority: is wrong; allowed: 0 to 1000"},
		{"{\"workload\": \"tick\", \"client\": {\"settle_ms\": 1}}, "
		 "{\"workload\": \"redis\"}",
		 "", "unknown key 'settle_ms'"},
		{"{\"workload\": \"tick\", \"rate\": 1}, {\"workload\": \"redis\"}", "",
		 "unknown key 'rate'"},
		{"{\"workload\": \"tick\", \"workload_params\": {\"dataset_mb\": 1}}, "
		 "{\"workload\": \"redis\"}",
		 "", "dataset_mb"},
		{TWO, ", \"workload\": \"redis\"", "workload beside them"},
		{"{\"workload\": \"tick\", \"client\": {\"rate_hz\": 5.0}}, "
		 "{\"workload\": \"redis\", \"client\": {\"rate_hz\": 6.0}}",
		 ", \"client\": {\"rate_hz\": 7.0}", "each has a client.rate_hz of its own"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		struct lu_plan *plan = plan_of(cases[i].services, cases[i].more, &error);

		if (plan || !g_error_matches(error, LU_ERROR, LU_ERROR_USAGE) ||
		    !strstr(error->message, cases[i].said))
			fail_msg("[%s]%s: \"%s\" was to say \"%s\"", cases[i].services,
				 cases[i].more, plan ? "" : error->message, cases[i].said);
	}
}

/* Each would fit by itself. */
static void test_memory(void **state)
{
	static const char text[] =
		"{\"strategy\": \"null\", \"memory_mb\": 512, \"services\": ["
		"{\"workload\": \"tick\", \"workload_params\": {\"state_mb\": 200}}, "
		"{\"workload\": \"dirty\", \"workload_params\": {\"dirty_mb\": 200}}]}";
	g_autoptr(GError) error = NULL;

	assert_null(plan_of_text(text, &error));
	assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_USAGE));
	if (!strstr(error->message, "too little for workload tick and the other services"))
		fail_msg("%s", error->message);
}

/* Not a mistake, but nothing that can be had. */
static void test_unsupported(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{"{\"strategy\": \"restart\", \"services\": [" TWO "]}",
		 "strategy restart carries one service only; several are carried by "},
		{"{\"strategy\": \"null\", \"services\": [{\"workload\": \"tick\"}, "
		 "{\"workload\": \"block\"}]}",
		 "block (block) has state in kernel modules"},
		{"{\"strategy\": \"null\", \"cycles\": 2, \"services\": [" TWO "]}", "cycles"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		struct lu_plan *plan = plan_of_text(cases[i].text, &error);

		if (!plan)
			fail_msg("%s: %s", cases[i].text, error->message);
		assert_false(lu_plan_feasible(plan, &error));
		assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_UNSUPPORTED));
		if (!strstr(error->message, cases[i].said))
			fail_msg("\"%s\" was to say \"%s\"", error->message, cases[i].said);
		lu_plan_free(plan);
	}
}

/* The list of services is one value; what stands beside it may be lists. */
static void test_sweep(void **state)
{
	static const char text[] =
		"{\"strategy\": \"kexec\", \"services\": [" TWO "], \"strategy_params\": "
		"{\"order\": [\"none\", \"priority\", \"reverse\"]}}";
	g_autoptr(GError) error = NULL;
	json_t *definition = json_loads(text, 0, NULL);
	struct lu_sweep *sweep = lu_sweep_new(definition, "s.json", MACHINES, 0, &error);

	if (!sweep)
		fail_msg("%s", error->message);
	assert_int_equal(sweep->cases->len, 3);
	lu_sweep_free(sweep);
	json_decref(definition);
}

static void test_param(void **state)
{
	g_autoptr(GError) error = NULL;
	json_t *scenario =
		json_loads("{\"strategy\": \"kexec\", \"services\": [" TWO "]}", 0, NULL);

	assert_true(lu_scenario_set_param(scenario, "order=none", &error));
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(scenario, "strategy_params"), "order")),
			    "none");
	assert_false(lu_scenario_set_param(scenario, "dataset_mb=1", &error));
	assert_non_null(strstr(error->message, "unknown parameter"));
	g_clear_error(&error);
	assert_false(lu_scenario_set(scenario, "services", "tick", &error));
	assert_non_null(strstr(error->message, "services: is a list"));
	json_decref(scenario);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sorted),	    cmocka_unit_test(test_clients),
		cmocka_unit_test(test_document),    cmocka_unit_test(test_one_is_as_ever),
		cmocka_unit_test(test_wrong),	    cmocka_unit_test(test_memory),
		cmocka_unit_test(test_unsupported), cmocka_unit_test(test_sweep),
		cmocka_unit_test(test_param),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
