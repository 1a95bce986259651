/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a machine's costs.json may say: what is wrong in it is named in one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "record/error.h"
#include "sim/call.h"
#include "sim/costs.h"
#include "sim/sim.h"
#include "sim/verb.h"

#define MACHINES LU_SOURCE_DIR "/machines"
#define HEAD	 "{\"source\": \"a\", \"release_mib\": 2, \"kernel_used_mib\": 3, \"host_base_mib\": 4"
#define STEPS(s) HEAD ", \"steps\": {" s "}}"

static struct lu_sim_costs *parse(const char *text, GError **error)
{
	json_t *doc = json_loads(text, JSON_DECODE_ANY, NULL);
	struct lu_sim_costs *costs = lu_sim_costs_from_doc(doc, "costs.json", "m", error);

	json_decref(doc);
	return costs;
}

static void test_good(void **state)
{
	GError *error = NULL;
	struct lu_sim_costs *costs =
		parse(STEPS("\"a\": {\"fixed_ms\": 0.15, \"note\": \"n\"}, \"b\": {}, "
			    "\"c\": {\"fixed_ms\": 2, \"ns_per_state_byte\": 3, "
			    "\"ns_per_release_byte\": 0.5}"),
		      &error);

	assert_null(error);
	assert_string_equal(costs->machine, "m");
	assert_int_equal(costs->release_bytes, 2 << 20);
	assert_int_equal(costs->kernel_used_bytes, 3 << 20);
	assert_int_equal(costs->host_base_bytes, 4 << 20);
	assert_int_equal(lu_sim_cost_ns(costs, "a", 1000), 150000);
	assert_int_equal(lu_sim_cost_ns(costs, "b", 1000), 0);
	assert_int_equal(lu_sim_cost_ns(costs, "c", 1000), 2000000 + 3000 + (1 << 20));
	assert_true(lu_sim_costs_have(costs, "b"));
	assert_false(lu_sim_costs_have(costs, "d"));
	assert_int_equal(lu_sim_cost_ns(costs, "d", 1000), 0);
	lu_sim_costs_free(costs);
}

static const struct {
	const char *text, *says;
} wrong[] = {
	{"[]", "costs.json: must be an object"},
	{"{\"source\": \"a\"}", "costs.json: release_mib: missing; allowed: 0 to 16777216"},
	{HEAD "}", "costs.json: steps: missing; allowed: {"},
	{HEAD ", \"step\": {}}",
	 "costs.json: unknown key 'step' (did you mean 'steps'?); allowed: "},
	{"{\"release_mib\": 1}", "costs.json: source: missing; allowed: a text"},
	{"{\"source\": \"a\", \"release_mib\": -1}",
	 "costs.json: release_mib: wrong type or value"},
	{STEPS("\"boot\": 3"), "costs.json: steps.boot: wrong type or value; allowed: {"},
	{STEPS("\"boot\": {\"fixed_ns\": 3}"),
	 "costs.json: steps.boot: unknown key 'fixed_ns' (did you mean 'fixed_ms'?); allowed: "},
	{STEPS("\"boot\": {\"fixed_ms\": -1}"), "costs.json: steps.boot: fixed_ms: wrong type or "
						"value; allowed: a number from 0 to 86400000"},
	{STEPS("\"boot\": {\"ns_per_state_byte\": \"1\"}"),
	 "costs.json: steps.boot: ns_per_state_byte: wrong type or value; allowed: a number"},
	{STEPS("\"boot\": {\"note\": 1}"), "costs.json: steps.boot: note: wrong type or value"},
};

static void test_wrong(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;

		if (parse(wrong[i].text, &error))
			fail_msg("%s: taken", wrong[i].text);
		assert_true(g_error_matches(error, LU_ERROR, LU_ERROR_USAGE));
		if (!g_str_has_prefix(error->message, wrong[i].says) ||
		    strchr(error->message, '\n'))
			fail_msg("%s: %s", wrong[i].text, error->message);
	}
}

static struct lu_sim_costs *of_machine(const char *name)
{
	g_autoptr(GError) error = NULL;
	struct lu_machine *machine = lu_machine_load(MACHINES, name, &error);
	struct lu_sim_costs *costs = machine ? lu_sim_costs_load(machine, &error) : NULL;

	if (!costs)
		fail_msg("%s", error->message);
	lu_machine_free(machine);
	sim_verb_costs(costs);
	return costs;
}

static void families_add_what_is_not_stated(void **state)
{
	static const struct lu_sim_cost typical[] = {
		{"a", 7, .state_ns = 1},
		{"a:part", 8},
		{"b", 9, .state_ns = 1, .release_ns = 0.5},
		{},
	};
	struct lu_sim_costs *costs = parse(STEPS("\"a\": {\"fixed_ms\": 1}"), NULL);

	lu_sim_costs_add(costs, typical);
	assert_int_equal(lu_sim_cost_ns(costs, "a", 10), 1000000);
	assert_int_equal(lu_sim_cost_ns(costs, "a:part", 10), 8);
	assert_int_equal(lu_sim_cost_ns(costs, "b", 10), 9 + 10 + (1 << 20));
	lu_sim_costs_free(costs);
}

/* A machine without costs is not simulated, and the one that is taken by default is. */
static bool is_simulated(const char *name)
{
	g_autofree char *path = g_build_filename(MACHINES, name, "costs.json", NULL);
	g_autofree char *standard = lu_machine_default(MACHINES, NULL);

	return g_str_equal(name, standard) || g_file_test(path, G_FILE_TEST_EXISTS);
}

/* Of a step that its machine or its family states the cost: a run that asks for it goes on. */
static void every_verb_has_a_cost_everywhere(void **state)
{
	g_auto(GStrv) names = lu_machine_list(MACHINES, NULL);

	for (char **name = names; *name; name++) {
		struct lu_sim_costs *costs = is_simulated(*name) ? of_machine(*name) : NULL;

		if (!costs)
			continue;
		for (const struct lu_sim_verbs *const *family = lu_sim_verbs; *family; family++)
			for (const struct sim_verb *verb = (*family)->verbs; verb->name; verb++)
				if (verb->cost != sim_no_cost &&
				    !lu_sim_costs_have(costs, verb->name))
					fail_msg("%s on %s has no cost", verb->name, *name);
		lu_sim_costs_free(costs);
	}
}

/* Costs are those of one vCPU: a time for several would be made up. */
static void test_several_cpus(void **state)
{
	json_t *doc = json_pack("{s:s, s:s, s:i}", "strategy", "kexec", "guest", "sim", "cpus", 2);
	struct lu_plan *plan = lu_plan_new(doc, "test", LU_SOURCE_DIR "/machines", 0, NULL);
	struct lu_timeline *timeline = lu_timeline_new();
	g_autoptr(GError) error = NULL;

	assert_null(lu_sim_new(plan, timeline, &error));
	assert_int_equal(error->code, LU_ERROR_UNSUPPORTED);
	assert_non_null(strstr(error->message, "2 vCPUs are not modelled"));
	lu_timeline_free(timeline);
	lu_plan_free(plan);
	json_decref(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(families_add_what_is_not_stated),
		cmocka_unit_test(every_verb_has_a_cost_everywhere),
		cmocka_unit_test(test_several_cpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
