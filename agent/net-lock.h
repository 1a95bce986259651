/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network lock: no frame of the outside reaches the protocol stack. */
#pragma once
#include <stdbool.h>

bool net_locked(void);
/* NULL or why not (static buffer). */
const char *net_lock(const char *interface);
/* Do beforehand all of it that takes time; frames still pass. NULL or why not (static buffer). */
const char *net_lock_arm(const char *interface);
/* Frames pass from here on; fine when they do. */
void net_unlock(void);
