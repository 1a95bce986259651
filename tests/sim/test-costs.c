/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a machine's costs.json may say: what is wrong in it is named in one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "record/error.h"
#include "sim/costs.h"

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
	return costs;
}

/* A whole step that one machine has, the next one has: a run that asks for it would end there. */
static void test_every_machine(void **state)
{
	g_auto(GStrv) names = lu_machine_list(MACHINES, NULL);
	struct lu_sim_costs *first = of_machine(names[0]);

	for (char **name = names + 1; *name; name++) {
		struct lu_sim_costs *costs = of_machine(*name), *pair[] = {first, costs};

		for (int i = 0; i < 2; i++) {
			g_autofree gpointer *steps =
				g_hash_table_get_keys_as_array(pair[i]->steps, NULL);

			for (gpointer *step = steps; *step; step++)
				if (!strchr(*step, ':') && !lu_sim_costs_have(pair[!i], *step))
					fail_msg("%s has no cost of %s", pair[!i]->machine,
						 (char *)*step);
		}
		lu_sim_costs_free(costs);
	}
	lu_sim_costs_free(first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_every_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
