// SPDX-License-Identifier: GPL-2.0
/* Version 1: one queue for all, first in, first out. */
#include <linux/slab.h>

#include "queue/queue.h"

#define NUMBER 1

struct fifo {
	struct sk_buff_head packets;
};

static void enqueue(void *state, struct sk_buff *skb)
{
	struct fifo *fifo = state;

	__skb_queue_tail(&fifo->packets, skb);
}

static struct sk_buff *dequeue(void *state)
{
	struct fifo *fifo = state;
	struct sk_buff *skb = __skb_dequeue(&fifo->packets);

	if (skb)
		queue_mark(skb, NUMBER);
	return skb;
}

static struct sk_buff *peek(void *state)
{
	struct fifo *fifo = state;

	return skb_peek(&fifo->packets);
}

static void reset(void *state)
{
	struct fifo *fifo = state;

	__skb_queue_purge(&fifo->packets);
}

static void *create(unsigned long size)
{
	struct fifo *fifo = kzalloc(sizeof(*fifo), GFP_KERNEL);

	if (!fifo)
		return ERR_PTR(-ENOMEM);
	__skb_queue_head_init(&fifo->packets);
	return fifo;
}

static void destroy(void *state)
{
	reset(state);
	kfree(state);
}

static void *give(void *state)
{
	struct fifo *fifo = state;
	struct queue_form *form = queue_form_new();

	if (!form)
		return ERR_PTR(-ENOMEM);
	skb_queue_splice_init(&fifo->packets, &form->packets);
	return queue_form_done(form);
}

static void regain(void *state, void *neutral)
{
	struct fifo *fifo = state;
	struct queue_form *form = neutral;

	skb_queue_splice_init(&form->packets, &fifo->packets);
	queue_form_drop(form);
}

static void *take(void *form)
{
	void *fifo = create(0);

	if (!IS_ERR(fifo))
		regain(fifo, form);
	return fifo;
}

static const struct queue_ops ops = {enqueue, dequeue, peek, reset};

static struct swap_version version = {
	.component = QUEUE_COMPONENT,
	.name = "v1",
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
MODULE_DESCRIPTION("Packet scheduler, version 1: first in, first out");
