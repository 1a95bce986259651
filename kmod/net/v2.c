// SPDX-License-Identifier: GPL-2.0
/* Version 2: polling (NAPI), which receives packets in batches, and a larger ring. */
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "net/net.h"

#define NUMBER	  2
#define RING_SIZE 512

struct end {
	struct net_ring ring;
	struct net_interrupt interrupt; /* masked while polling */
	struct napi_struct napi;
	bool added, halted;
};

struct pair {
	struct net_pair *pair;
	struct end ends[NET_ENDS];
};

static int poll(struct napi_struct *napi, int budget)
{
	struct end *end = container_of(napi, struct end, napi);
	LIST_HEAD(batch);
	struct sk_buff *skb;
	int n = 0;

	while (n < budget && (skb = net_ring_receive(&end->ring, NUMBER))) {
		list_add_tail(&skb->list, &batch);
		n++;
	}
	net_ring_wake(&end->ring);
	netif_receive_skb_list(&batch);
	if (n < budget && napi_complete_done(napi, n)) {
		net_interrupt_acknowledge(&end->interrupt);
		/* Packets that arrived since the last poll have raised nothing. */
		if (!net_ring_empty(&end->ring))
			net_interrupt_raise(&end->interrupt);
	}
	return n;
}

static void handle(struct net_interrupt *interrupt)
{
	napi_schedule_irqoff(&container_of(interrupt, struct end, interrupt)->napi);
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

	for (i = 0; i < NET_ENDS; i++)
		if (!pair->ends[i].halted) {
			net_interrupt_mask(&pair->ends[i].interrupt);
			napi_disable(&pair->ends[i].napi);
			pair->ends[i].halted = true;
		}
}

static void resume(void *state)
{
	struct pair *pair = state;
	int i;

	for (i = 0; i < NET_ENDS; i++) {
		pair->ends[i].halted = false;
		napi_enable(&pair->ends[i].napi);
		net_interrupt_unmask(&pair->ends[i].interrupt);
	}
}

static void end_all(struct pair *pair)
{
	int i;

	rtnl_lock();
	for (i = 0; i < NET_ENDS; i++)
		if (pair->ends[i].added)
			__netif_napi_del(&pair->ends[i].napi);
	rtnl_unlock();
	synchronize_net(); /* once for both */
	for (i = 0; i < NET_ENDS; i++)
		net_ring_end(&pair->ends[i].ring);
	kvfree(pair);
}

/* NAPI starts disabled. */
static struct pair *new_pair(struct net_pair *of)
{
	struct pair *pair = kvzalloc(sizeof(*pair), GFP_KERNEL);
	int error = 0, i;

	if (!pair)
		return ERR_PTR(-ENOMEM);
	pair->pair = of;
	rtnl_lock();
	for (i = 0; i < NET_ENDS && !error; i++) {
		error = net_ring_init(&pair->ends[i].ring, of, i, RING_SIZE);
		net_interrupt_init(&pair->ends[i].interrupt, handle);
		netif_napi_add(of->ends[i], &pair->ends[i].napi, poll);
		pair->ends[i].added = pair->ends[i].halted = true;
	}
	rtnl_unlock();
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
	.name = "v2",
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
MODULE_DESCRIPTION("Ethernet pair, version 2: polling");
