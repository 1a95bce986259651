/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A flow of numbered packets: what was sent of it, what has come, and how. A packet says which one
 * it is and when it was sent; the mark that came with it says which version of the component handed
 * it out.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FLOW_RECENT = 4096, /* numbers below the highest of which it is known whether they came */
	FLOW_MARKS = 4,	    /* 0: not marked; 1 to 3: by that version */
	PACKET_MIN = 64,
	PACKET_MAX = 1400
};

struct packet {
	uint64_t magic, path, flow, number, sent_ns;
};

struct flow {
	unsigned path, index;
	uint64_t sent;			 /* numbers 0 … sent-1 */
	uint64_t highest;		 /* of those that came, plus 1 */
	uint64_t written_off;		 /* below it nothing more is waited for */
	uint64_t came[FLOW_RECENT / 64]; /* bits of the numbers below highest */
};

/* Over all flows. */
struct tally {
	uint64_t sent, received; /* received: each once */
	uint64_t missing;	 /* a later packet of the flow has come, and they have not */
	uint64_t duplicated, misordered, wrong;
	uint64_t longest_ns; /* from sending to receiving */
};

extern struct tally tally;

/* CLOCK_MONOTONIC. */
uint64_t now_ns(void);
/* Fills a packet of that size with the flow's next number. */
void flow_next(struct flow *flow, struct packet *packet, size_t size);
/* The last count of them were not sent after all. */
void flow_take_back(struct flow *flow, uint64_t count);
/* Is it one of ours, whole? */
bool packet_intact(const struct packet *packet, size_t size);
/* One of its packets has come: counted in tally. */
void flow_receive(struct flow *flow, const struct packet *packet);
/* Sent, and neither they nor later ones have come. */
uint64_t flow_under_way(const struct flow *flow);
/* What is under way will not come. */
void flow_write_off(struct flow *flow);
