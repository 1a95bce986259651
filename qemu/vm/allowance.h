/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits on the events that a guest's agent may send. Each event stays on the timeline, so an agent
 * that sends without end would fill the host's memory. Each kind has a burst and a rate. A working
 * agent stays far below them, so one that exceeds them is broken or hostile, and waits for it end
 * with an error. A pure data structure.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum lu_spoken {
	LU_SPOKEN_HELLO, /* of another boot; repetitions do not count */
	LU_SPOKEN_MEMORY,
	LU_SPOKEN_JUMP,
	LU_SPOKEN_EXIT,
	LU_SPOKEN_OTHER, /* any unknown event */
	LU_SPOKEN_KINDS,
};

#define LU_ALLOWED_AT_ONCE    256
#define LU_ALLOWED_MEMORY_S   50 /* a second; the agent is asked for ten */
#define LU_ALLOWED_OTHER_S    50
#define LU_ALLOWED_NAME_BYTES 65 /* kernel release and the like: as struct utsname has it */
#define LU_ALLOWED_MARKS      16 /* in a hello */

struct lu_allowance {
	double left[LU_SPOKEN_KINDS];
	int64_t filled_ns[LU_SPOKEN_KINDS];
	uint64_t dropped[LU_SPOKEN_KINDS];
};

void lu_allowance_init(struct lu_allowance *allowance, int64_t now_ns);
/* The kind of an event of that name. */
enum lu_spoken lu_spoken_kind(const char *event);
/* An event of that kind has come: true: take it; false: drop it, which is counted. */
bool lu_allowance_take(struct lu_allowance *allowance, enum lu_spoken kind, int64_t now_ns);
/* True when no event has been dropped; else LU_ERROR_FAILED says how many of which kinds. */
bool lu_allowance_kept(const struct lu_allowance *allowance, GError **error);
/* Events dropped, of all kinds. */
uint64_t lu_allowance_dropped(const struct lu_allowance *allowance);
