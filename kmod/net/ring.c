// SPDX-License-Identifier: GPL-2.0
/* Receive rings, whose size depends on the version. */
#include "net/net.h"

int net_ring_init(struct net_ring *ring, struct net_pair *pair, unsigned int to, int size)
{
	__skb_queue_head_init(&ring->before);
	ring->receiver = pair->ends[to];
	ring->sender = pair->ends[!to];
	return ptr_ring_init(&ring->slots, size, GFP_KERNEL);
}
EXPORT_SYMBOL_GPL(net_ring_init);

/* The ring's locks are taken in softirqs while it is in use, so softirqs are
 * disabled here as well. */
void net_ring_end(struct net_ring *ring)
{
	struct sk_buff *skb;

	__skb_queue_purge(&ring->before);
	if (!ring->slots.queue)
		return;
	while ((skb = ptr_ring_consume_bh(&ring->slots)))
		kfree_skb(skb);
	ptr_ring_cleanup(&ring->slots, NULL);
}
EXPORT_SYMBOL_GPL(net_ring_end);

bool net_ring_send(struct net_ring *ring, struct sk_buff *skb)
{
	if (!ptr_ring_produce(&ring->slots, skb))
		return true;
	netif_stop_queue(ring->sender);
	smp_mb(); /* pairs with the one in net_ring_wake() */
	if (!ptr_ring_full(&ring->slots))
		netif_start_queue(ring->sender);
	return false;
}
EXPORT_SYMBOL_GPL(net_ring_send);

void net_ring_wake(struct net_ring *ring)
{
	smp_mb(); /* the slot is free before checking for a waiting sender */
	if (unlikely(netif_queue_stopped(ring->sender)))
		netif_wake_queue(ring->sender);
}
EXPORT_SYMBOL_GPL(net_ring_wake);

bool net_ring_empty(struct net_ring *ring)
{
	return skb_queue_empty(&ring->before) && __ptr_ring_empty(&ring->slots);
}
EXPORT_SYMBOL_GPL(net_ring_empty);

static struct sk_buff *next(struct net_ring *ring)
{
	struct sk_buff *skb = __skb_dequeue(&ring->before);

	return skb ?: ptr_ring_consume(&ring->slots);
}

struct sk_buff *net_ring_receive(struct net_ring *ring, u32 mark)
{
	struct sk_buff *skb;

	while ((skb = next(ring))) {
		unsigned int len = skb->len;

		/* Counts and drops packets for an interface that is down. */
		if (__dev_forward_skb(ring->receiver, skb) != NET_RX_SUCCESS)
			continue;
		dev_sw_netstats_rx_add(ring->receiver, len);
		skb->mark = mark;
		return skb;
	}
	return NULL;
}
EXPORT_SYMBOL_GPL(net_ring_receive);

/* In process context: _bh as in net_ring_end(). */
void net_ring_give(struct net_ring *ring, struct sk_buff_head *packets)
{
	struct sk_buff *skb;

	skb_queue_splice_tail_init(&ring->before, packets);
	while ((skb = ptr_ring_consume_bh(&ring->slots)))
		__skb_queue_tail(packets, skb);
}
EXPORT_SYMBOL_GPL(net_ring_give);

void net_ring_take(struct net_ring *ring, struct sk_buff_head *packets)
{
	skb_queue_splice_tail_init(packets, &ring->before);
}
EXPORT_SYMBOL_GPL(net_ring_take);
