// SPDX-License-Identifier: GPL-2.0
/* The neutral form of a pair's state. */
#include <linux/slab.h>

#include "net/net.h"

static char *spoil = "none";
module_param(spoil, charp, 0444);
MODULE_PARM_DESC(spoil, "what goes wrong in a transfer, for tests: none, lose or reverse");

static unsigned long carried;
module_param(carried, ulong, 0444);
MODULE_PARM_DESC(carried, "packets that were carried over in moves so far");

static DEFINE_MUTEX(counting);

struct net_image *net_image_new(struct net_pair *pair)
{
	struct net_image *image = kmalloc(sizeof(*image), GFP_KERNEL);
	int end;

	if (!image)
		return NULL;
	image->pair = pair;
	for (end = 0; end < NET_ENDS; end++)
		__skb_queue_head_init(&image->packets[end]);
	return image;
}
EXPORT_SYMBOL_GPL(net_image_new);

static void reverse(struct sk_buff_head *packets)
{
	struct sk_buff_head turned;
	struct sk_buff *skb;

	__skb_queue_head_init(&turned);
	while ((skb = __skb_dequeue(packets)))
		__skb_queue_head(&turned, skb);
	skb_queue_splice(&turned, packets);
}

struct net_image *net_image_done(struct net_image *image)
{
	int end;

	mutex_lock(&counting);
	for (end = 0; end < NET_ENDS; end++) {
		carried += skb_queue_len(&image->packets[end]);
		if (!strcmp(spoil, "lose"))
			kfree_skb(__skb_dequeue(&image->packets[end]));
		else if (!strcmp(spoil, "reverse"))
			reverse(&image->packets[end]);
	}
	mutex_unlock(&counting);
	return image;
}
EXPORT_SYMBOL_GPL(net_image_done);

void net_image_drop(struct net_image *image)
{
	kfree(image);
}
EXPORT_SYMBOL_GPL(net_image_drop);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Packets under way in the form that all versions understand");
