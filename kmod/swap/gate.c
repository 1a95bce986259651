// SPDX-License-Identifier: GPL-2.0
/*
 * The gate: where mediated calls enter and leave. An entry is announced before the gate is checked,
 * and the gate is closed before entries are counted (each with a full barrier in between), so a
 * call either sees the gate closed or is seen inside.
 */
#include <linux/ktime.h>
#include <linux/sched.h>

#include "swap/inside.h"

struct waiter {
	struct list_head list;
	const struct task_struct *task;
};

static void wait_outside(struct swap_instance *instance)
{
	struct waiter waiter = {.task = current};
	u64 begin = ktime_get_ns(), took;

	spin_lock(&instance->waiters_lock);
	list_add(&waiter.list, &instance->waiters);
	spin_unlock(&instance->waiters_lock);
	wait_event(instance->opened, !smp_load_acquire(&instance->closed));
	took = ktime_get_ns() - begin;
	spin_lock(&instance->waiters_lock);
	list_del(&waiter.list);
	instance->last.waited++;
	instance->last.wait_max_ns = max(instance->last.wait_max_ns, took);
	spin_unlock(&instance->waiters_lock);
}

/* Distinct from the two indices that srcu_read_lock() returns. */
#define COUNTED 2

/* Returns how the exit is to be announced, whatever tracking applies by then. */
static int announce(struct swap_instance *instance)
{
	switch (READ_ONCE(instance->track)) {
	case SWAP_RCU:
		return srcu_read_lock(&instance->srcu);
	case SWAP_COUNTER:
		this_cpu_inc(instance->counts->in);
		smp_mb(); /* pairs with the one in swap_gate_close() */
		return COUNTED;
	default:
		return SWAP_UNTRACKED;
	}
}

/* The binding, or NULL if not entered because the gate is closed. */
static struct swap_entry try_to_enter(struct swap_instance *instance)
{
	struct swap_entry entry = {.how = announce(instance)};

	/* Before binding and state are read, so that these are the ones after a swap. */
	if (likely(!smp_load_acquire(&instance->closed)))
		entry.binding = READ_ONCE(instance->binding);
	else
		swap_exit(instance, entry.how);
	return entry;
}

struct swap_entry swap_enter_mediated(struct swap_instance *instance)
{
	struct swap_entry entry;

	swap_drain_left();
	while (unlikely(!(entry = try_to_enter(instance)).binding))
		wait_outside(instance);
	return entry;
}
EXPORT_SYMBOL_GPL(swap_enter_mediated);

struct swap_entry swap_enter_atomic_mediated(struct swap_instance *instance)
{
	struct swap_entry entry = try_to_enter(instance);

	if (unlikely(!entry.binding))
		atomic_long_inc(&instance->kept);
	return entry;
}
EXPORT_SYMBOL_GPL(swap_enter_atomic_mediated);

void swap_exit_mediated(struct swap_instance *instance, int how)
{
	if (how != COUNTED) {
		srcu_read_unlock(&instance->srcu, how);
		return;
	}
	smp_mb(); /* the call's effects come before its exit */
	this_cpu_inc(instance->counts->out);
	smp_mb(); /* the exit comes before the check for a waiter */
	if (unlikely(READ_ONCE(instance->closed)))
		wake_up(&instance->left);
}
EXPORT_SYMBOL_GPL(swap_exit_mediated);

/*
 * Exits are summed before entries. Both only grow, so if the sums are equal there was a moment in
 * between at which no call was inside.
 */
unsigned long swap_inside(const struct swap_instance *instance)
{
	unsigned long in = 0, out = 0;
	int cpu;

	for_each_possible_cpu(cpu) out += READ_ONCE(per_cpu_ptr(instance->counts, cpu)->out);
	smp_mb(); /* see above */
	for_each_possible_cpu(cpu) in += READ_ONCE(per_cpu_ptr(instance->counts, cpu)->in);
	return in - out;
}

void swap_gate_close(struct swap_instance *instance)
{
	atomic_long_set(&instance->kept, 0);
	WRITE_ONCE(instance->closed, true);
	smp_mb(); /* pairs with the one in announce() */
}

void swap_gate_open(struct swap_instance *instance)
{
	smp_store_release(&instance->closed, false);
	wake_up_all(&instance->opened);
	instance->last.kept = atomic_long_read(&instance->kept);
	if (instance->reopened)
		instance->reopened(instance);
}

/* Called with all CPUs stopped: a task that waits at the gate has left the old code,
 * or never entered it. */
bool swap_gate_holds(const struct swap_instance *instance, const struct task_struct *task)
{
	const struct waiter *waiter;

	list_for_each_entry(waiter, &instance->waiters, list) if (waiter->task == task) return true;
	return false;
}
