/* SPDX-License-Identifier: GPL-2.0-or-later */
/* That a restored service has all its memory is not said of one that is gone. */
#include "tests/kit/cmocka-all.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent/channel.h"
#include "agent/service.h"
#include "agent/verb.h"

#define WAIT "{\"id\": 7, \"verb\": \"memory.wait\", \"args\": {}}"
#define PID  999999

static int harness;

/* The agent's channel is a terminal; this is its other end. */
static int open_channel(void **state)
{
	harness = posix_openpt(O_RDWR | O_NOCTTY);
	assert_int_equal(grantpt(harness) | unlockpt(harness), 0);
	assert_true(channel_open(ptsname(harness), verb_call));
	return 0;
}

static int close_channel(void **state)
{
	return close(harness);
}

static void expect(const char *words)
{
	char why[200], reply[1000] = "";
	struct request *request = request_parse(WAIT, strlen(WAIT), why, sizeof(why));

	assert_non_null(request);
	verb_call(request);
	/* it may stand behind an event: hello, or the service's end */
	for (size_t len = 0; !strstr(reply, "\"id\"") || !strchr(strstr(reply, "\"id\""), '\n');) {
		ssize_t n = read(harness, reply + len, sizeof(reply) - 1 - len);

		assert_true(n > 0);
		len += (size_t)n;
	}
	if (!strstr(reply, words))
		fail_msg("%s, expected %s", reply, words);
}

static void test_it_runs(void **state)
{
	service_adopt(PID, false);
	expect("\"wait_ns\"");
}

static void test_it_died(void **state)
{
	service_adopt(PID, false);
	assert_true(service_child_event(PID, CLD_KILLED, SIGSEGV));
	expect("memory.wait: no service runs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_runs),
		cmocka_unit_test(test_it_died),
	};

	return cmocka_run_group_tests(tests, open_channel, close_channel);
}
