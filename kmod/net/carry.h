/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets that a swap carries over in the neutral form: counted, and spoilt on request, to
 * test that this is detected. Counts and parameters belong to the module that includes this
 * file, which only one may.
 */
#ifndef LU_NET_CARRY_H
#define LU_NET_CARRY_H

#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/skbuff.h>
#include <linux/string.h>

static char *spoil = "none";
module_param(spoil, charp, 0444);
MODULE_PARM_DESC(spoil, "error made in a transfer, for tests: none, lose or reverse");

static unsigned long carried;
module_param(carried, ulong, 0444);
MODULE_PARM_DESC(carried, "packets carried over in swaps so far");

static DEFINE_MUTEX(carry_count);

static void carry_reversed(struct sk_buff_head *packets)
{
	struct sk_buff_head turned;
	struct sk_buff *skb;

	__skb_queue_head_init(&turned);
	while ((skb = __skb_dequeue(packets)))
		__skb_queue_head(&turned, skb);
	skb_queue_splice(&turned, packets);
}

/* The packets are complete and in order. */
static void carry_packets(struct sk_buff_head *packets)
{
	mutex_lock(&carry_count);
	carried += skb_queue_len(packets);
	mutex_unlock(&carry_count);
	if (!strcmp(spoil, "lose"))
		kfree_skb(__skb_dequeue(packets));
	else if (!strcmp(spoil, "reverse"))
		carry_reversed(packets);
}

#endif
