/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where `lubench faults` tries a fault: kinds of phases, each list ends with NULL. */
#pragma once
#include "model/fault.h"

/* What may happen to a machine at any time: while the service runs, once it is checkpointed, past the
 * point of no return, and with its new kernel there. */
extern const char *const lu_fault_throughout[];
