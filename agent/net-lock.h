/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network lock: no frame from outside reaches the protocol stack. */
#pragma once
#include <stdbool.h>

bool net_locked(void);
/* NULL or why not (static buffer). */
const char *net_lock(const char *interface);
/* Do the slow part of a lock beforehand; frames still pass. NULL or why not (static buffer). */
const char *net_lock_arm(const char *interface);
/* Frames pass from here on; no error when they already do. */
void net_unlock(void);
