/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loading the images of each process in turn. */
#include "agent/criu/process-images.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

void process_pages_path(const struct process_images *process, unsigned round, char *path,
			size_t size)
{
	snprintf(path, size, "%s/pages-%u.img", process->rounds.rounds[round].folder,
		 process->rounds.rounds[round].map.pages_id);
}

int process_pages_open(const struct process_images *process, unsigned round, int flags)
{
	char path[100];

	process_pages_path(process, round, path, sizeof(path));
	return open(path, flags | O_CLOEXEC);
}

bool process_failed(const struct process_images *process, const char *what)
{
	snprintf(process->memory->why, sizeof(process->memory->why), "process %u: %s: %s",
		 process->pid, what, errno == EBADMSG ? "not as CRIU writes it" : strerror(errno));
	return false;
}

static bool load(struct process_images *process)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/mm-%u.img", process->images, process->pid);
	if (!mappings_load(&process->mappings, path))
		return process_failed(process, path);
	if (!memory_rounds_load(&process->rounds, process->images, process->pid) ||
	    !memory_rounds_resolve(&process->rounds, &process->now))
		return process_failed(process, "its pagemaps");
	return true;
}

static void unload(struct process_images *process)
{
	mappings_free(&process->mappings);
	memory_rounds_free(&process->rounds);
	page_runs_free(&process->now);
}

bool process_each(const char *images, struct restore_memory *memory,
		  bool (*arrange)(struct process_images *process, void *data), void *data)
{
	struct process_images process = {.images = images, .memory = memory};
	DIR *folder = opendir(images);
	struct dirent *entry;
	bool ok = folder;
	int end;

	if (!folder)
		snprintf(memory->why, sizeof(memory->why), "%s: %s", images, strerror(errno));
	while (ok && (entry = readdir(folder))) {
		end = 0;
		/* NOLINTNEXTLINE(cert-err34-c): a name that does not fit is another file's */
		if (sscanf(entry->d_name, "pagemap-%u.img%n", &process.pid, &end) != 1 || !end ||
		    entry->d_name[end])
			continue;
		ok = load(&process) && (process.rounds.n < 2 || arrange(&process, data));
		unload(&process);
	}
	if (folder)
		closedir(folder);
	return ok;
}
