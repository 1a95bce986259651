/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of a service that is gone. */
#include "tests/kit/cmocka-all.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "agent/service.h"

#define PID 999999

static void ignore(void)
{
}

static bool expected(pid_t pid, int status)
{
	return true;
}

/* One that ends so, while CRIU reads it or after that. */
static void end(int code, int status, bool reading)
{
	service_adopt(PID, false);
	service_read_by_criu("pre-dump", true);
	if (!reading)
		service_read_by_criu("pre-dump", false);
	assert_true(service_child_event(PID, code, status));
	service_read_by_criu("pre-dump", false);
	assert_int_equal(service_pid(), 0);
}

static void expect(const char *words)
{
	if (!strstr(service_none(), words))
		fail_msg("\"%s\" was to say \"%s\"", service_none(), words);
}

static void test_why_there_is_none(void **state)
{
	static const struct service_watch watch = {ignore, expected};

	service_watch(&watch);
	assert_string_equal(service_none(), "no service runs");
	service_adopt(PID, false);
	assert_true(service_child_event(PID, CLD_KILLED, 9));
	expect("process 999999, which was it, ended by signal 9 ");
	expect(" ms ago");
	end(CLD_EXITED, 3, true);
	expect("ended by exit status 3 during CRIU's pre-dump: ");
	expect("EINTR");
	end(CLD_EXITED, 1, false);
	expect("ended by exit status 1 ");
	expect(" ms after CRIU's pre-dump: ");
	expect("EINTR");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_why_there_is_none)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
