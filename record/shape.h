/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A link's bandwidth, delay and loss: when does each frame leave it, if ever? A pure model; the
 * caller brings the clock.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lu_shape_config {
	uint64_t rate_bps; /* bits of frame a second; 0: unlimited */
	int64_t delay_ns;  /* after the last bit was sent */
	double loss;	   /* probability that a frame is lost, 0 to 1 */
	uint32_t seed;	   /* of the loss */
	/* queue length, the frame itself included; 0: LU_SHAPE_QUEUE */
	uint32_t queue_bytes;
};

#define LU_SHAPE_QUEUE (256u * 1024)

enum lu_shape_verdict {
	LU_SHAPE_LEAVES,
	LU_SHAPE_LOST, /* by chance */
	LU_SHAPE_FULL, /* the queue had no room */
};

struct lu_shape {
	struct lu_shape_config config;
	GRand *chance;
	int64_t busy_until_ns; /* when the last bit of all accepted frames has been sent */
};

void lu_shape_init(struct lu_shape *shape, const struct lu_shape_config *config);
void lu_shape_clear(struct lu_shape *shape);
/*
 * A frame of len bytes arrives at now_ns (which must not run backwards). LEAVES: *leave_ns is when
 * its last bit arrives at the other end, never before that of an earlier frame. Each call takes one
 * number of the seeded sequence, so which frames are lost depends on their count alone. A lost
 * frame still occupies the link.
 */
enum lu_shape_verdict lu_shape_take(struct lu_shape *shape, int64_t now_ns, size_t len,
				    int64_t *leave_ns);
