/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent's protocol: lines to requests, results to lines. */
#include "agent/protocol.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void line_end(struct line_buffer *buffer, line_fn fn, void *data)
{
	bool overlong = buffer->overlong;
	size_t len = buffer->fill;

	buffer->fill = 0;
	buffer->overlong = false;
	if (overlong || len)
		fn(data, buffer->data, overlong ? 0 : len, overlong);
}

void line_buffer_feed(struct line_buffer *buffer, const char *bytes, size_t len, line_fn fn,
		      void *data)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n')
			line_end(buffer, fn, data);
		else if (bytes[i] == '\r' || bytes[i] == '\0')
			continue;
		else if (buffer->fill == AGENT_LINE_MAX - 1)
			buffer->overlong = true;
		else
			buffer->data[buffer->fill++] = bytes[i];
	}
}

static const char *request_check(json_t *doc)
{
	json_t *id = json_object_get(doc, "id"), *verb = json_object_get(doc, "verb");
	json_t *args = json_object_get(doc, "args");

	if (!json_is_object(doc))
		return "a request is an object {\"id\", \"verb\", \"args\"}";
	if (!json_is_integer(id) || json_integer_value(id) < 0)
		return "\"id\" must be an integer of at least 0";
	if (!json_is_string(verb))
		return "\"verb\" must be a string";
	if (args && !json_is_object(args))
		return "\"args\" must be an object";
	return NULL;
}

struct request *request_parse(const char *line, size_t len, char *whybuf, size_t whysize)
{
	json_error_t error;
	json_t *doc = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	const char *why = doc ? request_check(doc) : NULL;
	struct request *request;

	if (!doc || why) {
		if (doc)
			snprintf(whybuf, whysize, "%s", why);
		else
			snprintf(whybuf, whysize, "not JSON: %s at column %d", error.text,
				 error.column);
		json_decref(doc);
		return NULL;
	}
	request = calloc(1, sizeof(*request));
	if (!request)
		abort();
	request->doc = doc;
	request->id = json_integer_value(json_object_get(doc, "id"));
	request->verb = json_string_value(json_object_get(doc, "verb"));
	request->args = json_object_get(doc, "args");
	if (!request->args) {
		request->args = json_object();
		json_object_set_new(doc, "args", request->args);
	}
	return request;
}

void request_free(struct request *request)
{
	if (!request)
		return;
	json_decref(request->doc);
	free(request);
}

/* Takes doc. */
static char *dump_line(json_t *doc)
{
	char *text = json_dumps(doc, JSON_COMPACT | JSON_ENSURE_ASCII);
	size_t len = text ? strlen(text) : 0;
	char *line = text ? realloc(text, len + 2) : NULL;

	json_decref(doc);
	if (line)
		memcpy(line + len, "\n", 2);
	return line;
}

char *reply_ok_line(json_int_t id, json_t *result)
{
	if (!result)
		result = json_object();
	return dump_line(json_pack("{s:I, s:b, s:o}", "id", id, "ok", 1, "result", result));
}

/* A message may contain bytes of a program's output: bytes that are not printable ASCII become '?',
 * and it stays one line. */
static char *clean_message(const char *message)
{
	char *copy = strndup(message, 4000);

	for (char *c = copy; c && *c; c++) {
		if (*c == '\n' || *c == '\t')
			*c = ' ';
		else if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e)
			*c = '?';
	}
	return copy;
}

char *reply_error_line(json_int_t id, const char *code, const char *message)
{
	char *clean = clean_message(message);
	json_t *doc = json_pack("{s:I, s:b, s:{s:s, s:s}}", "id", id, "ok", 0, "error", "code",
				code, "message", clean ? clean : "");

	free(clean);
	return dump_line(doc);
}

char *event_line(json_t *event)
{
	return dump_line(event);
}

bool arg_bool(const struct request *request, const char *name, bool def)
{
	json_t *value = json_object_get(request->args, name);

	return json_is_boolean(value) ? json_is_true(value) : def;
}

json_int_t arg_int(const struct request *request, const char *name, json_int_t def)
{
	json_t *value = json_object_get(request->args, name);

	return json_is_integer(value) ? json_integer_value(value) : def;
}

const char *arg_str(const struct request *request, const char *name, const char *def)
{
	json_t *value = json_object_get(request->args, name);

	return json_is_string(value) ? json_string_value(value) : def;
}
