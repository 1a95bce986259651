/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A closed list of requests sent as fast as the service takes them: populating a dataset, auditing
 * it at the end. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct lu_exchange {
	uint64_t count; /* requests 0 … count-1, on one connection, pipelined up to `window` */
	unsigned window;
	int64_t timeout_ns; /* for the whole exchange */
	void *data;
	void (*request)(void *data, uint64_t i, GByteArray *out);
	/* Bytes consumed by the reply to request i, 0: more needed, -1: protocol broken. A wrong
	 * answer is recorded in `data`; it does not end the exchange. */
	ssize_t (*reply)(void *data, uint64_t i, const uint8_t *buf, size_t len);
};
