/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the http workload's client and model use of HTTP/1.1 (RFC 9112), and the content that is
 * served: each byte follows from its offset (docs/reference/workloads.md). */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define LU_HTTP_SEED 1

struct lu_http_reply {
	unsigned status;
	uint64_t id; /* of the request that it answers (X-Id); UINT64_MAX: not given */
	const uint8_t *body;
	size_t body_len;
};

/* Parse a complete reply at the head of buf: its length; 0: more needed; -1:
 * malformed, or longer than max. */
ssize_t lu_http_parse(const uint8_t *buf, size_t len, size_t max, struct lu_http_reply *reply);
/* GET target, with the id as a query; bytes first … last of it unless last < first. */
void lu_http_get(const char *target, uint64_t id, uint64_t first, uint64_t last, GByteArray *out);
/* Fill bytes with the content from that offset on. */
void lu_http_content(uint64_t offset, uint8_t *bytes, size_t len);
/* Whether these are the content's bytes at that offset. */
bool lu_http_is_content(uint64_t offset, const uint8_t *bytes, size_t len);
