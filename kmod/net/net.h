/* SPDX-License-Identifier: GPL-2.0 */
/* Pairs of Ethernet interfaces whose way of receiving is a swappable version. */
#ifndef LU_NET_H
#define LU_NET_H

#include <linux/hrtimer.h>
#include <linux/netdevice.h>
#include <linux/ptr_ring.h>

#include "swap/swap.h"

#define NET_COMPONENT "net"
#define NET_ENDS      2

/* A pair: what one end sends, the other receives. */
struct net_pair {
	struct swap_instance instance;
	struct net_device *ends[NET_ENDS];
	char name[16];
};

/* What a version offers. */
struct net_ops {
	/* From one that transmits (its lock held, bottom halves off) to the ring of end
	 * `to`. false: it is full, the packet stays the caller's, and the sender is
	 * woken when there is room. */
	bool (*send)(void *state, unsigned int to, struct sk_buff *skb);
};

/* The neutral form: by receiving end, packets in order. */
struct net_form {
	struct net_pair *pair;
	struct sk_buff_head packets[NET_ENDS];
};

/* NULL: no memory. */
struct net_form *net_form_new(struct net_pair *pair);
/* It is complete: its packets are counted (module parameter carried). Here tests let something go
 * wrong with it (module parameter spoil). */
struct net_form *net_form_done(struct net_form *form);
void net_form_drop(struct net_form *form);

/*
 * The receive ring of an end. One sends and one consumes at a time; all else
 * only while nobody does.
 */
struct net_ring {
	struct ptr_ring slots;
	struct sk_buff_head before; /* taken over, more than the slots hold: come first */
	struct net_device *receiver, *sender;
};

int net_ring_init(struct net_ring *ring, struct net_pair *pair, unsigned int to, int size);
/* With all that is in it. */
void net_ring_end(struct net_ring *ring);
bool net_ring_send(struct net_ring *ring, struct sk_buff *skb);
/* The next packet, ready for the stack and with that mark; NULL: none. In softirq context. */
struct sk_buff *net_ring_receive(struct net_ring *ring, u32 mark);
/* There is room again: for a sender who waits. */
void net_ring_wake(struct net_ring *ring);
bool net_ring_empty(struct net_ring *ring);
void net_ring_give(struct net_ring *ring, struct sk_buff_head *packets);
void net_ring_take(struct net_ring *ring, struct sk_buff_head *packets);

/*
 * The interrupt of an end: comes so many us after it was raised (module parameter moderation_us),
 * and not again before it was acknowledged, whatever was raised meanwhile; network cards limit
 * their interrupts likewise, and packets gather in the ring.
 */
struct net_interrupt {
	struct hrtimer timer;
	spinlock_t lock;
	bool masked, pending;
	/* In the interrupt: has the work done in a softirq, which ends with the acknowledgement. */
	void (*handle)(struct net_interrupt *interrupt);
};

/* Masked, to begin with. */
void net_interrupt_init(struct net_interrupt *interrupt,
			void (*handle)(struct net_interrupt *interrupt));
void net_interrupt_raise(struct net_interrupt *interrupt);
/* What is found after it has to be raised anew. */
void net_interrupt_acknowledge(struct net_interrupt *interrupt);
/* Returns when none is pending, and none comes any more. May sleep. */
void net_interrupt_mask(struct net_interrupt *interrupt);
/* And raise one: something may have come meanwhile. */
void net_interrupt_unmask(struct net_interrupt *interrupt);

#endif
