/* SPDX-License-Identifier: GPL-2.0 */
/* An active instance of the NAT: in a network namespace, at its outside link. */
#ifndef LU_NAT_ROUTER_H
#define LU_NAT_ROUTER_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>

#include "nat/nat.h"

struct nat {
	struct swap_instance instance;
	char name[16];

	struct net *net; /* NULL: not active */
	int outside;	 /* index of its link there */
	__be32 address;	 /* its public address */
	struct nf_hook_ops hooks[NAT_DIRECTIONS];

	/* Packets that met a closed gate, and those that arrived after them. */
	spinlock_t lock;
	bool holding;
	struct list_head held;
	unsigned long kept, kept_most;
	struct mutex release;

	atomic_long_t translated, held_ever, unknown, refused;
};

/* router.c */
void nat_init(struct nat *nat);
/* Activate in the caller's namespace. */
int nat_attach(struct nat *nat, const char *link);
void nat_detach(struct nat *nat);

/* packet.c: rewrites a packet with the bound version. Returns a netfilter verdict. */
unsigned int nat_translate(struct nat *nat, const struct swap_binding *binding, struct sk_buff *skb,
			   enum nat_direction direction);

/* hold.c: holds a packet that cannot be translated now, or translates it. Returns a verdict. */
unsigned int nat_hold(struct nat *nat, struct sk_buff *skb, const struct nf_hook_state *state);
/* After the gate has opened: held packets continue, in order. May sleep. */
void nat_release(struct nat *nat);
/* No more packets arrive: drop those that are held. */
void nat_hold_drop(struct nat *nat);

static inline enum nat_direction nat_direction(const struct nf_hook_state *state)
{
	return state->hook == NF_INET_POST_ROUTING ? NAT_OUT : NAT_IN;
}

#endif
