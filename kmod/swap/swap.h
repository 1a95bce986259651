/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hot-swap of one instance's implementation while it is being called.
 *
 * A component has versions (each a module of its own) and instances. Callers reach an instance's
 * code through its operations and its state, which a version has in a layout of its own. A move
 * puts the switcher in the calls' way, waits until no call is inside the old code, lets the
 * versions carry the state over, and takes the switcher out again; calls that arrive meanwhile wait
 * at its gate. The phases are K42's (Soules et al., "System Support for Online Reconfiguration",
 * USENIX 2003): forward, block, transfer.
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

/* How it is known that no call is inside. */
enum swap_quiescence {
	SWAP_NONE,    /* it is not: unsafe, to show what breaks */
	SWAP_COUNTER, /* per-CPU counters of entries and exits */
	SWAP_RCU,     /* a grace period of the instance's own SRCU domain */
	SWAP_STACK,   /* no call is on any task's stack, with all CPUs stopped */
	SWAP_QUIESCENCES
};

struct swap_version {
	const char *component;
	const char *name; /* "v1" */
	struct module *owner;
	const void *ops; /* what callers get */
	/* The state of a new instance, or an ERR_PTR. size is the component's own unit. */
	void *(*create)(unsigned long size);
	void (*destroy)(void *state);
	/* Optional: stop and restart what runs by itself (workers). In between nothing of the
	 * version touches the state. */
	void (*halt)(void *state);
	void (*resume)(void *state);
	/* The state in the component's neutral form, for any version to take. What it does not
	 * pass on stays for destroy(). May fail and then has changed nothing. */
	void *(*give)(void *state);
	/* A state of this version made of that form, which it consumes; an ERR_PTR leaves the form
	 * as it was. */
	void *(*take)(void *form);
	/* Put what give() passed on back: the other version could not take it. Cannot fail. */
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

/* What the last move took; times in ns. */
struct swap_report {
	int error;
	u64 trace_ns; /* until every call left a trace, the gate still open */
	u64 quiesce_ns, transfer_ns, closed_ns;
	unsigned long waited; /* calls that waited at the gate */
	unsigned long kept;   /* atomic calls that found it closed */
	u64 wait_max_ns;      /* the longest of them */
	unsigned long tries;  /* looks at the stacks */
};

struct swap_instance {
	/* What a call needs, by swap_ops() and, inside the version, swap_state(). */
	const void *ops;
	void *state;

	const char *name;
	const char *component;
	struct module *owner; /* the code that makes the calls: its frames show who is inside */
	/* Optional: the component's operations by way of the gate (swap_gate_enter()). Callers
	 * that come by swap_enter() and swap_enter_atomic() alone do without. */
	const void *switcher;
	/* Optional, for who uses swap_enter_atomic(): the gate was closed and is open again, after
	 * a move or after none. Carry out what was kept meanwhile. Process context, before the next
	 * move of this instance. */
	void (*reopened)(struct swap_instance *instance);
	bool fixed; /* set by the caller: it does not come by the gate, so there are no moves */
	struct swap_binding *binding;

	enum swap_quiescence track; /* what calls by the gate leave: COUNTER, RCU, or NONE */
	unsigned int mediated;	    /* reasons for its calls to come by the gate */
	struct swap_count __percpu *counts;
	struct srcu_struct srcu;

	bool closed; /* the gate */
	wait_queue_head_t opened, left;
	spinlock_t waiters_lock;
	struct list_head waiters;
	atomic_long_t kept; /* since the gate was closed */

	struct mutex swapping; /* held by whoever swaps */
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
 *	const struct NAME_ops *ops = swap_ops(&instance);
 *
 *	ops->submit(&instance, …);
 *	swap_called();
 *
 * It is a call of any driver's operations, and nothing more: while nothing moves ops are the
 * version's own, and during a move those of the switcher. A version itself calls no instance of the
 * same owner: who comes by a gate counts as having left whatever call it was in.
 */
static __always_inline const void *swap_ops(const struct swap_instance *instance)
{
	return READ_ONCE(instance->ops);
}

/* The call before this is no tail call: else its caller would be on no stack, and a task that is on
 * its way into the old code not be seen. Nothing is executed for it. */
static __always_inline void swap_called(void)
{
	barrier();
}

/* In a version's operation, once and before anything else. */
static __always_inline void *swap_state(const struct swap_instance *instance)
{
	return READ_ONCE(instance->state);
}

/*
 * The other form, for a section that uses the binding several times or must not sleep: from
 * swap_enter() or swap_enter_atomic() to swap_exit(). A static branch stands where the switcher
 * would.
 */
DECLARE_STATIC_KEY_FALSE(swap_mediated);

/* By value, so that it stays in registers: a variable whose address is taken costs a caller stack,
 * and the stack's protector, on the way that does not need it. */
struct swap_entry {
	const struct swap_binding *binding;
	long how;
};
struct swap_entry swap_enter_mediated(struct swap_instance *instance);
struct swap_entry swap_enter_atomic_mediated(struct swap_instance *instance);
void swap_exit_mediated(struct swap_instance *instance, int how);

#define SWAP_UNTRACKED (-1)

/* In the switcher's operations: by the gate to the version's operations, until swap_exit(). */
static __always_inline const void *swap_gate_enter(struct swap_instance *instance, int *how)
{
	struct swap_entry entry = swap_enter_mediated(instance);

	*how = entry.how;
	return entry.binding->ops;
}

/*
 * Begin a section: the binding to use until swap_exit(). May sleep while the gate is closed. With
 * nothing tracked and no move under way this is one load; the branch is patched out of the code.
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
 * swap_exit(): the caller keeps what it wanted done, and does it in reopened().
 *
 * The call that decides to keep holds the lock under which reopened() takes what was kept: else
 * the gate could open in between, and the kept would stay for ever. A first try without the lock is
 * fine, if it is repeated under it. So that nothing is overtaken, what comes while something is
 * kept is kept too.
 *
 * With tracking (COUNTER, RCU) from any context but NMI. Without it (STACK) the whole section, from
 * here to swap_exit(), must be made with preemption or bottom halves off, as in a softirq: then no
 * CPU can be stopped in the middle of it, and no stack has to be looked at.
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
/* A module that is that version and does nothing else. */
#define module_swap_version(version)                                                               \
	module_driver(version, swap_version_register, swap_version_unregister)

/* instance->name, ->component, ->owner, ->switcher, ->reopened and ->fixed are set by the caller,
 * the rest is zero; state is made by that version. */
int swap_instance_register(struct swap_instance *instance, const char *version, unsigned long size);
void swap_instance_unregister(struct swap_instance *instance);

/*
 * Calls of this instance come by the gate, until swap_bypass(); nests. So do those of all instances
 * with the same owner: then every task that begins a call is seen to (swap_drain()). May sleep.
 */
void swap_mediate(struct swap_instance *instance);
void swap_bypass(struct swap_instance *instance);

#endif
