/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP/1.1 (RFC 9112) with a value a resource: PUT /KEY, GET /KEY. 200, 201 and 204 acknowledge a
 * PUT; 404 says that there is no such key. */
#include <string.h>
#include "workloads/kit/http.h"
#include "workloads/service/protocol.h"

#define HEAD_MAX 4096

static void request(const struct lu_keyed_command *command, GByteArray *out)
{
	g_autoptr(GString) head = g_string_new(command->op == LU_KEYED_SET ? "PUT /" : "GET /");

	g_string_append_len(head, command->key, (gssize)command->key_len);
	g_string_append(head, " HTTP/1.1\r\nHost: guest\r\n");
	if (command->op == LU_KEYED_SET)
		g_string_append_printf(head, "Content-Length: %zu\r\n", command->value_len);
	g_string_append(head, "\r\n");
	g_byte_array_append(out, (const guint8 *)head->str, (guint)head->len);
	if (command->op == LU_KEYED_SET)
		g_byte_array_append(out, command->value, (guint)command->value_len);
}

static enum lu_keyed_kind kind_of(enum lu_keyed_op op, unsigned status)
{
	bool done = status == 200 || status == 201 || status == 204;

	if (op == LU_KEYED_SET && done)
		return LU_KEYED_STORED;
	if (op == LU_KEYED_GET && status == 200)
		return LU_KEYED_VALUE;
	if (op == LU_KEYED_GET && status == 404)
		return LU_KEYED_MISSING;
	return status >= 400 ? LU_KEYED_ERROR : LU_KEYED_OTHER;
}

static ssize_t parse(enum lu_keyed_op op, const uint8_t *buf, size_t len, size_t max_value,
		     struct lu_keyed_answer *answer)
{
	struct lu_http_reply reply;
	ssize_t n = lu_http_parse(buf, len, max_value, &reply);

	if (n > 0)
		*answer = (struct lu_keyed_answer){kind_of(op, reply.status), reply.body,
						   reply.body_len, 0, -1};
	return n;
}

/* Bytes of the body that such a head announces; false: none as it should be. */
static bool body_of(char **lines, size_t max_value, uint64_t *bytes)
{
	static const char name[] = "Content-Length: ";

	for (char **line = lines + 1; *line; line++)
		if (g_str_has_prefix(*line, name))
			return g_ascii_string_to_unsigned(*line + sizeof(name) - 1, 10, 0,
							  max_value, bytes, NULL);
	*bytes = 0;
	return true;
}

static ssize_t parse_command(const uint8_t *buf, size_t len, size_t max_value,
			     struct lu_keyed_command *command)
{
	const uint8_t *end = len ? memmem(buf, MIN(len, HEAD_MAX), "\r\n\r\n", 4) : NULL;
	size_t head = end ? (size_t)(end - buf) + 4 : 0;
	g_autofree char *text = g_strndup((const char *)buf, head);
	g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);
	const char *space = end ? strchr(text + MIN(head, 5), ' ') : NULL;
	bool put = end && g_str_has_prefix(text, "PUT /");
	uint64_t body;

	if (!end)
		return len < HEAD_MAX ? 0 : -1;
	if (!space || (!put && !g_str_has_prefix(text, "GET /")) ||
	    !body_of(lines, max_value, &body))
		return -1;
	if (len - head < body)
		return 0;
	command->op = put ? LU_KEYED_SET : LU_KEYED_GET;
	command->key = (const char *)buf + 5;
	command->key_len = (size_t)(space - text) - 5;
	command->value = buf + head;
	command->value_len = (size_t)body;
	return (ssize_t)(head + body);
}

static void answer(const struct lu_keyed_command *command, const struct lu_keyed_answer *said,
		   GByteArray *out)
{
	static const char *const status[] = {
		[LU_KEYED_VALUE] = "200 OK",	      [LU_KEYED_MISSING] = "404 Not Found",
		[LU_KEYED_STORED] = "204 No Content", [LU_KEYED_NUMBER] = "400 Bad Request",
		[LU_KEYED_ERROR] = "400 Bad Request", [LU_KEYED_OTHER] = "400 Bad Request",
	};
	g_autoptr(GString) head = g_string_new(NULL);

	g_string_printf(head, "HTTP/1.1 %s\r\n", status[said->kind]);
	if (said->kind != LU_KEYED_STORED)
		g_string_append_printf(head, "Content-Length: %zu\r\n", said->value_len);
	g_string_append(head, "\r\n");
	g_byte_array_append(out, (const guint8 *)head->str, (guint)head->len);
	g_byte_array_append(out, said->value, (guint)said->value_len);
}

static const struct lu_keyed_codec codec = {
	.request = request,
	.parse = parse,
	.parse_command = parse_command,
	.answer = answer,
};

const struct lu_protocol lu_protocol_http = {
	.name = "http",
	.summary = "HTTP/1.1: PUT /KEY and GET /KEY",
	.codec = &codec,
	LU_PROTOCOL_KEYED,
};
