// SPDX-License-Identifier: GPL-2.0
/*
 * Version 2: a queue per flow, served by deficit round robin (a flow may send a quantum of bytes,
 * then it is the next one's turn). Flows whose hashes collide share a queue.
 */
#include <linux/slab.h>
#include <net/sch_generic.h>

#include "queue/queue.h"

#define NUMBER	2
#define FLOWS	1024
#define QUANTUM 1514 /* bytes: a full Ethernet frame */

struct flow {
	struct list_head list; /* in fair.waiting, when it has packets */
	struct sk_buff_head packets;
	int deficit; /* bytes left to send in this turn */
};

struct fair {
	struct list_head waiting; /* it is the first one's turn */
	struct flow flows[FLOWS];
};

static void enqueue(void *state, struct sk_buff *skb)
{
	struct fair *fair = state;
	struct flow *flow = &fair->flows[reciprocal_scale(skb_get_hash(skb), FLOWS)];

	__skb_queue_tail(&flow->packets, skb);
	if (!list_empty(&flow->list))
		return;
	flow->deficit = QUANTUM;
	list_add_tail(&flow->list, &fair->waiting);
}

/* The flow whose turn it is; NULL: all are empty. */
static struct flow *turn(struct fair *fair)
{
	struct flow *flow;

	while ((flow = list_first_entry_or_null(&fair->waiting, struct flow, list)) &&
	       flow->deficit <= 0) {
		flow->deficit += QUANTUM;
		list_move_tail(&flow->list, &fair->waiting);
	}
	return flow;
}

static struct sk_buff *dequeue(void *state)
{
	struct flow *flow = turn(state);
	struct sk_buff *skb;

	if (!flow)
		return NULL;
	skb = __skb_dequeue(&flow->packets);
	queue_mark(skb, NUMBER);
	flow->deficit -= qdisc_pkt_len(skb);
	if (skb_queue_empty(&flow->packets))
		list_del_init(&flow->list);
	return skb;
}

static struct sk_buff *peek(void *state)
{
	struct flow *flow = turn(state);

	return flow ? skb_peek(&flow->packets) : NULL;
}

static void reset(void *state)
{
	struct sk_buff *skb;

	while ((skb = dequeue(state)))
		kfree_skb(skb);
}

static void *create(unsigned long size)
{
	struct fair *fair = kvzalloc(sizeof(*fair), GFP_KERNEL);
	int i;

	if (!fair)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&fair->waiting);
	for (i = 0; i < FLOWS; i++) {
		INIT_LIST_HEAD(&fair->flows[i].list);
		__skb_queue_head_init(&fair->flows[i].packets);
	}
	return fair;
}

static void destroy(void *state)
{
	reset(state);
	kvfree(state);
}

static void *give(void *state)
{
	struct queue_form *form = queue_form_new();
	struct sk_buff *skb;

	if (!form)
		return ERR_PTR(-ENOMEM);
	while ((skb = dequeue(state)))
		__skb_queue_tail(&form->packets, skb);
	return queue_form_done(form);
}

static void regain(void *state, void *neutral)
{
	struct queue_form *form = neutral;
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&form->packets)))
		enqueue(state, skb);
	queue_form_drop(form);
}

static void *take(void *form)
{
	void *fair = create(0);

	if (!IS_ERR(fair))
		regain(fair, form);
	return fair;
}

static const struct queue_ops ops = {enqueue, dequeue, peek, reset};

static struct swap_version version = {
	.component = QUEUE_COMPONENT,
	.name = "v2",
	.owner = THIS_MODULE,
	.ops = &ops,
	.create = create,
	.destroy = destroy,
	.give = give,
	.take = take,
	.regain = regain,
};

module_swap_version(version);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Packet scheduler, version 2: fair to flows");
