/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of Protocol Buffers' wire format (https://protobuf.dev/programming-guides/encoding/)
 * that CRIU's RPC needs: integers, strings and nested messages. It uses no descriptor and no
 * process, so that it is compiled on the host for tests as well as into the agent.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A message being written; zero it to begin. */
struct pb {
	uint8_t data[1024];
	size_t len;
	bool overflow; /* a field did not fit: the message must not be used */
};

/* An int32, enum or bool. */
void pb_int(struct pb *message, unsigned field, int64_t value);
/* A string; NULL is left out. */
void pb_text(struct pb *message, unsigned field, const char *text);
void pb_message(struct pb *message, unsigned field, const struct pb *inner);

struct pb_field {
	unsigned number;
	int64_t value;	      /* of an integer */
	const uint8_t *bytes; /* of a string or message; NULL: it is an integer */
	size_t len;
};

struct pb_reader {
	const uint8_t *at, *end;
};

/* false: the end, or malformed input. */
bool pb_next(struct pb_reader *reader, struct pb_field *field);
/* The last field with that number; false: there is none. */
bool pb_find(const uint8_t *message, size_t len, unsigned number, struct pb_field *field);
