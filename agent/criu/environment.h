/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a CRIU that is about to be started finds in its environment, beyond
 * what every program does. */
#pragma once
#include <stdbool.h>

/* Where a libnftables that locks nothing is (nolock.c); a guest need not have it. */
#define NOLOCK_DIR "/usr/lib/lubench"

struct criu_environment {
	/* it has time to start: all symbols are looked up now, not at their first use */
	bool ahead;
	bool nolock; /* the network is locked by others, and CRIU is not to do it once more */
};

/* For the children that are started until it is taken back. */
void criu_environment_set(const struct criu_environment *what);
void criu_environment_unset(void);
