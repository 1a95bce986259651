/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/preflight/memory.h"
#include <stdlib.h>
#include <string.h>

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* Memory that no file system has by a name: CRIU writes it once, whoever maps it. */
static bool is_shared_memory(const char *path)
{
	return begins(path, "/memfd:") || begins(path, "/SYSV") ||
	       begins(path, "/dev/zero (deleted)") || begins(path, "/anon_hugepage");
}

/* As much as any process has of it. */
static void add_shared(struct memory *memory, uint64_t inode, uint64_t bytes)
{
	struct memory_shared *shared;

	for (size_t i = 0; i < memory->shared_n; i++)
		if (memory->shared[i].inode == inode) {
			if (bytes > memory->shared[i].bytes)
				memory->shared[i].bytes = bytes;
			return;
		}
	shared = reallocarray(memory->shared, memory->shared_n + 1, sizeof(*shared));
	if (!shared)
		return;
	memory->shared = shared;
	shared[memory->shared_n++] = (struct memory_shared){inode, bytes};
}

void memory_mapping(struct memory *memory, const struct preflight_mapping *mapping)
{
	if (mapping->perms[3] == 's' && is_shared_memory(mapping->path))
		add_shared(memory, mapping->inode, mapping->resident + mapping->swapped);
	else if (mapping->perms[3] == 'p')
		memory->private_bytes += mapping->anonymous + mapping->swapped;
}

/* A file without a name goes into the images, as does a memfd that is not mapped. */
void memory_file(struct memory *memory, const struct preflight_file *file)
{
	bool shared = is_shared_memory(file->link);

	if (S_ISREG(file->st.st_mode) && (shared || !file->st.st_nlink))
		add_shared(memory, file->st.st_ino, (uint64_t)file->st.st_blocks * 512);
}

uint64_t memory_bytes(const struct memory *memory)
{
	uint64_t bytes = memory->private_bytes;

	for (size_t i = 0; i < memory->shared_n; i++)
		bytes += memory->shared[i].bytes;
	return bytes;
}

void memory_clear(struct memory *memory)
{
	free(memory->shared);
	*memory = (struct memory){0};
}
