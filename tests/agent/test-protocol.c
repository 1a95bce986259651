/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent's protocol: lines, requests, replies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "agent/protocol.h"

struct seen {
	unsigned lines, overlong;
	size_t last_len;
	char last[100];
};

static void on_line(void *data, const char *line, size_t len, bool overlong)
{
	struct seen *seen = data;

	seen->lines++;
	seen->overlong += overlong;
	seen->last_len = len;
	snprintf(seen->last, sizeof(seen->last), "%.*s", (int)(len > 90 ? 90 : len), line);
}

static struct seen feed(struct line_buffer *buffer, const char *text, size_t len)
{
	struct seen seen = {0};

	line_buffer_feed(buffer, text, len, on_line, &seen);
	return seen;
}

static void lines_are_cut_and_joined(void **state)
{
	struct line_buffer *buffer = calloc(1, sizeof(*buffer));
	struct seen seen = feed(buffer, "one\r\n\n\ntwo\nthr", 14);

	assert_int_equal(seen.lines, 2);
	assert_string_equal(seen.last, "two");
	seen = feed(buffer, "ee\n", 3);
	assert_int_equal(seen.lines, 1);
	assert_string_equal(seen.last, "three");
	free(buffer);
}

/* The longest line that is allowed is 65,536 bytes with its newline; one more is dropped, and the
 * next line counts again. */
static void long_lines_are_dropped_whole(void **state)
{
	struct line_buffer *buffer = calloc(1, sizeof(*buffer));
	char *text = malloc(AGENT_LINE_MAX + 10);
	struct seen seen;

	memset(text, 'x', AGENT_LINE_MAX + 10);
	text[AGENT_LINE_MAX - 1] = '\n';
	seen = feed(buffer, text, AGENT_LINE_MAX);
	assert_int_equal(seen.overlong, 0);
	assert_int_equal(seen.last_len, AGENT_LINE_MAX - 1);
	text[AGENT_LINE_MAX - 1] = 'x';
	text[AGENT_LINE_MAX] = '\n';
	seen = feed(buffer, text, AGENT_LINE_MAX + 1);
	assert_int_equal(seen.lines, 1);
	assert_int_equal(seen.overlong, 1);
	seen = feed(buffer, "next\n", 5);
	assert_int_equal(seen.overlong, 0);
	assert_string_equal(seen.last, "next");
	free(text);
	free(buffer);
}

static void good_request(void **state)
{
	const char *line =
		"{\"id\":7,\"verb\":\"restore\",\"args\":{\"tcp\":true,\"n\":3,\"s\":\"x\"}}";
	char why[300];
	struct request *request = request_parse(line, strlen(line), why, sizeof(why));

	assert_non_null(request);
	assert_int_equal(request->id, 7);
	assert_string_equal(request->verb, "restore");
	assert_true(arg_bool(request, "tcp", false));
	assert_false(arg_bool(request, "n", false));
	assert_int_equal(arg_int(request, "n", 0), 3);
	assert_int_equal(arg_int(request, "none", -5), -5);
	assert_string_equal(arg_str(request, "s", ""), "x");
	assert_null(arg_str(request, "n", NULL));
	request_free(request);
}

static void bad_requests_say_what_would_be_right(void **state)
{
	static const char *const cases[][2] = {
		{"{", "not JSON"},
		{"[]", "object"},
		{"{\"verb\":\"ping\"}", "\"id\""},
		{"{\"id\":-1,\"verb\":\"ping\"}", "\"id\""},
		{"{\"id\":1.5,\"verb\":\"ping\"}", "\"id\""},
		{"{\"id\":1}", "\"verb\""},
		{"{\"id\":1,\"verb\":2}", "\"verb\""},
		{"{\"id\":1,\"verb\":\"ping\",\"args\":[]}", "\"args\""},
		{"{\"id\":1,\"id\":2,\"verb\":\"ping\"}", "duplicate"},
		{"{\"id\":1,\"verb\":\"ping\"} x", "not JSON"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char why[300] = "";

		assert_null(request_parse(cases[i][0], strlen(cases[i][0]), why, sizeof(why)));
		if (!strstr(why, cases[i][1]))
			fail_msg("%s: %s", cases[i][0], why);
	}
}

static void replies_are_one_line(void **state)
{
	char *line = reply_error_line(-1, "usage", "two\nlines \xff");

	assert_string_equal(line, "{\"id\":-1,\"ok\":false,\"error\":{\"code\":\"usage\","
				  "\"message\":\"two lines ?\"}}\n");
	free(line);
	line = reply_ok_line(3, NULL);
	assert_string_equal(line, "{\"id\":3,\"ok\":true,\"result\":{}}\n");
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_cut_and_joined),
		cmocka_unit_test(long_lines_are_dropped_whole),
		cmocka_unit_test(good_request),
		cmocka_unit_test(bad_requests_say_what_would_be_right),
		cmocka_unit_test(replies_are_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
