/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: bytes of the channel through the agent's line buffer, request parser and replies. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "agent/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold of any line: a reply is one line of printable ASCII that parses. */
static void check_reply(char *line)
{
	size_t len = line ? strlen(line) : 0;
	json_t *doc = line ? json_loadb(line, len, 0, NULL) : NULL;

	if (!doc || line[len - 1] != '\n' || memchr(line, '\n', len - 1))
		abort();
	json_decref(doc);
	free(line);
}

static void on_line(void *data, const char *line, size_t len, bool overlong)
{
	char why[300];
	struct request *request = overlong ? NULL : request_parse(line, len, why, sizeof(why));

	if (len >= AGENT_LINE_MAX || (overlong && len))
		abort();
	if (!request) {
		if (!overlong)
			check_reply(reply_error_line(-1, "usage", why));
		return;
	}
	if (request->id < 0 || !request->verb || !json_is_object(request->args))
		abort();
	arg_bool(request, "a", false);
	arg_int(request, "a", 0);
	arg_str(request, "a", NULL);
	check_reply(reply_error_line(request->id, "failed", request->verb));
	check_reply(reply_ok_line(request->id, json_incref(request->args)));
	request_free(request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct line_buffer *buffer = calloc(1, sizeof(*buffer));
	size_t cut = size ? data[0] % size : 0;

	/* In two pieces, as a serial port gives it. */
	line_buffer_feed(buffer, (const char *)data, cut, on_line, NULL);
	line_buffer_feed(buffer, (const char *)data + cut, size - cut, on_line, NULL);
	free(buffer);
	return 0;
}
