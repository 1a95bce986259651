/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of the kernel's words are complaints. The records are as /dev/kmsg gives them, the reports'
 * heads as kernels of 6.1 say them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "agent/verbs/swap/complaint.h"

static void test_complaints(void **state)
{
	static const char *const records[] = {
		"4,812,23411205,-;WARNING: possible circular locking dependency detected\n",
		"4,812,23411205,-;WARNING: possible recursive locking detected\n",
		"4,812,23411205,-;WARNING: suspicious RCU usage\n",
		"4,812,23411205,-;WARNING: inconsistent lock state\n",
		"4,812,23411205,-;[ BUG: Invalid wait context ]\n",
		"3,812,23411205,-;BUG: sleeping function called from invalid context at "
		"mm/slab.h:494\n",
		"3,812,23411205,-;BUG: KASAN: use-after-free in cost_bios+0x1b/0x40 "
		"[lu_swap_cost]\n",
		"4,812,23411205,-;WARNING: CPU: 0 PID: 71 at kernel/workqueue.c:1441\n "
		"SUBSYSTEM=x\n",
		"6,812,23411205,-;INFO: trying to register non-static key.\n",
	};
	char line[40];

	for (size_t i = 0; i < sizeof(records) / sizeof(*records); i++)
		assert_true(complaint_in(records[i], line, sizeof(line)));
	assert_true(complaint_in(records[2], line, sizeof(line)));
	assert_string_equal(line, "WARNING: suspicious RCU usage");
	assert_true(complaint_in(records[0], line, sizeof(line)));
	assert_string_equal(line, "WARNING: possible circular locking depe");
}

static void test_others(void **state)
{
	static const char *const records[] = {
		"",
		"WARNING: possible recursive locking detected",
		"4,7,0,-;Spectre V2 : WARNING: Spectre v2 mitigation leaves CPU vulnerable\n",
		"4,7,0,-;WARNING: the NVRAM is empty\n",
		"6,7,0,-;lu_block: DEBUG: nothing\n",
		"6,7,0,-;text\n BUG: in a dictionary\n",
	};
	char line[40];

	for (size_t i = 0; i < sizeof(records) / sizeof(*records); i++)
		assert_false(complaint_in(records[i], line, sizeof(line)));
}

static void test_lockdep(void **state)
{
	assert_true(complaint_stats_off(
		" max bfs queue depth: 0\n debug_locks:                             0\n"));
	assert_false(complaint_stats_off(
		" max bfs queue depth: 0\n debug_locks:                             1\n"));
	assert_false(complaint_stats_off(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_complaints),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_lockdep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
