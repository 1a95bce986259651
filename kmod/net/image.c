// SPDX-License-Identifier: GPL-2.0
/* The neutral form of a pair's state. */
#include <linux/slab.h>

#include "net/carry.h"
#include "net/net.h"

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

struct net_image *net_image_done(struct net_image *image)
{
	int end;

	for (end = 0; end < NET_ENDS; end++)
		carry_packets(&image->packets[end]);
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
