// SPDX-License-Identifier: GPL-2.0
/* Interrupts for a device that has none: timer interrupts, at a limited rate. */
#include "net/net.h"

static unsigned int moderation_us = 100;
module_param(moderation_us, uint, 0444);
MODULE_PARM_DESC(moderation_us, "delay from an interrupt's cause to the interrupt, us");

static enum hrtimer_restart fire(struct hrtimer *timer)
{
	struct net_interrupt *interrupt = container_of(timer, struct net_interrupt, timer);

	interrupt->handle(interrupt);
	return HRTIMER_NORESTART;
}

void net_interrupt_init(struct net_interrupt *interrupt,
			void (*handle)(struct net_interrupt *interrupt))
{
	hrtimer_init(&interrupt->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	interrupt->timer.function = fire;
	spin_lock_init(&interrupt->lock);
	interrupt->masked = true;
	interrupt->pending = false;
	interrupt->handle = handle;
}
EXPORT_SYMBOL_GPL(net_interrupt_init);

void net_interrupt_raise(struct net_interrupt *interrupt)
{
	unsigned long flags;

	spin_lock_irqsave(&interrupt->lock, flags);
	if (!interrupt->masked && !interrupt->pending) {
		interrupt->pending = true;
		hrtimer_start(&interrupt->timer, ns_to_ktime((u64)moderation_us * NSEC_PER_USEC),
			      HRTIMER_MODE_REL);
	}
	spin_unlock_irqrestore(&interrupt->lock, flags);
}
EXPORT_SYMBOL_GPL(net_interrupt_raise);

void net_interrupt_acknowledge(struct net_interrupt *interrupt)
{
	unsigned long flags;

	spin_lock_irqsave(&interrupt->lock, flags);
	interrupt->pending = false;
	spin_unlock_irqrestore(&interrupt->lock, flags);
}
EXPORT_SYMBOL_GPL(net_interrupt_acknowledge);

void net_interrupt_mask(struct net_interrupt *interrupt)
{
	unsigned long flags;

	spin_lock_irqsave(&interrupt->lock, flags);
	interrupt->masked = true;
	spin_unlock_irqrestore(&interrupt->lock, flags);
	hrtimer_cancel(&interrupt->timer);
}
EXPORT_SYMBOL_GPL(net_interrupt_mask);

void net_interrupt_unmask(struct net_interrupt *interrupt)
{
	unsigned long flags;

	spin_lock_irqsave(&interrupt->lock, flags);
	interrupt->masked = false;
	interrupt->pending = false;
	spin_unlock_irqrestore(&interrupt->lock, flags);
	net_interrupt_raise(interrupt);
}
EXPORT_SYMBOL_GPL(net_interrupt_unmask);
