/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One direction of a connection, and of the link under it. A segment that the link loses is sent
 * again: when three later ones have told of the gap (RFC 5681), or by its sender's timer (RFC
 * 6298). What came after it waits. Private to sim/.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "record/shape.h"

struct sim_link {
	int64_t (*wire)(void *guest); /* one way, ns, without what the plan adds */
	void *guest;
	int64_t rto_ns; /* the first of its sender's timer */
	bool impaired;
	struct lu_shape shape;
};

struct sim_stream {
	GQueue packets;		/* of struct sim_packet */
	struct sim_packet *gap; /* lost, and not yet told of */
	unsigned behind;	/* what has followed it */
};

/* NULL: perfect from now on. */
void sim_link_impair(struct sim_link *link, const struct lu_shape_config *config);
/* Is a segment lost? Drawn anew each time. */
bool sim_link_loses(struct sim_link *link);
/* One way, ns. */
int64_t sim_link_delay(struct sim_link *link);
/* Send; bytes are taken. */
void sim_stream_push(struct sim_stream *stream, struct sim_link *link, int64_t now_ns,
		     GByteArray *bytes);
/* When the next segment arrives, INT64_MAX: there is none. */
int64_t sim_stream_head_ns(const struct sim_stream *stream);
/* That segment; there must be one. The caller's. */
GByteArray *sim_stream_take(struct sim_stream *stream);
/* It was lost and waits for being sent again. */
bool sim_stream_again(const struct sim_stream *stream);
/* Its sender could not: later. */
void sim_stream_postpone(struct sim_stream *stream, int64_t at_ns);
void sim_stream_clear(struct sim_stream *stream);
