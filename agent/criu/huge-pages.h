/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a process wants no transparent huge pages (PR_SET_THP_DISABLE, as redis sets it), which
 * CRIU 3.17 neither dumps nor restores: a restored redis had them, and later upgrades by kexec
 * damaged its memory. A memory descriptor inherits it from the process that makes it (prctl(2)), so
 * a CRIU that is started without huge pages restores processes without them.
 */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

bool huge_pages_unwanted(pid_t pid);
/* Keep that beside the images of that folder, for the kernel that restores them. */
void huge_pages_keep(const char *images, pid_t pid);
/* Whether it was kept there. */
bool huge_pages_kept_out(const char *images);
