/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For machines whose folder has no kexec-direct.c: their machine.json lists no method "direct", so a
 * run that asks for it is unsupported before anything boots, and this is not reached. */
#include <stdio.h>
#include "agent/machine.h"

int kexec_load_direct(const struct kexec_direct *what, char *why, size_t size)
{
	snprintf(why, size,
		 "this agent has no loader of its own: kexec_methods of machine.json must not list "
		 "\"direct\" without a kexec-direct.c in the machine's agent/");
	return 1;
}
