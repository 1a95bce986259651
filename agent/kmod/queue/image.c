// SPDX-License-Identifier: GPL-2.0
/* The neutral form of a scheduler's state. */
#include <linux/slab.h>

#include "queue/queue.h"

static char *spoil = "none";
module_param(spoil, charp, 0444);
MODULE_PARM_DESC(spoil, "what goes wrong in a transfer, for tests: none, lose or reverse");

static unsigned long carried;
module_param(carried, ulong, 0444);
MODULE_PARM_DESC(carried, "packets that were carried over in moves so far");

static DEFINE_MUTEX(counting);

struct queue_image *queue_image_new(void)
{
	struct queue_image *image = kmalloc(sizeof(*image), GFP_KERNEL);

	if (image)
		__skb_queue_head_init(&image->packets);
	return image;
}
EXPORT_SYMBOL_GPL(queue_image_new);

static void reverse(struct sk_buff_head *packets)
{
	struct sk_buff_head turned;
	struct sk_buff *skb;

	__skb_queue_head_init(&turned);
	while ((skb = __skb_dequeue(packets)))
		__skb_queue_head(&turned, skb);
	skb_queue_splice(&turned, packets);
}

struct queue_image *queue_image_done(struct queue_image *image)
{
	mutex_lock(&counting);
	carried += skb_queue_len(&image->packets);
	mutex_unlock(&counting);
	if (!strcmp(spoil, "lose"))
		kfree_skb(__skb_dequeue(&image->packets));
	else if (!strcmp(spoil, "reverse"))
		reverse(&image->packets);
	return image;
}
EXPORT_SYMBOL_GPL(queue_image_done);

void queue_image_drop(struct queue_image *image)
{
	kfree(image);
}
EXPORT_SYMBOL_GPL(queue_image_drop);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Queued packets in the form that all versions understand");
