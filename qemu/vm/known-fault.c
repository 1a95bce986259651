/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include "qemu/vm/known-fault.h"

static bool older_than(const char *version, long major, long minor)
{
	char *behind = NULL;
	long its_major = version ? strtol(version, &behind, 10) : 0;

	return behind && behind != version && *behind == '.' &&
	       (its_major < major || (its_major == major && strtol(behind + 1, NULL, 10) < minor));
}

const char *lu_vm_known_fault(const char *version, bool threads, const char *console)
{
	if (threads && strstr(console, "int3: 0000 [#") && older_than(version, 8, 1))
		return "QEMU before 8.1 can execute a breakpoint that the kernel has already "
		       "taken out of its code when each vCPU has a thread (QEMU's commit "
		       "deba78709ae8): --accel=tcg-single has one for all";
	return NULL;
}
