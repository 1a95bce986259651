/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hot-swap of one instance's implementation while it is being called.
 *
 * A component has versions (each a module of its own) and instances. Callers reach an instance's
 * code through its operations and its state, whose layout depends on the version. A swap routes
 * calls through the switcher, waits until no call is inside the old code (quiescence), has the
 * versions transfer the state, and takes the switcher out again; calls that arrive meanwhile wait
 * at its gate. The phases are those of K42 (Soules et al., "System Support for Online
 * Reconfiguration", USENIX 2003): forward, block, transfer.
 */
#ifndef LU_SWAP_H
#define LU_SWAP_H

#include <linux/device/driver.h>
#include <linux/jump_label.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/wait.h>

/* How quiescence, that no call is inside, is detected. */
enum swap_quiescence {
	SWAP_NONE,    /* not at all: unsafe, to show what breaks */
	SWAP_COUNTER, /* per-CPU counters of entries and exits */
	SWAP_RCU,     /* a grace period of the instance's own SRCU domain */
	SWAP_STACK,   /* no call is on any task's stack, with all CPUs stopped */
	SWAP_QUIESCENCES
};

struct swap_version {
	const char *component;
	const char *name; /* "v1" */
	struct module *owner;
	const void *ops; /* the operations that callers use */
	/* Create the state of a new instance, or an ERR_PTR. size is in a unit of the component. */
	void *(*create)(unsigned long size);
	void (*destroy)(void *state);
	/* Optional: stop and restart background activity (workers). In between the version does
	 * not touch the state. */
	void (*halt)(void *state);
	void (*resume)(void *state);
	/* Export the state in the component's neutral form, for any version to import. What is not
	 * handed over stays for destroy(). If it fails, nothing has changed. */
	void *(*give)(void *state);
	/* Import a state from that form, which is consumed; on an ERR_PTR the form is unchanged. */
	void *(*take)(void *form);
	/* Take back what give() handed over, because the other version could not
	 * import it. Cannot fail. */
	void (*regain)(void *state, void *form);
	struct list_head list;
};

struct swap_binding {
	const struct swap_version *version;
	const void *ops;
	void *state;
};

struct swap_count {
	unsigned long in, out;
};

/* Figures of the last swap; times in ns. */
struct swap_report {
	int error;
	u64 trace_ns; /* until every call was tracked, the gate still open */
	u64 quiesce_ns, transfer_ns, closed_ns;
	unsigned long waited; /* calls that waited at the gate */
	unsigned long kept;   /* atomic calls that found it closed */
	u64 wait_max_ns;      /* the longest of them */
	unsigned long tries;  /* inspections of the stacks */
};

struct swap_instance {
	/* What a call needs, accessed by swap_ops() and, inside the version, swap_state(). */
	const void *ops;
	void *state;

	const char *name;
	const char *component;
	struct module *owner; /* the calling code: its stack frames show which tasks are inside */
	/* Optional: the component's operations through the gate (swap_gate_enter()). Not needed if
	 * all callers use swap_enter() and swap_enter_atomic(). */
	const void *switcher;
	/* Optional, for callers that use swap_enter_atomic(): the gate was closed and is open
	 * again, whether or not the swap succeeded. Carry out what was kept meanwhile. Process
	 * context, before the next swap of this instance. */
	void (*reopened)(struct swap_instance *instance);
	/* set by the caller: it never uses the gate, so the instance cannot be swapped */
	bool fixed;
	struct swap_binding *binding;

	/* how calls through the gate are tracked: COUNTER, RCU, or NONE */
	enum swap_quiescence track;
	unsigned int mediated; /* number of reasons for its calls to use the gate */
	struct swap_count __percpu *counts;
	struct srcu_struct srcu;

	bool closed; /* the gate */
	wait_queue_head_t opened, left;
	spinlock_t waiters_lock;
	struct list_head waiters;
	atomic_long_t kept; /* since the gate was closed */

	struct mutex swapping; /* held during a swap */
	struct rcu_head grace;
	struct completion graced;
	bool grace_pending;
	struct swap_report last;
	unsigned long swaps, failures;
	unsigned int fail_transfer; /* transfers to fail, for tests */

	struct kobject kobj;
	struct completion released;
	struct list_head list;
};

/*
 * A call of an operation whose first argument is the instance:
 *
 * 	const struct NAME_ops *ops = swap_ops(&instance);
 *
 * 	ops->submit(&instance, …);
 * 	swap_called();
 *
 * This is a call of a driver's operations, and nothing more: normally ops are the version's own,
 * and during a swap those of the switcher. A version must not call an instance of the same owner: a
 * task that passes a gate counts as having left any earlier call.
 */
static __always_inline const void *swap_ops(const struct swap_instance *instance)
{
	return READ_ONCE(instance->ops);
}

/* Keeps the preceding call from becoming a tail call: else its caller would be on no stack, and a
 * task about to enter the old code would not be seen. Generates no code. */
static __always_inline void swap_called(void)
{
	barrier();
}

/* Use in a version's operation, once and before anything else. */
static __always_inline void *swap_state(const struct swap_instance *instance)
{
	return READ_ONCE(instance->state);
}

/*
 * The other form, for a section that uses the binding several times or must not sleep:
 * from swap_enter() or swap_enter_atomic() to swap_exit(). A static branch takes the
 * place of the switcher.
 */
DECLARE_STATIC_KEY_FALSE(swap_mediated);

/* By value, so that it stays in registers: a variable whose address is taken costs the caller stack
 * space, and the stack protector, on the fast path that does not need it. */
struct swap_entry {
	const struct swap_binding *binding;
	long how;
};
struct swap_entry swap_enter_mediated(struct swap_instance *instance);
struct swap_entry swap_enter_atomic_mediated(struct swap_instance *instance);
void swap_exit_mediated(struct swap_instance *instance, int how);

#define SWAP_UNTRACKED (-1)

/* In the switcher's operations: through the gate to the version's operations, until swap_exit(). */
static __always_inline const void *swap_gate_enter(struct swap_instance *instance, int *how)
{
	struct swap_entry entry = swap_enter_mediated(instance);

	*how = entry.how;
	return entry.binding->ops;
}

/*
 * Begin a section: the binding to use until swap_exit(). May sleep while the gate is
 * closed. Without tracking and without a swap in progress this is one load; the branch is
 * patched out of the code.
 */
static __always_inline const struct swap_binding *swap_enter(struct swap_instance *instance,
							     int *how)
{
	struct swap_entry entry;

	*how = SWAP_UNTRACKED;
	if (!static_branch_unlikely(&swap_mediated))
		return READ_ONCE(instance->binding);
	entry = swap_enter_mediated(instance);
	*how = entry.how;
	return entry.binding;
}

/*
 * The same for callers that must not sleep. NULL while the gate is closed, and then there is no
 * swap_exit(): the caller queues the work, and does it in reopened().
 *
 * A call that decides to queue must hold the lock under which reopened() takes the queue: else the
 * gate could open in between, and the work would stay queued for ever. A first try without the lock
 * is fine, if it is repeated under it. To preserve the order, work that arrives while the queue is
 * not empty is queued too.
 *
 * With tracking (COUNTER, RCU), callable from any context but NMI. Without it (STACK) the whole
 * section, from here to swap_exit(), must run with preemption or bottom halves disabled, as in a
 * softirq: then no CPU can be stopped in the middle of it, and no stack has to be inspected.
 */
static __always_inline const struct swap_binding *swap_enter_atomic(struct swap_instance *instance,
								    int *how)
{
	struct swap_entry entry;

	*how = SWAP_UNTRACKED;
	if (!static_branch_unlikely(&swap_mediated))
		return READ_ONCE(instance->binding);
	entry = swap_enter_atomic_mediated(instance);
	*how = entry.how;
	return entry.binding;
}

static __always_inline void swap_exit(struct swap_instance *instance, int how)
{
	swap_called();
	if (unlikely(how != SWAP_UNTRACKED))
		swap_exit_mediated(instance, how);
}

/* Versions come and go with their modules. A version in use pins its module. */
int swap_version_register(struct swap_version *version);
void swap_version_unregister(struct swap_version *version);
/* Defines a module that registers that version and does nothing else. */
#define module_swap_version(version)                                                               \
	module_driver(version, swap_version_register, swap_version_unregister)

/* instance->name, ->component, ->owner, ->switcher, ->reopened and ->fixed are set by the caller,
 * the rest is zero; that version creates the state. */
int swap_instance_register(struct swap_instance *instance, const char *version, unsigned long size);
void swap_instance_unregister(struct swap_instance *instance);

/*
 * Route calls of this instance through the gate, until swap_bypass(); nests. The same applies to
 * all instances with the same owner, so that every task that begins a call is noticed
 * (swap_drain()). May sleep.
 */
void swap_mediate(struct swap_instance *instance);
void swap_bypass(struct swap_instance *instance);

#endif
