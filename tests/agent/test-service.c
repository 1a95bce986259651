/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of a service that is gone. */
#include "tests/kit/cmocka-all.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "agent/service.h"

#define PID 999999

static void ignore(pid_t pid)
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

/* Several: what happens to one while another is asked about is put down to that one. */
static void test_several(void **state)
{
	static const struct service_watch watch = {ignore, expected};

	service_watch(&watch);
	assert_true(service_turn_to("redis"));
	assert_string_equal(service_none(), "service redis does not run");
	service_adopt(PID, false);
	service_set_port(6379);
	assert_true(service_turn_to("tick"));
	assert_int_equal(service_pid(), 0);
	assert_int_equal(service_port(), 0);
	service_adopt(PID - 1, false);
	assert_true(service_child_event(PID, CLD_STOPPED, 19));
	assert_false(service_stopped());
	assert_false(service_child_event(PID - 2, CLD_KILLED, 9));
	assert_true(service_child_event(PID - 1, CLD_KILLED, 9));
	expect("service tick does not run: process 999998, which was it, ended by signal 9 ");
	assert_true(service_turn_to("redis"));
	assert_int_equal(service_pid(), PID);
	assert_true(service_stopped());
	assert_int_equal(service_port(), 6379);
	assert_true(service_child_event(PID, CLD_KILLED, 9));
	assert_true(service_turn_to(""));
}

static void test_names(void **state)
{
	char name[SERVICE_NAME_MAX + 2];

	memset(name, 'x', sizeof(name));
	name[SERVICE_NAME_MAX + 1] = '\0';
	assert_false(service_turn_to(name));
	assert_true(service_turn_to("redis"));
	assert_string_equal(service_own("images"), "redis.images");
	assert_true(service_turn_to(""));
	assert_string_equal(service_own("images"), "images");
	assert_string_equal(service_name(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_why_there_is_none),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
