/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent's own environment, which children inherit. */
#include "agent/criu/environment.h"
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define LOWEST 19

void criu_environment_set(const struct criu_environment *what)
{
	if (what->ahead)
		setenv("LD_BIND_NOW", "1", 1);
	if (what->nolock)
		setenv("LD_LIBRARY_PATH", NOLOCK_DIR, 1);
	if (what->low)
		setpriority(PRIO_PROCESS, 0, LOWEST);
	if (what->no_huge_pages)
		prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}

void criu_environment_unset(void)
{
	unsetenv("LD_BIND_NOW");
	unsetenv("LD_LIBRARY_PATH");
	setpriority(PRIO_PROCESS, 0, 0);
	prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
}
