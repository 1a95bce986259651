// SPDX-License-Identifier: GPL-2.0
/*
 * Determines from its stack whether a task is inside a call: the calling code has a frame on it.
 * The version's addresses need not be searched for, because no call is a tail call (swap_called()).
 *
 * The reliable unwinder is livepatch's and is not exported; its address comes from a kprobe that is
 * registered and removed again. A kernel without it (HAVE_RELIABLE_STACKTRACE) or without kprobes
 * does not support this.
 */
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/stacktrace.h>

#include "swap/inside.h"

#define DEPTH 64 /* frames; a deeper stack counts as inside */

typedef int (*unwind_fn)(struct task_struct *task, unsigned long *store, unsigned int size);

static unwind_fn unwind;
static unsigned long frames[DEPTH]; /* for the task that stopped all CPUs: there is only one */

#if defined(CONFIG_KPROBES) && defined(CONFIG_HAVE_RELIABLE_STACKTRACE)
/* A kprobe is placed after the mandatory beginning of a function, which depends on the
 * architecture: the load of a TOC pointer, the marker of an indirect branch target. */
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
	struct kprobe probe = {.symbol_name = "stack_trace_save_tsk_reliable"};

	if (register_kprobe(&probe))
		return;
	unwind = (unwind_fn)entry_of(probe.addr);
	unregister_kprobe(&probe);
}
#else
void swap_stack_init(void)
{
}
#endif

bool swap_stack_can_look(void)
{
	return unwind;
}

bool swap_stack_has(const struct task_struct *task, const struct module *owner)
{
	int n = unwind((struct task_struct *)task, frames, DEPTH);

	if (n < 0)
		return true;
	while (n-- > 0)
		if (within_module(frames[n], owner))
			return true;
	return false;
}
