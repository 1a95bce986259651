// SPDX-License-Identifier: GPL-2.0
/* The framework as a module, and its one parameter. */
#include "swap/swap.h"

static char *track = "none";
module_param(track, charp, 0444);
MODULE_PARM_DESC(track, "what each call leaves behind: none, counter or rcu");

DEFINE_STATIC_KEY_FALSE(swap_mediated);
EXPORT_SYMBOL_GPL(swap_mediated);

static enum swap_quiescence tracking;

enum swap_quiescence swap_default_track(void)
{
	return tracking;
}

/*
 * Tracking begins before the first call and lasts: a call that entered without a trace could never
 * be waited for by counting.
 */
static int __init swap_init(void)
{
	int how = swap_quiescence_parse(track);
	int error;

	if (how < 0 || how == SWAP_STACK) {
		pr_err("track=%s: allowed are none, counter, rcu\n", track);
		return -EINVAL;
	}
	tracking = how;
	error = swap_sysfs_init();
	if (error)
		return error;
	swap_stack_init();
	if (tracking != SWAP_NONE)
		static_branch_inc(&swap_mediated);
	return 0;
}

static void __exit swap_cleanup(void)
{
	if (tracking != SWAP_NONE)
		static_branch_dec(&swap_mediated);
	swap_sysfs_exit();
}

module_init(swap_init);
module_exit(swap_cleanup);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Hot-swap of instances with transfer of their state");
