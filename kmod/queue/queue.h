/* SPDX-License-Identifier: GPL-2.0 */
/* A packet scheduler (qdisc) whose way of ordering packets is a swappable version. */
#ifndef LU_QUEUE_H
#define LU_QUEUE_H

#include <linux/skbuff.h>

#include "swap/swap.h"

#define QUEUE_COMPONENT "queue"

/*
 * What a version offers: called under the qdisc's lock, one at a time, in softirq context too. What
 * counts (limit, lengths, rate) is the qdisc's own; a version orders packets and nothing else. Each
 * marks what it hands out with its number, so that a receiver can tell which one carried a packet.
 */
struct queue_ops {
	void (*enqueue)(void *state, struct sk_buff *skb);
	struct sk_buff *(*dequeue)(void *state);
	/* What dequeue would hand out next, or NULL. */
	struct sk_buff *(*peek)(void *state);
	void (*reset)(void *state);
};

/* The neutral form: all packets, in the order in which the version would have handed them out. */
struct queue_form {
	struct sk_buff_head packets;
};

/* NULL: no memory. */
struct queue_form *queue_form_new(void);
/* It is complete: its packets are counted (module parameter carried). Here tests let something go
 * wrong with it (module parameter spoil). */
struct queue_form *queue_form_done(struct queue_form *form);
/* The form alone: its packets have an owner. */
void queue_form_drop(struct queue_form *form);

#endif
