/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RESP2, the protocol of Redis (redis.io, "Redis serialization protocol specification"): as far as
 * its clients need it. */
#pragma once
#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "workloads/kit/keyed.h"

struct lu_resp {
	char type; /* '+' status, '-' error, ':' integer, '$' bulk string, '_' null bulk string */
	int64_t integer;
	const uint8_t *bytes; /* of '+', '-' and '$': within the buffer given */
	size_t len;
};

/* One reply at the head of buf: bytes consumed, 0: more needed, -1: not RESP, or a bulk string
 * longer than max_bulk. */
ssize_t lu_resp_parse(const uint8_t *buf, size_t len, size_t max_bulk, struct lu_resp *reply);
/* One command (an array of bulk strings) at the head of buf, at most max_args of them into args
 * (type '$'). Returns as above; *count is how many. */
ssize_t lu_resp_parse_command(const uint8_t *buf, size_t len, size_t max_bulk, struct lu_resp *args,
			      unsigned max_args, unsigned *count);
/* Encode: a command's head, then each of its bulk strings. */
void lu_resp_append_array(GByteArray *out, unsigned count);
void lu_resp_append_bulk(GByteArray *out, const void *bytes, size_t len);

/* SET, GET and DBSIZE of a service with keys. */
extern const struct lu_keyed_codec lu_resp_codec;
