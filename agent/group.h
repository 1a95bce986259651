/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes of a service: those of the session that its first process leads. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

/* Calls each() for every process, the leader included; stops when it returns false. */
void group_each(pid_t leader, bool (*each)(void *data, pid_t pid), void *data);
/* Are all of them stopped (or dead)? */
bool group_is_stopped(pid_t leader);
/* Are all of them dead, with their descriptors closed? */
bool group_is_dead(pid_t leader);
