/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workloads/kit/http.h"
#include <inttypes.h>
#include <string.h>

#define HEAD_MAX 4096

static uint64_t mix(uint64_t x)
{
	uint64_t z = x + 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* Value of a header, NULL: there is none. */
static const char *header(char **lines, const char *name)
{
	size_t len = strlen(name);

	for (char **line = lines + 1; *line; line++)
		if (!g_ascii_strncasecmp(*line, name, len) && (*line)[len] == ':')
			return g_strchug(*line + len + 1);
	return NULL;
}

static bool parse_number(const char *text, uint64_t *value)
{
	return text && g_ascii_string_to_unsigned(text, 10, 0, UINT64_MAX, value, NULL);
}

static bool parse_status(const char *line, unsigned *status)
{
	if (!g_str_has_prefix(line, "HTTP/1.1 ") || strlen(line) < 12)
		return false;
	*status = (unsigned)g_ascii_strtoull(line + 9, NULL, 10);
	return *status >= 100 && *status <= 599;
}

static bool parse_head(const char *text, struct lu_http_reply *reply, uint64_t *body)
{
	g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);
	const char *id;

	if (!lines[0] || !parse_status(lines[0], &reply->status) ||
	    header(lines, "Transfer-Encoding"))
		return false;
	/* RFC 9112, 6.3: such a reply has no body, and does not have to say so. */
	*body = 0;
	if (reply->status != 204 && !parse_number(header(lines, "Content-Length"), body))
		return false;
	id = header(lines, "X-Id");
	reply->id = UINT64_MAX;
	return !id || parse_number(id, &reply->id);
}

ssize_t lu_http_parse(const uint8_t *buf, size_t len, size_t max, struct lu_http_reply *reply)
{
	const uint8_t *end = len ? memmem(buf, MIN(len, HEAD_MAX), "\r\n\r\n", 4) : NULL;
	g_autofree char *text = NULL;
	size_t head;
	uint64_t body;

	if (!end)
		return len < HEAD_MAX ? 0 : -1;
	head = (size_t)(end - buf) + 4;
	text = g_strndup((const char *)buf, head - 4);
	if (!parse_head(text, reply, &body) || body > max)
		return -1;
	if (len - head < body)
		return 0;
	reply->body = buf + head;
	reply->body_len = (size_t)body;
	return (ssize_t)(head + body);
}

void lu_http_get(const char *target, uint64_t id, uint64_t first, uint64_t last, GByteArray *out)
{
	g_autoptr(GString) text = g_string_new(NULL);

	g_string_printf(text, "GET %s?id=%" PRIu64 " HTTP/1.1\r\nHost: guest\r\n", target, id);
	if (last >= first)
		g_string_append_printf(text, "Range: bytes=%" PRIu64 "-%" PRIu64 "\r\n", first,
				       last);
	g_string_append(text, "\r\n");
	g_byte_array_append(out, (const guint8 *)text->str, (guint)text->len);
}

void lu_http_content(uint64_t offset, uint8_t *bytes, size_t len)
{
	size_t done = 0;

	while (done < len) {
		uint64_t at = offset + done;
		uint64_t word = GUINT64_TO_LE(mix(LU_HTTP_SEED + at / 8));
		size_t skip = at % 8, n = MIN(8 - skip, len - done);

		memcpy(bytes + done, (const uint8_t *)&word + skip, n);
		done += n;
	}
}

bool lu_http_is_content(uint64_t offset, const uint8_t *bytes, size_t len)
{
	uint8_t expected[1024];

	for (size_t done = 0; done < len; done += sizeof(expected)) {
		size_t n = MIN(sizeof(expected), len - done);

		lu_http_content(offset + done, expected, n);
		if (memcmp(expected, bytes + done, n) != 0)
			return false;
	}
	return true;
}
