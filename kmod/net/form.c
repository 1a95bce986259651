// SPDX-License-Identifier: GPL-2.0
/* The neutral form of a pair's state. */
#include <linux/slab.h>

#include "net/carry.h"
#include "net/net.h"

struct net_form *net_form_new(struct net_pair *pair)
{
	struct net_form *form = kmalloc(sizeof(*form), GFP_KERNEL);
	int end;

	if (!form)
		return NULL;
	form->pair = pair;
	for (end = 0; end < NET_ENDS; end++)
		__skb_queue_head_init(&form->packets[end]);
	return form;
}
EXPORT_SYMBOL_GPL(net_form_new);

struct net_form *net_form_done(struct net_form *form)
{
	int end;

	for (end = 0; end < NET_ENDS; end++)
		carry_packets(&form->packets[end]);
	return form;
}
EXPORT_SYMBOL_GPL(net_form_done);

void net_form_drop(struct net_form *form)
{
	kfree(form);
}
EXPORT_SYMBOL_GPL(net_form_drop);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Neutral form of a network driver's state");
