/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A flow of numbered packets: what was sent, what has arrived, and how. A packet carries its
 * number and when it was sent; the mark that it arrives with says which version of the
 * component delivered it.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FLOW_RECENT = 4096, /* window of numbers below the highest whose arrival is tracked */
	FLOW_MARKS = 4,	    /* 0: not marked; 1 to 3: by that version */
	FLOW_CPUS = 17,	    /* 0: not known; from 1: which CPU delivered a packet */
	PACKET_MIN = 64,
	PACKET_MAX = 1400
};

struct packet {
	uint64_t magic, path, flow, number, sent_ns;
};

struct flow {
	unsigned path, index;
	uint64_t sent;			 /* numbers 0 … sent-1 */
	uint64_t highest;		 /* highest number that arrived, plus 1 */
	uint64_t written_off;		 /* numbers below it are no longer waited for */
	uint64_t came[FLOW_RECENT / 64]; /* bitmap of arrivals below highest */
	uint64_t highest_of[FLOW_CPUS];	 /* as highest, of those that a CPU delivered */
};

/* Over all flows. */
struct tally {
	uint64_t sent, received; /* received: each once */
	uint64_t missing;	 /* not arrived although a later packet of the flow has */
	uint64_t duplicated, misordered, wrong;
	uint64_t misordered_cpu; /* of misordered: a later one came from the same CPU before */
	uint64_t longest_ns;	 /* from sending to receiving */
};

extern struct tally tally;

/* CLOCK_MONOTONIC. */
uint64_t now_ns(void);
/* Fill a packet of that size with the flow's next number. */
void flow_next(struct flow *flow, struct packet *packet, size_t size);
/* The last count packets were not sent after all. */
void flow_take_back(struct flow *flow, uint64_t count);
/* Whether it is one of ours, and intact. */
bool packet_intact(const struct packet *packet, size_t size);
/* One of its packets has arrived, delivered by that CPU (below FLOW_CPUS): count it in tally. */
void flow_receive(struct flow *flow, const struct packet *packet, unsigned cpu);
/* Packets in flight: sent, and neither they nor later ones have arrived. */
uint64_t flow_under_way(const struct flow *flow);
/* Give up the packets in flight. */
void flow_write_off(struct flow *flow);
