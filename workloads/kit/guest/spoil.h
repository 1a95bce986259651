/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One thing that a service does wrong on purpose, so that the oracles are seen to tell it in a real
 * guest: once, and not before a move, so that the run has a baseline.
 */
#pragma once
#include <stdbool.h>

/* The version that instance 0 or 1 has now: another one than at first lets it go wrong. */
void spoil_watch(unsigned instance, const char *version);
/* true: now, and never again. By any thread. */
bool spoil_strikes(void);
