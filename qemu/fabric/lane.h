/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One direction of a port: a link, then a gate. The caller passes the time. */
#pragma once
#include "qemu/fabric/fabric.h"

struct lu_lane {
	struct lu_gate gate;
	struct lu_shape shape;
	bool shaped;
	GQueue late;	   /* frames on the link, in the order in which they leave it */
	uint64_t *dropped; /* counters, by enum lu_fabric_drop */
	/* What passes the gate. */
	void (*pass)(void *data, const uint8_t *frame, size_t len);
	void *data;
};

void lu_lane_init(struct lu_lane *lane, enum lu_gate_state state, uint64_t *dropped,
		  void (*pass)(void *data, const uint8_t *frame, size_t len), void *data);
void lu_lane_clear(struct lu_lane *lane);
void lu_lane_put(struct lu_lane *lane, int64_t now_ns, const uint8_t *frame, size_t len);
/* Frames that have left the link by now go to the gate. */
void lu_lane_run(struct lu_lane *lane, int64_t now_ns);
/* When the next frame leaves the link; INT64_MAX: the link is empty. */
int64_t lu_lane_next_ns(const struct lu_lane *lane);
/* Opening passes what was held; closing drops it. */
void lu_lane_gate(struct lu_lane *lane, enum lu_gate_state state);
/* NULL: no link. Frames on the old link leave it when they would have. */
void lu_lane_shape(struct lu_lane *lane, const struct lu_shape_config *config);
