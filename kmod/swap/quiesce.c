// SPDX-License-Identifier: GPL-2.0
/* Quiescence: waiting until no call is inside, by the method asked for, and the tracking of
 * calls that it requires. */
#include <linux/jiffies.h>

#include "swap/inside.h"

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

static enum swap_quiescence default_track;

enum swap_quiescence swap_default_track(void)
{
	return default_track;
}

int swap_set_default_track(int how)
{
	if (how != SWAP_NONE && how != SWAP_COUNTER && how != SWAP_RCU)
		return -EINVAL;
	default_track = how;
	return 0;
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
 * A grace period cannot be cancelled. One that outlasts its swap continues, and the next
 * swap waits for it first.
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

static bool needs_trace(enum swap_quiescence how)
{
	return how == SWAP_COUNTER || how == SWAP_RCU;
}

/*
 * Calls that entered earlier are not tracked, so they are waited for. Service continues
 * meanwhile: the gate is open.
 */
int swap_trace(struct swap_instance *instance, enum swap_quiescence how, unsigned long deadline)
{
	if (!needs_trace(how) || instance->track == how)
		return 0;
	if (instance->track != SWAP_NONE)
		return -EOPNOTSUPP;
	WRITE_ONCE(instance->track, how);
	return swap_drain(instance, deadline);
}

void swap_untrace(struct swap_instance *instance)
{
	WRITE_ONCE(instance->track, default_track);
}

int swap_quiesce(struct swap_instance *instance, enum swap_quiescence how, unsigned long deadline)
{
	unsigned long limit = time_before(jiffies, deadline) ? deadline - jiffies : 0;

	switch (how) {
	case SWAP_COUNTER:
		return by_counter(instance, limit);
	case SWAP_RCU:
		return by_grace_period(instance, limit);
	case SWAP_STACK:
		return swap_drain(instance, deadline);
	default:
		return 0;
	}
}
