/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the framework are to each other. */
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

/* The instance is among those that swap_mediate() minds. */
void swap_switcher_add(struct swap_instance *instance);
void swap_switcher_remove(struct swap_instance *instance);

/*
 * With calls mediated and the gate open: from its return on every call that is inside has left a
 * trace for `how` (swap_untrace() ends that). -ETIMEDOUT; -EOPNOTSUPP: not with this kernel, or
 * the instance's calls leave another trace. deadline in jiffies.
 */
int swap_trace(struct swap_instance *instance, enum swap_quiescence how, unsigned long deadline);
void swap_untrace(struct swap_instance *instance);
/* With the gate closed: no call is inside any more. Errors as above. */
int swap_quiesce(struct swap_instance *instance, enum swap_quiescence how, unsigned long deadline);

/*
 * Every task that was inside when this was called has left since: it was seen outside, or it came
 * by a gate. Calls must be mediated. Errors as above.
 */
int swap_drain(struct swap_instance *instance, unsigned long deadline);
/* The current task comes by a gate, so it has left what it was in. */
void swap_drain_left(void);

/* With all CPUs stopped: is the task inside a call of an instance of this owner? What cannot be
 * told counts as inside. */
bool swap_stack_has(const struct task_struct *task, const struct module *owner);
bool swap_stack_can_look(void);
void swap_stack_init(void);

int swap_quiescence_parse(const char *word);
extern const char *const swap_quiescence_names[SWAP_QUIESCENCES];
int swap_sysfs_init(void);
void swap_sysfs_exit(void);
int swap_sysfs_add(struct swap_instance *instance);
void swap_sysfs_remove(struct swap_instance *instance);
/* What calls leave behind from the first one on; of the methods those that go by it, and none.
 * Set before there is an instance; -EINVAL. */
enum swap_quiescence swap_default_track(void);
int swap_set_default_track(int how);

#endif
