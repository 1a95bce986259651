/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A gate decides for each piece (a frame, a line) whether it passes, is held or is dropped. A pure
 * data structure. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum lu_gate_state {
	LU_GATE_CLOSED, /* as with a link down; the switch forgets the addresses behind it */
	LU_GATE_OPEN,
	LU_GATE_DROP, /* nothing passes, and the switch keeps sending to it: a black hole */
	LU_GATE_HOLD, /* kept in order up to the bound; passes once it is open */
};

enum lu_gate_verdict {
	LU_GATE_PASSES,
	LU_GATE_HELD,
	LU_GATE_DROPPED,
	LU_GATE_OVERFLOWS, /* dropped because no more can be held */
};

struct lu_gate {
	enum lu_gate_state state;
	size_t bound, held_bytes; /* bytes */
	GQueue held;		  /* GBytes */
};

void lu_gate_init(struct lu_gate *gate, enum lu_gate_state state, size_t bound);
void lu_gate_clear(struct lu_gate *gate);
/*
 * Held pieces survive a change to OPEN (take them with lu_gate_next before anything else is
 * offered) and to HOLD; CLOSED and DROP discard them. Returns how many were discarded.
 */
unsigned lu_gate_set(struct lu_gate *gate, enum lu_gate_state state);
/* The bytes are copied when held. */
enum lu_gate_verdict lu_gate_offer(struct lu_gate *gate, const void *bytes, size_t len);
/* The oldest held piece of an open gate, the caller's; NULL when there is
 * none or it is not open. */
GBytes *lu_gate_next(struct lu_gate *gate);
