/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much a guest's agent may say unasked. Each event stays on the timeline, so an agent that does
 * nothing but talk would fill the host's memory. By kind: so many at once, and so many more a
 * second. An agent that works stays far below, so one that does not is broken or hostile, and
 * whoever waits for it is told. A pure data structure.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum lu_spoken {
	LU_SPOKEN_HELLO, /* of another boot; the repetitions of one are free */
	LU_SPOKEN_MEMORY,
	LU_SPOKEN_JUMP,
	LU_SPOKEN_EXIT,
	LU_SPOKEN_OTHER, /* any event that we do not know */
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
/* One more of that kind has come: true to take it, false to drop it, which is counted. */
bool lu_allowance_take(struct lu_allowance *allowance, enum lu_spoken kind, int64_t now_ns);
/* True when nothing has been dropped; else LU_ERROR_FAILED says what and how much. */
bool lu_allowance_kept(const struct lu_allowance *allowance, GError **error);
/* Of all kinds. */
uint64_t lu_allowance_dropped(const struct lu_allowance *allowance);
