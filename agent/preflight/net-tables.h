/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's tables of datagram sockets and multicast groups (proc_pid_net(5)), read once a look:
 * to ask each of a thousand sockets would take longer. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Read those of that process's network namespace. */
void net_tables_read(pid_t pid);
/* Has the datagram or raw socket of that inode number something that nobody has read? */
bool net_tables_unread(uint64_t inode);
/* Is that socket, a descriptor of ours (-1: no), a member of a multicast group? */
bool net_tables_member(int fd);
