/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process of this host that holds something and waits, as a service's first process would. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

/* Leads a session of its own, has /dev/null three times and nothing else open, and calls set_up()
 * with data. 0: set_up() says by false that this host does not have it. */
pid_t held_start(bool (*set_up)(long data), long data);
/* For set_up(): a child that waits, in the same session. */
bool held_child(void);
/* End it, and what it has started in its session. */
void held_end(pid_t pid);
