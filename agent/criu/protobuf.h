/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Just enough of Protocol Buffers' wire format (https://protobuf.dev/programming-guides/encoding/)
 * for CRIU's RPC: integers, texts and messages within messages. No file descriptor, no process: it
 * is compiled on the host for tests as well as into the agent.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A message being written; zero it to begin. */
struct pb {
	uint8_t data[1024];
	size_t len;
	bool overflow; /* something did not fit: the message must not be used */
};

/* An int32, enum or bool. */
void pb_int(struct pb *message, unsigned field, int64_t value);
/* A string; NULL is left out. */
void pb_text(struct pb *message, unsigned field, const char *text);
void pb_message(struct pb *message, unsigned field, const struct pb *inner);

struct pb_field {
	unsigned number;
	int64_t value;	      /* of an integer */
	const uint8_t *bytes; /* of a text or message; NULL: it is an integer */
	size_t len;
};

struct pb_reader {
	const uint8_t *at, *end;
};

/* false: nothing more, or what follows is not of this format. */
bool pb_next(struct pb_reader *reader, struct pb_field *field);
/* The last field of that number; false: there is none. */
bool pb_find(const uint8_t *message, size_t len, unsigned number, struct pb_field *field);
