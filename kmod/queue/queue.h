/* SPDX-License-Identifier: GPL-2.0 */
/* A packet scheduler (qdisc) whose ordering of packets is a swappable version. */
#ifndef LU_QUEUE_H
#define LU_QUEUE_H

#include <linux/skbuff.h>

#include "queue/options.h"
#include "swap/swap.h"

#define QUEUE_COMPONENT "queue"

/*
 * The operations of a version, called under the qdisc's lock, one at a time, also in softirq
 * context. Accounting (limit, lengths, rate) is done by the qdisc; a version only orders packets.
 * Each version marks the packets it delivers (queue_mark()), so that a receiver can tell which one
 * carried a packet.
 */
struct queue_ops {
	void (*enqueue)(void *state, struct sk_buff *skb);
	struct sk_buff *(*dequeue)(void *state);
	/* What dequeue would return next, or NULL. */
	struct sk_buff *(*peek)(void *state);
	void (*reset)(void *state);
};

/* The neutral form: all packets, in the order in which the version would have delivered them. */
struct queue_form {
	struct sk_buff_head packets;
};

/* Delivered by the version of that number, on this CPU. */
static inline void queue_mark(struct sk_buff *skb, u32 number)
{
	skb->mark = number | (raw_smp_processor_id() + 1) << LUQ_MARK_CPU;
}

/* NULL: out of memory. */
struct queue_form *queue_form_new(void);
/* The form is complete: its packets are counted (module parameter carried). Here tests can make
 * errors (module parameter spoil). */
struct queue_form *queue_form_done(struct queue_form *form);
/* Free the form only: its packets have an owner. */
void queue_form_drop(struct queue_form *form);

#endif
