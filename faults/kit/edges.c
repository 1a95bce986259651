/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "faults/kit/edges.h"

const char *const lu_fault_throughout[] = {"PREPARE", "PRESERVE", "SWITCH", "RESTORE", NULL};
