/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The agent's protocol (docs/reference/agent-protocol.md) as text in, requests out, text out. No
 * file descriptor, no process: it is compiled on the host for tests and for a fuzzer as
 * well as into the agent.
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
	bool overlong; /* the line under way is too long: dropped up to its newline */
};

struct request {
	json_int_t id;
	const char *verb; /* lives in doc */
	json_t *args;	  /* an object, never NULL; lives in doc */
	json_t *doc;
};

/* One whole line without its newline (not NUL-terminated); overlong: it was longer than allowed and
 * is not given. */
typedef void (*line_fn)(void *data, const char *line, size_t len, bool overlong);
/* Feeds received bytes, calling fn for each line that is whole. Carriage returns and NULs are line
 * noise: dropped. */
void line_buffer_feed(struct line_buffer *buffer, const char *bytes, size_t len, line_fn fn,
		      void *data);

/*
 * A request from one line. NULL when it is none: *why then says in one line what would be right
 * (static or in whybuf). The caller frees it with request_free.
 */
struct request *request_parse(const char *line, size_t len, char *whybuf, size_t whysize);
void request_free(struct request *request);

/* One line with its newline, malloc'd; result is taken. NULL only when memory is out. */
char *reply_ok_line(json_int_t id, json_t *result);
char *reply_error_line(json_int_t id, const char *code, const char *message);
/* event is taken. */
char *event_line(json_t *event);

/* An argument, or the default when it is absent or of another type. */
bool arg_bool(const struct request *request, const char *name, bool def);
json_int_t arg_int(const struct request *request, const char *name, json_int_t def);
const char *arg_str(const struct request *request, const char *name, const char *def);
