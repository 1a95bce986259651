/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of what strategies make of faults: its rows and columns, in whatever order runs come. */
#include "tests/kit/cmocka-all.h"
#include "bench/report/faults.h"
#include "bench/report/render.h"
#include "tests/bench/report/rendered.h"

static void add(json_t *results, const char *strategy, bool manifest, const char *kind,
		const char *phase)
{
	json_array_append_new(
		results,
		json_pack("{s:s, s:s, s:s, s:s, s:b, s:{s:s, s:{s:b}, s:{s:s, s:s}}, s:{s:{s:s}}}",
			  "id", strategy, "outcome", "failed", "phase", "RESTORE", "reason",
			  "it broke", "rolled_back", 0, "plan", "strategy", strategy,
			  "strategy_params", "manifest", (int)manifest, "fault", "kind", kind,
			  "phase", phase, "oracles", "state", "verdict", "pass"));
}

static void test_order(void **state)
{
	json_auto_t *results = json_array();
	struct lu_faults *faults;
	struct lu_document *records;
	g_autofree char *text = NULL;

	add(results, "kexec", false, "kill", "SWITCH");
	add(results, "failover", true, "kill", "PREPARE");
	add(results, "kexec", true, "error", "SWITCH");
	json_array_append_new(results, json_object()); /* without a fault */
	faults = lu_faults_new(results);
	records = lu_faults_records(faults);
	text = rendered(records, lu_render_csv);
	assert_string_equal(text,
			    "fault,after,strategy,coping,phase,why,run\r\n"
			    "error,SWITCH,failover,none,,,\r\n"
			    "error,SWITCH,kexec,told,RESTORE,it broke,kexec\r\n"
			    "error,SWITCH,\"kexec, no manifest\",none,,,\r\n"
			    "kill,PREPARE,failover,told,RESTORE,it broke,failover\r\n"
			    "kill,PREPARE,kexec,none,,,\r\n"
			    "kill,PREPARE,\"kexec, no manifest\",none,,,\r\n"
			    "kill,SWITCH,failover,none,,,\r\n"
			    "kill,SWITCH,kexec,none,,,\r\n"
			    "kill,SWITCH,\"kexec, no manifest\",told,RESTORE,it broke,kexec\r\n");
	lu_document_free(records);
	lu_faults_free(faults);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
