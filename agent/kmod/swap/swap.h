/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hot-swap of one instance's implementation while it is being called.
 *
 * A component has versions (each a module of its own) and instances. Callers reach an instance's
 * code through its binding, a version's operations together with the state in that version's
 * layout. swap_move() waits until no call is inside the old code, lets the versions carry the
 * state over, and publishes a new binding; calls that arrive meanwhile wait at the gate.
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
	SWAP_STACK,   /* nothing of the old code is on any task's stack, with all CPUs stopped */
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
	u64 quiesce_ns, transfer_ns, closed_ns;
	unsigned long waited; /* calls that waited at the gate */
	unsigned long kept;   /* atomic calls that found it closed */
	u64 wait_max_ns;      /* the longest of them */
	unsigned long tries;  /* looks at the stacks */
};

struct swap_instance {
	const char *name;
	const char *component;
	struct module *owner; /* the code that calls swap_enter() */
	/* Optional, for who uses swap_enter_atomic(): the gate was closed and is open again, after
	 * a move or after none. Carry out what was kept meanwhile. Process context, before the next
	 * move of this instance. */
	void (*reopened)(struct swap_instance *instance);
	bool fixed; /* set by the caller: it does not come by the gate, so there are no moves */
	struct swap_binding *binding;

	enum swap_quiescence track; /* COUNTER, RCU, or NONE: calls leave no trace */
	struct swap_count __percpu *counts;
	struct srcu_struct srcu;

	bool closed; /* the gate */
	wait_queue_head_t opened, left;
	spinlock_t waiters_lock;
	struct list_head waiters;
	atomic_long_t kept; /* since the gate was closed */

	struct mutex move; /* held by whoever swaps */
	struct rcu_head grace;
	struct completion graced;
	bool grace_pending;
	struct swap_report last;
	unsigned long moves, failures;
	unsigned int fail_transfer; /* transfers to fail, for tests */

	struct kobject kobj;
	struct completion released;
	struct list_head list;
};

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

/*
 * Begin a call: the binding to use until swap_exit(). May sleep while the gate is closed. With
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
 * With tracking (COUNTER, RCU) from any context but NMI. Without it (STACK) the whole call, from
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
	/* The call before this is no tail call: else its caller would be on no stack, and a task
	 * that is on its way into the old code not be seen by STACK. */
	barrier();
	if (unlikely(how != SWAP_UNTRACKED))
		swap_exit_mediated(instance, how);
}

/*
 * For a call that begins and ends in one place, the cheapest form: with swap_is_mediated() it goes
 * by swap_enter() and swap_exit() in a function of its own that is never inlined, else straight
 * through swap_binding(), with swap_straight_exit() after it. So nothing of the framework is in the
 * caller's way but the place of the branch and one load, no register and no stack.
 */
static __always_inline bool swap_is_mediated(void)
{
	return static_branch_unlikely(&swap_mediated);
}

static __always_inline const struct swap_binding *swap_binding(const struct swap_instance *instance)
{
	return READ_ONCE(instance->binding);
}

static __always_inline void swap_straight_exit(void)
{
	barrier(); /* as in swap_exit() */
}

/* Versions come and go with their modules. A version in use pins its module. */
int swap_version_register(struct swap_version *version);
void swap_version_unregister(struct swap_version *version);
/* A module that is that version and does nothing else. */
#define module_swap_version(version)                                                               \
	module_driver(version, swap_version_register, swap_version_unregister)

/* instance->name, ->component, ->owner, ->reopened and ->fixed are set by the caller, the rest is
 * zero; state is made by that version. */
int swap_instance_register(struct swap_instance *instance, const char *version, unsigned long size);
void swap_instance_unregister(struct swap_instance *instance);

/* Inside the framework. */
struct swap_version *swap_version_get(const char *component, const char *name);
void swap_version_put(const struct swap_version *version);
int swap_move(struct swap_instance *instance, const char *to, enum swap_quiescence how,
	      unsigned int limit_ms);
void swap_gate_close(struct swap_instance *instance);
void swap_gate_open(struct swap_instance *instance);
bool swap_gate_holds(const struct swap_instance *instance, const struct task_struct *task);
unsigned long swap_inside(const struct swap_instance *instance);
/* -EOPNOTSUPP: not with this instance or kernel; -ETIMEDOUT. The gate is closed. */
int swap_quiesce(struct swap_instance *instance, enum swap_quiescence how, unsigned int limit_ms);
int swap_stack_wait(struct swap_instance *instance, unsigned long deadline);
void swap_stack_init(void);
int swap_quiescence_parse(const char *word);
extern const char *const swap_quiescence_names[SWAP_QUIESCENCES];
int swap_sysfs_init(void);
void swap_sysfs_exit(void);
int swap_sysfs_add(struct swap_instance *instance);
void swap_sysfs_remove(struct swap_instance *instance);
enum swap_quiescence swap_default_track(void);

#endif
