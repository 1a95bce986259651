/* SPDX-License-Identifier: GPL-2.0 */
/* What a call costs by the ways that there are to make it, in ticks of the CPU's counter. */
#ifndef LU_COST_H
#define LU_COST_H

#include <linux/seq_file.h>

/* A call that does nothing, by each way; lines "call.WAY TICKS" per COST_CALLS calls. */
#define COST_CALLS 1000
int cost_calls(struct seq_file *out);
/* A block read through the block layer; lines "read.WAY TICKS", the median of one. */
int cost_bios(struct seq_file *out);

#endif
