/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether an eventfd is a semaphore, where the kernel does not say so (before 6.5). */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Reads it, a descriptor of ours with that count, and puts right what was taken or had to be added:
 * only while no process can see it. false, too: it cannot be read. */
bool eventfd_gives_one(int fd, uint64_t count);
