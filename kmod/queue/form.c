// SPDX-License-Identifier: GPL-2.0
/* The neutral form of a scheduler's state. */
#include <linux/slab.h>

#include "net/carry.h"
#include "queue/queue.h"

struct queue_form *queue_form_new(void)
{
	struct queue_form *form = kmalloc(sizeof(*form), GFP_KERNEL);

	if (form)
		__skb_queue_head_init(&form->packets);
	return form;
}
EXPORT_SYMBOL_GPL(queue_form_new);

struct queue_form *queue_form_done(struct queue_form *form)
{
	carry_packets(&form->packets);
	return form;
}
EXPORT_SYMBOL_GPL(queue_form_done);

void queue_form_drop(struct queue_form *form)
{
	kfree(form);
}
EXPORT_SYMBOL_GPL(queue_form_drop);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Neutral form of a packet scheduler's state");
