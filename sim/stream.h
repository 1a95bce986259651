/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One direction of a connection, and of the link under it. A segment that the link loses is
 * retransmitted: by fast retransmit after three later ones (RFC 5681), or when its sender's timer
 * expires (RFC 6298). Segments after it wait. Private to sim/.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "record/shape.h"

struct sim_link {
	int64_t (*wire)(void *guest); /* one-way delay, ns, without the plan's impairment */
	void *guest;
	int64_t rto_ns; /* first timeout of its sender's timer */
	bool impaired;
	struct lu_shape shape;
};

struct sim_stream {
	GQueue packets;		/* of struct sim_packet */
	struct sim_packet *gap; /* lost, retransmission not triggered yet */
	unsigned behind;	/* segments sent after it */
};

/* NULL: no impairment from now on. */
void sim_link_impair(struct sim_link *link, const struct lu_shape_config *config);
/* Is the next segment lost? Random, by the plan's rate. */
bool sim_link_loses(struct sim_link *link);
/* One-way delay, ns. */
int64_t sim_link_delay(struct sim_link *link);
/* Send; bytes are taken. */
void sim_stream_push(struct sim_stream *stream, struct sim_link *link, int64_t now_ns,
		     GByteArray *bytes);
/* Arrival of the next segment, INT64_MAX: none is in flight. */
int64_t sim_stream_head_ns(const struct sim_stream *stream);
/* Takes that segment; there must be one. The caller frees it. */
GByteArray *sim_stream_take(struct sim_stream *stream);
/* Was the next segment lost, so that it comes only once it has been retransmitted? */
bool sim_stream_again(const struct sim_stream *stream);
/* Its sender could not retransmit: try again at at_ns. */
void sim_stream_postpone(struct sim_stream *stream, int64_t at_ns);
void sim_stream_clear(struct sim_stream *stream);
