/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a batch job has computed (docs/reference/workloads.md): x ← a·x + c (mod 2^64) from 0, so many
 * steps a unit. The job makes them one by one; from here any number of them is one jump, so that a
 * client need not work as long as the job.
 */
#pragma once
#include <stdint.h>

/* The value after so many steps. */
uint64_t lu_batch_value(uint64_t steps);
