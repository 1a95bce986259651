/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One process's memory in a folder of CRIU's images, loaded to be arranged anew; private to that. */
#pragma once
#include "agent/criu/mappings.h"
#include "agent/criu/pagemap.h"
#include "agent/criu/restore-memory.h"

struct process_images {
	const char *images; /* the folder */
	unsigned pid;
	struct mappings mappings;
	struct memory_rounds rounds;
	struct page_runs now; /* resolved */
	struct restore_memory *memory;
};

/* The round that the others build upon. */
static inline unsigned process_first(const struct process_images *process)
{
	return process->rounds.n - 1;
}

/* The path of a round's file of pages. */
void process_pages_path(const struct process_images *process, unsigned round, char *path,
			size_t size);
/* The same, opened; -1 with errno. */
int process_pages_open(const struct process_images *process, unsigned round, int flags);
/* Sets the reason from errno; returns false. */
bool process_failed(const struct process_images *process, const char *what);

/* Call arrange for each process in the folder that has rounds before the last one; stops at the
 * first that fails. */
bool process_each(const char *images, struct restore_memory *memory,
		  bool (*arrange)(struct process_images *process, void *data), void *data);
