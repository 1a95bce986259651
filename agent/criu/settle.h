/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Giving a process that was restored with private mappings of a store's file (restore=mapped) pages
 * of its own, while it runs. A page is made its own as by a write, but nothing is written: the
 * kernel takes it for writing (process_vm_writev(2)) and then cannot read what was to be written.
 * Once that is done the file's part is freed, so that memory which the process gives back reads as
 * zeros again, as anonymous memory does. Until then it reads as it was at the dump.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct settled {
	uint64_t own_bytes;  /* are the process's own now, and freed in the file */
	uint64_t left_bytes; /* could not be taken: the process may not write there */
};

/* All such mappings of one process, of files below that folder. false with errno. */
bool settle(pid_t pid, const char *folder, struct settled *settled);
