/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes of a service: those of the session that its first one leads. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

/* Calls each process; stops when each returns false. leader itself is one of them. */
void group_each(pid_t leader, bool (*each)(void *data, pid_t pid), void *data);
/* All of them stand still (or are dead). */
bool group_is_stopped(pid_t leader);
/* All of them are dead, and have closed what they had open. */
bool group_is_dead(pid_t leader);
