/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The environment of a CRIU that is about to be started, in addition to that of every program. */
#pragma once
#include <stdbool.h>

/* Folder of the libnftables that locks nothing (nolock.c); a guest need not have it. */
#define NOLOCK_DIR "/usr/lib/lubench"

struct criu_environment {
	/* it is started ahead of its use: resolve all symbols at start, not at their first use */
	bool ahead;
	bool nolock; /* the agent has locked the network, and CRIU must not lock it again */
	bool low;    /* it yields the processor to everything else (nice 19) */
	/* what it restores has no transparent huge pages (agent/criu/huge-pages.h) */
	bool no_huge_pages;
};

/* For children that are started from now on; NULL ends that. */
void criu_environment_set(const struct criu_environment *what);
void criu_environment_unset(void);
