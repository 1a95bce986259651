// SPDX-License-Identifier: GPL-2.0
/*
 * The switcher: whether calls go through the gate or directly to their version. For an instance
 * that has one it is a table of operations that replaces the version's, as in K42; for callers of
 * swap_enter() it is a branch in their code, shared by all instances.
 */
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "swap/inside.h"

DEFINE_STATIC_KEY_FALSE(swap_mediated);
EXPORT_SYMBOL_GPL(swap_mediated);

static LIST_HEAD(instances);
static DEFINE_MUTEX(lock); /* protects the list and each instance's routing */

static void put_in(struct swap_instance *instance)
{
	if (instance->switcher)
		WRITE_ONCE(instance->ops, instance->switcher);
	else
		static_branch_inc(&swap_mediated);
}

/*
 * A call loads the operations and then, inside the version, the state. So that no CPU uses the
 * state from before the swap with the operations from after it, every CPU is interrupted once
 * between the two stores.
 */
static void take_out(struct swap_instance *instance)
{
	if (!instance->switcher) {
		static_branch_dec(&swap_mediated);
		return;
	}
	kick_all_cpus_sync();
	smp_store_release(&instance->ops, instance->binding->ops);
}

static struct swap_instance *peer_of(const struct swap_instance *instance)
{
	struct swap_instance *peer;

	list_for_each_entry(peer, &instances, list) if (peer->owner == instance->owner) return peer;
	return NULL;
}

/* It gets as many reasons as its peers have, since each of them is removed from all. */
void swap_switcher_add(struct swap_instance *instance)
{
	const struct swap_instance *peer;

	mutex_lock(&lock);
	peer = peer_of(instance);
	if (peer)
		instance->mediated = peer->mediated;
	else
		instance->mediated = instance->track != SWAP_NONE;
	instance->ops = instance->binding->ops;
	if (instance->mediated)
		put_in(instance);
	list_add(&instance->list, &instances);
	mutex_unlock(&lock);
}

void swap_switcher_remove(struct swap_instance *instance)
{
	mutex_lock(&lock);
	list_del(&instance->list);
	if (instance->mediated)
		take_out(instance);
	mutex_unlock(&lock);
}

void swap_mediate(struct swap_instance *instance)
{
	struct swap_instance *peer;

	mutex_lock(&lock);
	list_for_each_entry(peer, &instances, list)
	{
		if (peer->owner == instance->owner && !peer->mediated++)
			put_in(peer);
	}
	mutex_unlock(&lock);
	/* With preemption a task may be interrupted between loading the operations and the call, in
	 * the thunk of an indirect call, which a stack trace cannot tell from other code. */
	if (preempt_model_preemptible())
		synchronize_rcu_tasks();
}
EXPORT_SYMBOL_GPL(swap_mediate);

void swap_bypass(struct swap_instance *instance)
{
	struct swap_instance *peer;

	mutex_lock(&lock);
	list_for_each_entry(peer, &instances, list)
	{
		if (peer->owner == instance->owner && !--peer->mediated)
			take_out(peer);
	}
	mutex_unlock(&lock);
}
EXPORT_SYMBOL_GPL(swap_bypass);
