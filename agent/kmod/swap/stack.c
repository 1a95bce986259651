// SPDX-License-Identifier: GPL-2.0
/*
 * Quiescence by looking: with all CPUs stopped, no task's stack holds an address of the old version
 * or of the code between swap_enter() and swap_exit(). A task that waits at the gate does not
 * count. What cannot be unwound reliably counts as inside. Calls of swap_enter_atomic() are on no
 * stack by then: they are made with preemption off, and a CPU stops only when that is over.
 *
 * The reliable unwinder is livepatch's and is not exported; its address comes from a kprobe that is
 * registered and removed again. A kernel without it (HAVE_RELIABLE_STACKTRACE) or without kprobes
 * has no such method, and says so.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/stacktrace.h>
#include <linux/stop_machine.h>

#include "swap/swap.h"

#define DEPTH 64 /* frames; a deeper stack counts as inside */

typedef int (*unwind_fn)(struct task_struct *task, unsigned long *store, unsigned int size);

static unwind_fn unwind;

/* A probe sits beyond what a call has to begin with: behind the loading of the table of contents on
 * ppc64, behind the mark of an indirect branch's target on x86. */
static unsigned long entry_of(const void *probed)
{
	char symbol[KSYM_SYMBOL_LEN];
	unsigned long offset = 0;
	const char *plus;

	sprint_symbol(symbol, (unsigned long)probed);
	plus = strchr(symbol, '+');
	if (plus)
		sscanf(plus, "+0x%lx", &offset);
	return (unsigned long)probed - offset;
}

void swap_stack_init(void)
{
#if defined(CONFIG_KPROBES) && defined(CONFIG_HAVE_RELIABLE_STACKTRACE)
	struct kprobe probe = {.symbol_name = "stack_trace_save_tsk_reliable"};

	if (register_kprobe(&probe))
		return;
	unwind = (unwind_fn)entry_of(probe.addr);
	unregister_kprobe(&probe);
#endif
}

struct look {
	const struct swap_instance *instance;
	const struct task_struct *swapper;
	unsigned long frames[DEPTH];
};

static bool is_inside(struct look *look, struct task_struct *task)
{
	const struct swap_instance *instance = look->instance;
	const struct swap_version *version = instance->binding->version;
	int n;

	/* What runs now are the CPUs' stoppers, and nothing else. */
	if (task->on_cpu || task == look->swapper || swap_gate_holds(instance, task))
		return false;
	n = unwind(task, look->frames, DEPTH);
	if (n < 0)
		return true;
	while (n-- > 0)
		if (within_module(look->frames[n], version->owner) ||
		    within_module(look->frames[n], instance->owner))
			return true;
	return false;
}

/* On one CPU, while all others spin with interrupts off. */
static int look_at_all(void *data)
{
	struct look *look = data;
	struct task_struct *group, *task;
	int inside = 0;

	rcu_read_lock();
	for_each_process_thread(group, task) inside += is_inside(look, task);
	rcu_read_unlock();
	return inside;
}

int swap_stack_wait(struct swap_instance *instance, unsigned long deadline)
{
	struct look *look;
	int inside;

	if (!unwind)
		return -EOPNOTSUPP;
	look = kzalloc(sizeof(*look), GFP_KERNEL);
	if (!look)
		return -ENOMEM;
	look->instance = instance;
	look->swapper = current;
	for (;;) {
		instance->last.tries++;
		inside = stop_machine(look_at_all, look, NULL);
		if (inside <= 0 || time_after_eq(jiffies, deadline))
			break;
		/* Nothing tells when a stack unwinds: look again. */
		usleep_range(500, 1000);
	}
	kfree(look);
	return inside > 0 ? -ETIMEDOUT : inside;
}
