/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network lock: no frame from outside reaches the protocol stack, or none for a TCP port. */
#pragma once
#include <stdbool.h>

/* Ports that can differ from all else at one time. */
#define NET_LOCK_PORTS 16

/* Is that port locked? 0: are all locked that are not unlocked by themselves? */
bool net_locked(int port);
/* Lock that port from here on, or with 0 everything. NULL or why not (static buffer). */
const char *net_lock(const char *interface, int port);
/* Do the slow part of a lock beforehand; frames still pass. NULL or why not (static buffer). */
const char *net_lock_arm(const char *interface);
/* Frames for that port, or with 0 all frames, pass from here on; no error when they already do. */
void net_unlock(int port);
