// SPDX-License-Identifier: GPL-2.0
/* Version 1: an interrupt (and a run of a tasklet) per packet, and a small ring. */
#include <linux/interrupt.h>
#include <linux/slab.h>

#include "net/net.h"

#define NUMBER	  1
#define RING_SIZE 64

struct end {
	struct net_ring ring;
	struct net_interrupt interrupt;
	struct tasklet_struct work;
	bool halted;
};

struct pair {
	struct net_pair *pair;
	struct end ends[NET_ENDS];
};

/*
 * Passed to the stack here and not by netif_rx(): a packet in the stack's backlog would not be
 * exported in a swap, and the next version's packets could overtake it.
 */
static void work(struct tasklet_struct *tasklet)
{
	struct end *end = from_tasklet(end, tasklet, work);
	struct sk_buff *skb;

	if (READ_ONCE(end->halted))
		return;
	skb = net_ring_receive(&end->ring, NUMBER);
	net_ring_wake(&end->ring);
	if (skb)
		netif_receive_skb(skb);
	net_interrupt_acknowledge(&end->interrupt);
	if (!net_ring_empty(&end->ring))
		net_interrupt_raise(&end->interrupt);
}

static void handle(struct net_interrupt *interrupt)
{
	tasklet_schedule(&container_of(interrupt, struct end, interrupt)->work);
}

static bool send(void *state, unsigned int to, struct sk_buff *skb)
{
	struct pair *pair = state;
	bool taken = net_ring_send(&pair->ends[to].ring, skb);

	net_interrupt_raise(&pair->ends[to].interrupt);
	return taken;
}

static void suspend(void *state)
{
	struct pair *pair = state;
	int i;

	for (i = 0; i < NET_ENDS; i++) {
		WRITE_ONCE(pair->ends[i].halted, true);
		net_interrupt_mask(&pair->ends[i].interrupt);
		tasklet_kill(&pair->ends[i].work);
	}
}

static void resume(void *state)
{
	struct pair *pair = state;
	int i;

	for (i = 0; i < NET_ENDS; i++) {
		WRITE_ONCE(pair->ends[i].halted, false);
		net_interrupt_unmask(&pair->ends[i].interrupt);
	}
}

static void end_all(struct pair *pair)
{
	int i;

	for (i = 0; i < NET_ENDS; i++)
		net_ring_end(&pair->ends[i].ring);
	kfree(pair);
}

static struct pair *new_pair(struct net_pair *of)
{
	struct pair *pair = kzalloc(sizeof(*pair), GFP_KERNEL);
	int error = 0, i;

	if (!pair)
		return ERR_PTR(-ENOMEM);
	pair->pair = of;
	for (i = 0; i < NET_ENDS && !error; i++) {
		tasklet_setup(&pair->ends[i].work, work);
		net_interrupt_init(&pair->ends[i].interrupt, handle);
		error = net_ring_init(&pair->ends[i].ring, of, i, RING_SIZE);
	}
	if (!error)
		return pair;
	end_all(pair);
	return ERR_PTR(error);
}

/* size is a pointer to the pair. */
static void *create(unsigned long size)
{
	struct pair *pair = new_pair((struct net_pair *)size);

	if (!IS_ERR(pair))
		resume(pair);
	return pair;
}

static void *give(void *state)
{
	struct pair *pair = state;
	struct net_form *form = net_form_new(pair->pair);
	int i;

	if (!form)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < NET_ENDS; i++)
		net_ring_give(&pair->ends[i].ring, &form->packets[i]);
	return net_form_done(form);
}

static void regain(void *state, void *neutral)
{
	struct pair *pair = state;
	struct net_form *form = neutral;
	int i;

	for (i = 0; i < NET_ENDS; i++)
		net_ring_take(&pair->ends[i].ring, &form->packets[i]);
	net_form_drop(form);
}

static void *take(void *neutral)
{
	const struct net_form *form = neutral;
	struct pair *pair = new_pair(form->pair);

	if (!IS_ERR(pair))
		regain(pair, neutral);
	return pair;
}

static void destroy(void *state)
{
	end_all(state);
}

static const struct net_ops ops = {send};

static struct swap_version version = {
	.component = NET_COMPONENT,
	.name = "v1",
	.owner = THIS_MODULE,
	.ops = &ops,
	.create = create,
	.destroy = destroy,
	.halt = suspend,
	.resume = resume,
	.give = give,
	.take = take,
	.regain = regain,
};

module_swap_version(version);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ethernet pair, version 1: an interrupt per packet");
