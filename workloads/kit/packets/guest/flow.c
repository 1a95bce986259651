/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workloads/kit/packets/guest/flow.h"
#include <string.h>
#include <time.h>

#define MAGIC 0x6c7562656e636870ULL

struct tally tally;

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The last word of a packet follows from its head, so that a truncated or
 * mixed-up one is detected. */
static uint64_t last_word(const struct packet *packet)
{
	uint64_t z = packet->number + 0x9e3779b97f4a7c15ULL * (packet->path << 8 | packet->flow);

	z = (z ^ packet->sent_ns ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	return z ^ z >> 27;
}

static void *end_of(const struct packet *packet, size_t size)
{
	return (char *)packet + size - sizeof(uint64_t);
}

void flow_next(struct flow *flow, struct packet *packet, size_t size)
{
	uint64_t word;

	*packet = (struct packet){MAGIC, flow->path, flow->index, flow->sent++, now_ns()};
	word = last_word(packet);
	memcpy(end_of(packet, size), &word, sizeof(word));
	tally.sent++;
}

void flow_take_back(struct flow *flow, uint64_t count)
{
	flow->sent -= count;
	tally.sent -= count;
}

bool packet_intact(const struct packet *packet, size_t size)
{
	uint64_t word;

	if (size < PACKET_MIN || packet->magic != MAGIC)
		return false;
	memcpy(&word, end_of(packet, size), sizeof(word));
	return word == last_word(packet);
}

static bool has_come(const struct flow *flow, uint64_t number)
{
	return flow->came[number % FLOW_RECENT / 64] >> number % 64 & 1;
}

static void set_come(struct flow *flow, uint64_t number, bool come)
{
	uint64_t bit = 1ULL << number % 64, *word = &flow->came[number % FLOW_RECENT / 64];

	*word = come ? *word | bit : *word & ~bit;
}

/* The next number, or one after a gap. */
static void advance(struct flow *flow, uint64_t number)
{
	for (; flow->highest < number; flow->highest++) {
		set_come(flow, flow->highest, false);
		tally.missing++;
	}
	set_come(flow, number, true);
	flow->highest++;
	tally.received++;
}

/* A late packet: whether it is late among those of its CPU, too. */
static void count_late(struct flow *flow, uint64_t number, unsigned cpu)
{
	set_come(flow, number, true);
	tally.misordered++;
	tally.misordered_cpu += number < flow->highest_of[cpu];
	tally.received++;
	tally.missing--;
}

void flow_receive(struct flow *flow, const struct packet *packet, unsigned cpu)
{
	uint64_t number = packet->number, took = now_ns() - packet->sent_ns;

	if (took > tally.longest_ns)
		tally.longest_ns = took;
	if (number >= flow->sent) {
		tally.wrong++;
		return;
	}
	if (number >= flow->highest) {
		advance(flow, number);
	} else if (flow->highest - number > FLOW_RECENT || has_come(flow, number)) {
		tally.duplicated++;
	} else {
		count_late(flow, number, cpu);
	}
	if (number >= flow->highest_of[cpu])
		flow->highest_of[cpu] = number + 1;
}

static uint64_t settled(const struct flow *flow)
{
	return flow->highest > flow->written_off ? flow->highest : flow->written_off;
}

uint64_t flow_under_way(const struct flow *flow)
{
	return flow->sent - settled(flow);
}

void flow_write_off(struct flow *flow)
{
	flow->written_off = flow->sent;
}
