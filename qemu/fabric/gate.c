/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A gate and what it holds back. */
#include "qemu/fabric/gate.h"

void lu_gate_init(struct lu_gate *gate, enum lu_gate_state state, size_t bound)
{
	*gate = (struct lu_gate){.state = state, .bound = bound};
	g_queue_init(&gate->held);
}

static void discard(gpointer piece)
{
	g_bytes_unref(piece);
}

void lu_gate_clear(struct lu_gate *gate)
{
	g_queue_clear_full(&gate->held, discard);
	gate->held_bytes = 0;
}

unsigned lu_gate_set(struct lu_gate *gate, enum lu_gate_state state)
{
	unsigned discarded = 0;

	gate->state = state;
	if (state == LU_GATE_CLOSED || state == LU_GATE_DROP) {
		discarded = gate->held.length;
		lu_gate_clear(gate);
	}
	return discarded;
}

static enum lu_gate_verdict hold(struct lu_gate *gate, const void *bytes, size_t len)
{
	if (len > gate->bound - gate->held_bytes)
		return LU_GATE_OVERFLOWS;
	g_queue_push_tail(&gate->held, g_bytes_new(bytes, len));
	gate->held_bytes += len;
	return LU_GATE_HELD;
}

enum lu_gate_verdict lu_gate_offer(struct lu_gate *gate, const void *bytes, size_t len)
{
	switch (gate->state) {
	case LU_GATE_OPEN:
		/* A piece must not overtake those that are still to be released. */
		return gate->held.length ? hold(gate, bytes, len) : LU_GATE_PASSES;
	case LU_GATE_HOLD:
		return hold(gate, bytes, len);
	default:
		return LU_GATE_DROPPED;
	}
}

GBytes *lu_gate_next(struct lu_gate *gate)
{
	GBytes *piece;

	if (gate->state != LU_GATE_OPEN)
		return NULL;
	piece = g_queue_pop_head(&gate->held);
	if (piece)
		gate->held_bytes -= g_bytes_get_size(piece);
	return piece;
}
