/* SPDX-License-Identifier: GPL-2.0 */
/* Pairs of Ethernet interfaces whose receive path is a swappable version. */
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

/* The operations of a version. */
struct net_ops {
	/* From a transmitter (its lock held, bottom halves disabled) to the ring of end
	 * `to`. false: it is full, the packet still belongs to the caller, and the sender is
	 * woken when there is room. */
	bool (*send)(void *state, unsigned int to, struct sk_buff *skb);
};

/* The neutral form: by receiving end, packets in order. */
struct net_form {
	struct net_pair *pair;
	struct sk_buff_head packets[NET_ENDS];
};

/* NULL: out of memory. */
struct net_form *net_form_new(struct net_pair *pair);
/* The form is complete: its packets are counted (module parameter carried). Here tests can make
 * errors (module parameter spoil). */
struct net_form *net_form_done(struct net_form *form);
void net_form_drop(struct net_form *form);

/*
 * The receive ring of an end. One sender and one consumer at a time; everything else only
 * while there are none.
 */
struct net_ring {
	struct ptr_ring slots;
	struct sk_buff_head before; /* imported packets beyond the slots' number; they come first */
	struct net_device *receiver, *sender;
};

int net_ring_init(struct net_ring *ring, struct net_pair *pair, unsigned int to, int size);
/* With everything in it. */
void net_ring_end(struct net_ring *ring);
bool net_ring_send(struct net_ring *ring, struct sk_buff *skb);
/* The next packet, ready for the stack, with that mark; NULL: none. Softirq context. */
struct sk_buff *net_ring_receive(struct net_ring *ring, u32 mark);
/* There is room again: wake a waiting sender. */
void net_ring_wake(struct net_ring *ring);
bool net_ring_empty(struct net_ring *ring);
void net_ring_give(struct net_ring *ring, struct sk_buff_head *packets);
void net_ring_take(struct net_ring *ring, struct sk_buff_head *packets);

/*
 * The interrupt of an end: delivered some time after it was raised (module parameter
 * moderation_us), and not again before it was acknowledged, whatever was raised meanwhile; network
 * cards moderate their interrupts likewise, and packets gather in the ring.
 */
struct net_interrupt {
	struct hrtimer timer;
	spinlock_t lock;
	bool masked, pending;
	/* In interrupt context: schedules a softirq, which ends with the acknowledgement. */
	void (*handle)(struct net_interrupt *interrupt);
};

/* Initially masked. */
void net_interrupt_init(struct net_interrupt *interrupt,
			void (*handle)(struct net_interrupt *interrupt));
void net_interrupt_raise(struct net_interrupt *interrupt);
/* Work found after this has to be raised again. */
void net_interrupt_acknowledge(struct net_interrupt *interrupt);
/* Returns when none is pending and no more can occur. May sleep. */
void net_interrupt_mask(struct net_interrupt *interrupt);
/* And raise one: packets may have arrived meanwhile. */
void net_interrupt_unmask(struct net_interrupt *interrupt);

#endif
