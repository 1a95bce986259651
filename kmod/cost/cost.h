/* SPDX-License-Identifier: GPL-2.0 */
/* The cost of the different kinds of calls, in ticks of the CPU's counter. */
#ifndef LU_COST_H
#define LU_COST_H

#include <linux/seq_file.h>

/* A call that does nothing, of each kind; lines "call.KIND TICKS" per COST_CALLS calls. */
#define COST_CALLS 1000
int cost_calls(struct seq_file *out);
/* A block read through the block layer; lines "read.KIND TICKS", the median of single reads. */
int cost_bios(struct seq_file *out);

#endif
