/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No known way to enter a kernel on this architecture. */
#include <stdio.h>
#include "agent/machine.h"

int kexec_load_direct(const struct kexec_direct *what, char *why, size_t size)
{
	snprintf(why, size, "method direct is not implemented for this architecture; use tools");
	return 1;
}
