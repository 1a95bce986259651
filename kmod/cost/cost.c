// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/lu_swap_cost: reading it measures and reports what each kind of call costs (cost.h). Under
 * an accelerator that counts instructions (accel=icount) a tick of the TSC is an instruction.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>

#include "cost/cost.h"

static DEFINE_MUTEX(one_at_a_time);

static int show(struct seq_file *out, void *unused)
{
	int error;

	mutex_lock(&one_at_a_time);
	error = cost_calls(out);
	if (!error)
		error = cost_bios(out);
	mutex_unlock(&one_at_a_time);
	return error;
}

static int __init cost_init(void)
{
	return proc_create_single("lu_swap_cost", 0400, NULL, show) ? 0 : -ENOMEM;
}

static void __exit cost_exit(void)
{
	remove_proc_entry("lu_swap_cost", NULL);
}

module_init(cost_init);
module_exit(cost_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Cost of a swappable call");
