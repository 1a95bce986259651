/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A web server of two files: /content, of which ranges are asked for, and /release. */
#include "workloads/http/service.h"
#include <inttypes.h>
#include <string.h>
#include "workloads/kit/http.h"

#define BLOCK	 4096
#define HEAD_MAX 2048

struct http_service {
	uint64_t size;
	enum { WHOLE, ZEROED, FLIPPED, FOREIGN } damage;
};

static void *http_service_new(const json_t *params, uint64_t seed)
{
	struct http_service *service = g_new0(struct http_service, 1);

	service->size = (uint64_t)lu_param_int(params, "content_mb") << 20;
	return service;
}

/* Applies the damage, if any, to the byte at that offset. */
static void spoil(const struct http_service *service, uint64_t offset, uint8_t *byte)
{
	uint64_t middle = service->size / 2;

	if (service->damage == FOREIGN)
		*byte ^= 0x5a;
	else if (service->damage == ZEROED && offset / BLOCK == middle / BLOCK)
		*byte = 0;
	else if (service->damage == FLIPPED && offset == middle)
		*byte ^= 1;
}

static void append_head(GByteArray *out, const char *status, uint64_t id, uint64_t bytes)
{
	g_autofree char *text =
		g_strdup_printf("HTTP/1.1 %s\r\nServer: nginx\r\nContent-Length: %" PRIu64
				"\r\nX-Id: %" PRIu64 "\r\n\r\n",
				status, bytes, id);

	g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text));
}

static void serve_release(uint64_t id, const char *release, GByteArray *out)
{
	g_autofree char *text = g_strdup_printf("%-71s\n", release);

	append_head(out, "200 OK", id, strlen(text));
	g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text));
}

static void serve_content(const struct http_service *service, uint64_t id, const char *range,
			  GByteArray *out)
{
	uint64_t first, last;
	char *end;
	size_t len;
	g_autofree uint8_t *bytes = NULL;

	first = g_ascii_strtoull(range, &end, 10);
	last = *end == '-' ? g_ascii_strtoull(end + 1, NULL, 10) : 0;
	if (last < first || first >= service->size) {
		append_head(out, "416 Requested Range Not Satisfiable", id, 0);
		return;
	}
	len = (size_t)(MIN(last + 1, service->size) - first);
	bytes = g_malloc(len);
	lu_http_content(first, bytes, len);
	for (size_t i = 0; service->damage != WHOLE && i < len; i++)
		spoil(service, first + i, &bytes[i]);
	append_head(out, "206 Partial Content", id, len);
	g_byte_array_append(out, bytes, (guint)len);
}

static void serve_text(const struct http_service *service, const char *text, const char *release,
		       GByteArray *out)
{
	static const char query[] = "?id=", bytes[] = "Range: bytes=";
	const char *at = strstr(text, query), *range = strstr(text, bytes);
	uint64_t id = at ? g_ascii_strtoull(at + strlen(query), NULL, 10) : 0;

	if (at && g_str_has_prefix(text, "GET /release?"))
		serve_release(id, release, out);
	else if (at && range && g_str_has_prefix(text, "GET /content?"))
		serve_content(service, id, range + strlen(bytes), out);
	else
		append_head(out, "404 Not Found", id, 0);
}

static size_t http_serve(void *data, const uint8_t *buf, size_t len, unsigned conn,
			 const char *release, GByteArray *out)
{
	const uint8_t *end = memmem(buf, MIN(len, HEAD_MAX), "\r\n\r\n", 4);
	g_autofree char *text = NULL;

	if (!end)
		return 0;
	text = g_strndup((const char *)buf, (gsize)(end - buf));
	serve_text(data, text, release, out);
	return (size_t)(end - buf) + 4;
}

static bool http_damage(void *data, const char *kind)
{
	struct http_service *service = data;

	if (g_str_equal(kind, "lose-write"))
		service->damage = ZEROED;
	else if (g_str_equal(kind, "corrupt"))
		service->damage = FLIPPED;
	else if (g_str_equal(kind, "reset-counter"))
		service->damage = FOREIGN;
	else
		return false;
	return true;
}

/* The content was on the disk before the service began, and is never written. */
static void http_restart(void *data)
{
}

const struct lu_service_model lu_http_service_model = {
	.new = http_service_new,
	.free = g_free,
	.serve = http_serve,
	.damage = http_damage,
	.restart = http_restart,
};
