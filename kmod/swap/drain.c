// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting for calls that are not tracked. One inspection of all stacks, with all CPUs stopped,
 * finds the tasks that are inside; each of them is then waited for until it is seen outside, or
 * passes a gate, which shows that it had left. So, as in livepatch's consistency model, each task
 * has to be outside at some moment, but not all of them at the same one.
 *
 * Sections of swap_enter_atomic() never appear on a stack: they run with preemption disabled, and a
 * CPU stops only after that.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/stop_machine.h>

#include "swap/inside.h"

#define MOST 512 /* tasks inside; if there are more, try again */

struct seen {
	struct task_struct *task;
	bool left;
};

struct drain {
	const struct swap_instance *instance;
	const struct task_struct *swapper;
	unsigned int count, more;
	struct seen seen[MOST];
};

static DEFINE_MUTEX(one_at_a_time);
static DEFINE_SPINLOCK(lock); /* protects `draining` */
static struct drain *draining;

static void mark_left(struct drain *drain, const struct task_struct *task)
{
	unsigned int i;

	for (i = 0; i < drain->count; i++)
		if (drain->seen[i].task == task)
			drain->seen[i].left = true;
}

void swap_drain_left(void)
{
	if (likely(!READ_ONCE(draining)))
		return;
	spin_lock(&lock);
	if (draining)
		mark_left(draining, current);
	spin_unlock(&lock);
}

/* Only the CPUs' stopper threads are running now. */
static bool is_inside(const struct drain *drain, const struct task_struct *task)
{
	return !task->on_cpu && task != drain->swapper && !swap_gate_holds(drain->instance, task) &&
	       swap_stack_has(task, drain->instance->owner);
}

static void note(struct drain *drain, struct task_struct *task)
{
	if (drain->count == MOST)
		drain->more++;
	else
		drain->seen[drain->count++].task = get_task_struct(task);
}

/* On one CPU, while all others spin with interrupts off. */
static int look_at_all(void *data)
{
	struct task_struct *group, *task;
	struct drain *drain = data;

	rcu_read_lock();
	for_each_process_thread(group, task)
	{
		if (is_inside(drain, task))
			note(drain, task);
	}
	rcu_read_unlock();
	return drain->count;
}

static int look_again(void *data)
{
	struct drain *drain = data;
	unsigned int i;
	int inside = 0;

	for (i = 0; i < drain->count; i++) {
		struct seen *seen = &drain->seen[i];

		seen->left = seen->left || !is_inside(drain, seen->task);
		inside += !seen->left;
	}
	return inside;
}

static void forget(struct drain *drain)
{
	unsigned int i, count;

	spin_lock(&lock);
	count = drain->count;
	drain->count = 0;
	spin_unlock(&lock);
	for (i = 0; i < count; i++) {
		put_task_struct(drain->seen[i].task);
		drain->seen[i].left = false;
	}
	drain->more = 0;
}

/* There is no notification when a stack unwinds: poll. */
static int wait_for_all(struct swap_instance *instance, struct drain *drain, unsigned long deadline)
{
	int inside;

	do {
		forget(drain);
		instance->last.tries++;
		inside = stop_machine(look_at_all, drain, NULL);
		while (inside > 0 && time_before(jiffies, deadline)) {
			usleep_range(500, 1000);
			instance->last.tries++;
			inside = stop_machine(look_again, drain, NULL);
		}
	} while (drain->more && time_before(jiffies, deadline));
	return inside > 0 || drain->more ? -ETIMEDOUT : inside;
}

static void publish(struct drain *drain)
{
	spin_lock(&lock);
	draining = drain;
	spin_unlock(&lock);
}

int swap_drain(struct swap_instance *instance, unsigned long deadline)
{
	struct drain *drain;
	int error;

	if (!swap_stack_can_look())
		return -EOPNOTSUPP;
	drain = kvzalloc(sizeof(*drain), GFP_KERNEL);
	if (!drain)
		return -ENOMEM;
	drain->instance = instance;
	drain->swapper = current;
	mutex_lock(&one_at_a_time);
	publish(drain);
	error = wait_for_all(instance, drain, deadline);
	publish(NULL);
	mutex_unlock(&one_at_a_time);
	forget(drain);
	kvfree(drain);
	return error;
}
