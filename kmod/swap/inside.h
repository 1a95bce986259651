/* SPDX-License-Identifier: GPL-2.0 */
/* Internal interfaces of the framework. */
#ifndef LU_SWAP_INSIDE_H
#define LU_SWAP_INSIDE_H

#include "swap/swap.h"

struct swap_version *swap_version_get(const char *component, const char *name);
void swap_version_put(const struct swap_version *version);

int swap_perform(struct swap_instance *instance, const char *to, enum swap_quiescence how,
		 unsigned int limit_ms);

void swap_gate_close(struct swap_instance *instance);
void swap_gate_open(struct swap_instance *instance);
bool swap_gate_holds(const struct swap_instance *instance, const struct task_struct *task);
unsigned long swap_inside(const struct swap_instance *instance);

/* Register an instance with swap_mediate(). */
void swap_switcher_add(struct swap_instance *instance);
void swap_switcher_remove(struct swap_instance *instance);

/*
 * With calls mediated and the gate open: once this returns, every call that is inside is tracked
 * for `how` (until swap_untrace()). -ETIMEDOUT; -EOPNOTSUPP: not supported by this kernel, or the
 * instance's calls are tracked differently. deadline in jiffies.
 */
int swap_trace(struct swap_instance *instance, enum swap_quiescence how, unsigned long deadline);
void swap_untrace(struct swap_instance *instance);
/* With the gate closed: wait until no call is inside any more. Errors as above. */
int swap_quiesce(struct swap_instance *instance, enum swap_quiescence how, unsigned long deadline);

/*
 * Wait until every task that is inside has left: it was seen outside, or it passed a gate. Calls
 * must be mediated. Errors as above.
 */
int swap_drain(struct swap_instance *instance, unsigned long deadline);
/* The current task passes a gate, so it has left any earlier call. */
void swap_drain_left(void);

/* With all CPUs stopped: whether the task is inside a call of an instance of this owner. If that
 * cannot be determined it counts as inside. */
bool swap_stack_has(const struct task_struct *task, const struct module *owner);
bool swap_stack_can_look(void);
void swap_stack_init(void);

int swap_quiescence_parse(const char *word);
extern const char *const swap_quiescence_names[SWAP_QUIESCENCES];
int swap_sysfs_init(void);
void swap_sysfs_exit(void);
int swap_sysfs_add(struct swap_instance *instance);
void swap_sysfs_remove(struct swap_instance *instance);
/* How calls are tracked from the first one on: one of the methods that need tracking, or none. Set
 * before there is an instance; else -EINVAL. */
enum swap_quiescence swap_default_track(void);
int swap_set_default_track(int how);

#endif
