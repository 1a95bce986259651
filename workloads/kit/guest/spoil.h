/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An error that a service makes on purpose, to test that the oracles detect it in a real guest:
 * once, and not before a swap, so that the run has a baseline.
 */
#pragma once
#include <stdbool.h>

/* Report the current version of instance 0 or 1: the error may happen once it
 * differs from the first. */
void spoil_watch(unsigned instance, const char *version);
/* true: make the error now; returned once. Callable from any thread. */
bool spoil_strikes(void);
