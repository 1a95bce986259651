/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The agent's protocol (docs/reference/agent-protocol.md) as text in, requests out, text out. It
 * uses no descriptor and no process, so that it is compiled on the host for tests and for a fuzzer
 * as well as into the agent.
 */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define AGENT_LINE_MAX 65536 /* bytes of a line with its newline */

/* Bytes of the channel, cut into lines. */
struct line_buffer {
	char data[AGENT_LINE_MAX];
	size_t fill;
	bool overlong; /* the current line is too long: dropped up to its newline */
};

struct request {
	json_int_t id;
	const char *verb; /* owned by doc */
	json_t *args;	  /* an object, never NULL; owned by doc */
	json_t *doc;
};

/* One complete line without its newline (not NUL-terminated); overlong: it was longer than allowed,
 * and line is not set. */
typedef void (*line_fn)(void *data, const char *line, size_t len, bool overlong);
/* Feeds received bytes, calling fn for each complete line. Carriage returns and NULs are line noise
 * and dropped. */
void line_buffer_feed(struct line_buffer *buffer, const char *bytes, size_t len, line_fn fn,
		      void *data);

/*
 * Parses a request from one line; the caller frees it with request_free. NULL when the line is not
 * a request: *why then says in one line what would be right (static or in whybuf).
 */
struct request *request_parse(const char *line, size_t len, char *whybuf, size_t whysize);
void request_free(struct request *request);

/* One line with its newline, malloc'd; result is taken. NULL only when out of memory. */
char *reply_ok_line(json_int_t id, json_t *result);
char *reply_error_line(json_int_t id, const char *code, const char *message);
/* event is taken. */
char *event_line(json_t *event);

/* An argument, or the default when it is absent or of another type. */
bool arg_bool(const struct request *request, const char *name, bool def);
json_int_t arg_int(const struct request *request, const char *name, json_int_t def);
const char *arg_str(const struct request *request, const char *name, const char *def);
