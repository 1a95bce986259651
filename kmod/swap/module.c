// SPDX-License-Identifier: GPL-2.0
/* The framework as a module, and its one parameter. */
#include "swap/inside.h"

static char *track = "none";
module_param(track, charp, 0444);
MODULE_PARM_DESC(track, "how calls are tracked at all times: none, counter or rcu");

static int __init swap_init(void)
{
	int error = swap_set_default_track(swap_quiescence_parse(track));

	if (error) {
		pr_err("track=%s: allowed are none, counter, rcu\n", track);
		return error;
	}
	error = swap_sysfs_init();
	if (error)
		return error;
	swap_stack_init();
	return 0;
}

static void __exit swap_cleanup(void)
{
	swap_sysfs_exit();
}

module_init(swap_init);
module_exit(swap_cleanup);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Hot-swap of instances with transfer of their state");
