/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rules look at (rules.h), as it is in /proc. */
#pragma once
#include "agent/group.h"
#include "agent/preflight/rules.h"

/* false: it has ended. */
bool subject_process(struct preflight_process *process, pid_t leader,
		     const struct group_member *member);
void subject_process_clear(struct preflight_process *process);
/* The link `name` in the process's folder of /proc ("fd/3"); `what` is the caller's to fill. fd: its
 * number, or -1. false: it is gone. */
bool subject_file(struct preflight_file *file, const struct preflight_process *process, int fd,
		  const char *name);
/* Only what the link says, by its name in that folder: for the late look, which is quick. */
bool subject_link(struct preflight_file *file, int dir, const char *name);
void subject_file_clear(struct preflight_file *file);
