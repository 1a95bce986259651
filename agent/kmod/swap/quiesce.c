// SPDX-License-Identifier: GPL-2.0
/* Waiting until no call is inside, by the method that was asked for. */
#include <linux/jiffies.h>

#include "swap/swap.h"

const char *const swap_quiescence_names[SWAP_QUIESCENCES] = {
	[SWAP_NONE] = "none",
	[SWAP_COUNTER] = "counter",
	[SWAP_RCU] = "rcu",
	[SWAP_STACK] = "stack",
};

int swap_quiescence_parse(const char *word)
{
	return match_string(swap_quiescence_names, SWAP_QUIESCENCES, word);
}

static int by_counter(struct swap_instance *instance, unsigned long limit)
{
	return wait_event_timeout(instance->left, !swap_inside(instance), limit) ? 0 : -ETIMEDOUT;
}

static void graced(struct rcu_head *head)
{
	complete(&container_of(head, struct swap_instance, grace)->graced);
}

/*
 * A grace period cannot be called off. One that outlasts its move goes on, and the next move waits
 * for it first.
 */
static int by_grace_period(struct swap_instance *instance, unsigned long limit)
{
	unsigned long end = jiffies + limit;

	for (;;) {
		bool fresh = !instance->grace_pending;
		long left = (long)(end - jiffies);

		if (fresh) {
			reinit_completion(&instance->graced);
			instance->grace_pending = true;
			call_srcu(&instance->srcu, &instance->grace, graced);
		}
		if (left <= 0 || !wait_for_completion_timeout(&instance->graced, left))
			return -ETIMEDOUT;
		instance->grace_pending = false;
		if (fresh)
			return 0;
	}
}

int swap_quiesce(struct swap_instance *instance, enum swap_quiescence how, unsigned int limit_ms)
{
	unsigned long limit = msecs_to_jiffies(limit_ms);

	if (how == SWAP_NONE)
		return 0;
	if (how == SWAP_STACK)
		return swap_stack_wait(instance, jiffies + limit);
	/* Calls that left no trace cannot be counted. */
	if (how != instance->track)
		return -EOPNOTSUPP;
	return how == SWAP_COUNTER ? by_counter(instance, limit) : by_grace_period(instance, limit);
}
