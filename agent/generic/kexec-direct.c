/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a kernel is entered is not known. */
#include <stdio.h>
#include "agent/machine.h"

int kexec_load_direct(const struct kexec_direct *what, char *why, size_t size)
{
	snprintf(why, size, "this architecture has no method direct: use tools");
	return 1;
}
