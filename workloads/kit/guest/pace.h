/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pieces of work at a steady rate, by a clock that its user reads. What a stop of the whole program
 * (or of its machine) kept from being done is not made up for: the rate goes on. The same holds for
 * what cannot be done in time; the rate told by `done` and `active_ns` is then below the one asked
 * for.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* A longer time between two reads of the clock is not this program's: it was stopped. */
#define PACE_STRETCH_NS 500000000

struct pace {
	uint64_t bytes_per_s, piece_bytes;
	uint64_t done;	   /* pieces, counted by the user */
	int64_t active_ns; /* time that passed, stops left out */
	/* its own: piece number n is due at base_ns + (n - base_done) pieces at the rate */
	int64_t base_ns, last_ns;
	uint64_t base_done;
};

/* bytes_per_s and piece_bytes are set: the first piece is due one piece's time from now on. */
void pace_begin(struct pace *pace, int64_t now_ns);
/* Time has passed. Returns how many pieces have to be done by now, all together. */
uint64_t pace_due(struct pace *pace, int64_t now_ns);
/* As many were done as was possible. Are some of those that were due still owed? Half a second's
 * worth of them is not, from here on. */
bool pace_owes(struct pace *pace, uint64_t due, int64_t now_ns);
