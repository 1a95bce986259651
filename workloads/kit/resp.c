/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RESP2. Every length is checked against the available bytes before it is used. */
#include <stdbool.h>
#include <string.h>
#include "workloads/kit/resp.h"

/* Redis's own limit on one line of the protocol (PROTO_INLINE_MAX_SIZE). */
#define LINE_MAX_BYTES 65536

/* The line at the head of buf without its "\r\n": bytes with it, 0: more needed, -1: too long or
 * not ended by "\r\n". */
static ssize_t take_line(const uint8_t *buf, size_t len, const uint8_t **line, size_t *line_len)
{
	const uint8_t *end = memchr(buf, '\n', MIN(len, LINE_MAX_BYTES));

	if (!end)
		return len < LINE_MAX_BYTES ? 0 : -1;
	if (end - buf < 2 || end[-1] != '\r')
		return -1;
	*line = buf + 1;
	*line_len = (size_t)(end - buf) - 2;
	return end - buf + 1;
}

static bool parse_integer(const uint8_t *text, size_t len, int64_t *value)
{
	char number[24];

	if (len == 0 || len >= sizeof(number))
		return false;
	memcpy(number, text, len);
	number[len] = '\0';
	return g_ascii_string_to_signed(number, 10, INT64_MIN, INT64_MAX, value, NULL);
}

/* The bytes of a bulk string whose head of `used` bytes announced `size` of them. */
static ssize_t take_bulk(const uint8_t *buf, size_t len, size_t used, size_t size,
			 struct lu_resp *reply)
{
	if (len - used < size + 2)
		return 0;
	if (memcmp(buf + used + size, "\r\n", 2) != 0)
		return -1;
	reply->bytes = buf + used;
	reply->len = size;
	return (ssize_t)(used + size + 2);
}

ssize_t lu_resp_parse(const uint8_t *buf, size_t len, size_t max_bulk, struct lu_resp *reply)
{
	const uint8_t *line;
	size_t line_len;
	ssize_t used;

	if (len == 0)
		return 0;
	if (!strchr("+-:$", buf[0]) || buf[0] == '\0')
		return -1;
	used = take_line(buf, len, &line, &line_len);
	if (used <= 0)
		return used;
	*reply = (struct lu_resp){.type = (char)buf[0], .bytes = line, .len = line_len};
	if (reply->type == '+' || reply->type == '-')
		return used;
	if (!parse_integer(line, line_len, &reply->integer))
		return -1;
	if (reply->type == ':')
		return used;
	if (reply->integer == -1) {
		reply->type = '_';
		return used;
	}
	if (reply->integer < 0 || (uint64_t)reply->integer > max_bulk)
		return -1;
	return take_bulk(buf, len, (size_t)used, (size_t)reply->integer, reply);
}

ssize_t lu_resp_parse_command(const uint8_t *buf, size_t len, size_t max_bulk, struct lu_resp *args,
			      unsigned max_args, unsigned *count)
{
	const uint8_t *line;
	size_t line_len, used;
	int64_t promised;
	ssize_t n;

	if (len == 0)
		return 0;
	if (buf[0] != '*')
		return -1;
	n = take_line(buf, len, &line, &line_len);
	if (n <= 0)
		return n;
	if (!parse_integer(line, line_len, &promised) || promised < 1 || promised > max_args)
		return -1;
	used = (size_t)n;
	for (*count = 0; *count < promised; (*count)++) {
		n = lu_resp_parse(buf + used, len - used, max_bulk, &args[*count]);
		if (n <= 0)
			return n;
		if (args[*count].type != '$')
			return -1;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

static void append_head(GByteArray *out, char type, size_t value)
{
	char head[32];
	int n = g_snprintf(head, sizeof(head), "%c%zu\r\n", type, value);

	g_byte_array_append(out, (const guint8 *)head, (guint)n);
}

void lu_resp_append_array(GByteArray *out, unsigned count)
{
	append_head(out, '*', count);
}

void lu_resp_append_bulk(GByteArray *out, const void *bytes, size_t len)
{
	append_head(out, '$', len);
	g_byte_array_append(out, bytes, (guint)len);
	g_byte_array_append(out, (const guint8 *)"\r\n", 2);
}
