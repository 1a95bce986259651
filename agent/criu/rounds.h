/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rounds of pre-dump of the service (agent/service.h) in the checkpoint store, a folder each,
 * beside its images. */
#pragma once
#include <stdbool.h>

#define ROUNDS_MAX 64

/* How many this agent has made since the last clearing. */
unsigned rounds_made(void);
/* The folder of a round, and its name relative to a sibling folder; each in a buffer of its own. */
const char *rounds_folder(unsigned round);
const char *rounds_beside(unsigned round);
/* One more is complete. */
void rounds_add(void);
/* Remove all, also those that an agent before a jump has made. */
void rounds_clear(void);
