/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processes of a service: those of the session that its first process leads, and all that
 * descend from it, whatever their session or process group (a shell's jobs have groups of their
 * own, a daemon's child a session of its own).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct group_member {
	pid_t pid;
	char state;    /* proc(5): stat */
	bool descends; /* from the first process, or is it; false: of its session only */
};

/* All of them in a new array, which the caller frees; *n: how many. NULL when there are none. */
struct group_member *group_members(pid_t leader, size_t *n);
/* Calls each() for every process, the leader included; stops when it returns false. */
void group_each(pid_t leader, bool (*each)(void *data, pid_t pid), void *data);
/* Send a signal to each but those in one of these states ("": none). */
void group_signal(pid_t leader, int signal, const char *except);
/* Are all of them stopped (or dead)? */
bool group_is_stopped(pid_t leader);
/* Are all of them dead, with their descriptors closed? */
bool group_is_dead(pid_t leader);

/* States of processes that have stopped, or have nothing left to stop. */
#define GROUP_STOPPED "TtZX"
