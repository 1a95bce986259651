/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A link and the gate behind it. */
#include "qemu/fabric/lane.h"

struct late {
	int64_t leave_ns;
	GBytes *frame;
};

void lu_lane_init(struct lu_lane *lane, enum lu_gate_state state, uint64_t *dropped,
		  void (*pass)(void *data, const uint8_t *frame, size_t len), void *data)
{
	*lane = (struct lu_lane){.pass = pass, .data = data};
	lane->dropped = dropped;
	lu_gate_init(&lane->gate, state, LU_FABRIC_HOLD_BYTES);
	g_queue_init(&lane->late);
}

static void late_free(gpointer data)
{
	struct late *late = data;

	g_bytes_unref(late->frame);
	g_free(late);
}

void lu_lane_clear(struct lu_lane *lane)
{
	lu_lane_shape(lane, NULL);
	g_queue_clear_full(&lane->late, late_free);
	lu_gate_clear(&lane->gate);
}

static void to_gate(struct lu_lane *lane, const uint8_t *frame, size_t len)
{
	switch (lu_gate_offer(&lane->gate, frame, len)) {
	case LU_GATE_PASSES:
		lane->pass(lane->data, frame, len);
		break;
	case LU_GATE_HELD:
		break;
	case LU_GATE_DROPPED:
		lane->dropped[LU_DROPPED_GATE]++;
		break;
	case LU_GATE_OVERFLOWS:
		lane->dropped[LU_DROPPED_HOLD_FULL]++;
		break;
	}
}

static void onto_link(struct lu_lane *lane, int64_t leave_ns, const uint8_t *frame, size_t len)
{
	const struct late *last = g_queue_peek_tail(&lane->late);
	struct late *late = g_new(struct late, 1);

	/* Frames on the old link are not overtaken by those on a faster one that replaced it. */
	late->leave_ns = last ? MAX(leave_ns, last->leave_ns) : leave_ns;
	late->frame = g_bytes_new(frame, len);
	g_queue_push_tail(&lane->late, late);
}

void lu_lane_put(struct lu_lane *lane, int64_t now_ns, const uint8_t *frame, size_t len)
{
	enum lu_shape_verdict verdict = LU_SHAPE_LEAVES;
	int64_t leave_ns = now_ns;

	if (lane->shaped)
		verdict = lu_shape_take(&lane->shape, now_ns, len, &leave_ns);
	if (verdict == LU_SHAPE_LOST)
		lane->dropped[LU_DROPPED_LOSS]++;
	else if (verdict == LU_SHAPE_FULL)
		lane->dropped[LU_DROPPED_LINK_FULL]++;
	else if (leave_ns > now_ns || lane->late.length)
		onto_link(lane, leave_ns, frame, len);
	else
		to_gate(lane, frame, len);
}

int64_t lu_lane_next_ns(const struct lu_lane *lane)
{
	const struct late *first = g_queue_peek_head((GQueue *)&lane->late);

	return first ? first->leave_ns : INT64_MAX;
}

void lu_lane_run(struct lu_lane *lane, int64_t now_ns)
{
	while (lu_lane_next_ns(lane) <= now_ns) {
		struct late *late = g_queue_pop_head(&lane->late);
		gsize len;
		const uint8_t *frame = g_bytes_get_data(late->frame, &len);

		to_gate(lane, frame, len);
		late_free(late);
	}
}

void lu_lane_gate(struct lu_lane *lane, enum lu_gate_state state)
{
	GBytes *piece;

	lane->dropped[LU_DROPPED_GATE] += lu_gate_set(&lane->gate, state);
	while ((piece = lu_gate_next(&lane->gate))) {
		gsize len;
		const uint8_t *frame = g_bytes_get_data(piece, &len);

		lane->pass(lane->data, frame, len);
		g_bytes_unref(piece);
	}
}

void lu_lane_shape(struct lu_lane *lane, const struct lu_shape_config *config)
{
	if (lane->shaped)
		lu_shape_clear(&lane->shape);
	lane->shaped = config != NULL;
	if (config)
		lu_shape_init(&lane->shape, config);
}
