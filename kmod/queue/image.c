// SPDX-License-Identifier: GPL-2.0
/* The neutral form of a scheduler's state. */
#include <linux/slab.h>

#include "net/carry.h"
#include "queue/queue.h"

struct queue_image *queue_image_new(void)
{
	struct queue_image *image = kmalloc(sizeof(*image), GFP_KERNEL);

	if (image)
		__skb_queue_head_init(&image->packets);
	return image;
}
EXPORT_SYMBOL_GPL(queue_image_new);

struct queue_image *queue_image_done(struct queue_image *image)
{
	carry_packets(&image->packets);
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
