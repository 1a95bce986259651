/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/criu/settle.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>
#include "agent/criu/pagemap.h"
#include "agent/file.h"

/* So much at once: the process waits for at most that if it needs its mappings changed. */
#define STEP_BYTES (256 << 10)
/* Documentation/admin-guide/mm/pagemap.rst */
#define PAGE_IS_FILE (UINT64_C(1) << 61)
#define PAGE_IS_HERE (UINT64_C(3) << 62) /* present or swapped */

struct settler {
	pid_t pid;
	int pagemap, file;
	char name[200]; /* of the open file */
	void *unreadable;
	struct settled *settled;
};

/* Fails always, by intention; the pages are the process's own then. */
static void take(const struct settler *settler, uint64_t address, uint64_t len)
{
	struct iovec nothing = {settler->unreadable, len};
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): an address of the other process */
	struct iovec pages = {(void *)address, len};

	process_vm_writev(settler->pid, &nothing, 1, &pages, 1, 0);
}

static bool are_own(const struct settler *settler, uint64_t address, uint64_t len)
{
	uint64_t entries[STEP_BYTES / 4096];
	size_t n = len / page_bytes();
	ssize_t size = (ssize_t)(n * sizeof(*entries));

	if (pread(settler->pagemap, entries, size,
		  (off_t)(address / page_bytes() * sizeof(*entries))) != size)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!(entries[i] & PAGE_IS_HERE) || (entries[i] & PAGE_IS_FILE))
			return false;
	return true;
}

/* Page by page where they cannot be taken all at once. */
static bool settle_step(struct settler *settler, uint64_t address, uint64_t len, uint64_t offset)
{
	take(settler, address, len);
	if (!are_own(settler, address, len)) {
		if (len == page_bytes()) {
			settler->settled->left_bytes += len;
			return true;
		}
		for (uint64_t at = 0; at < len; at += page_bytes())
			if (!settle_step(settler, address + at, page_bytes(), offset + at))
				return false;
		return true;
	}
	settler->settled->own_bytes += len;
	return fallocate(settler->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
			 (off_t)len) == 0;
}

static bool open_file(struct settler *settler, const char *name)
{
	if (settler->file >= 0 && !strcmp(settler->name, name))
		return true;
	if (settler->file >= 0)
		close(settler->file);
	snprintf(settler->name, sizeof(settler->name), "%s", name);
	settler->file = open(name, O_RDWR | O_CLOEXEC);
	return settler->file >= 0;
}

/* A line of /proc/PID/maps: "START-END PROT OFFSET DEVICE INODE NAME". */
static bool settle_line(struct settler *settler, const char *line, const char *folder)
{
	const char *name = strchr(line, '/');
	uint64_t start, end, offset;

	if (!name || strncmp(name, folder, strlen(folder)) != 0 || name[strlen(folder)] != '/' ||
	    /* NOLINTNEXTLINE(cert-err34-c): as the kernel prints them */
	    sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64, &start, &end, &offset) != 3)
		return true;
	if (!open_file(settler, name))
		return false;
	for (uint64_t at = start; at < end; at += STEP_BYTES)
		if (!settle_step(settler, at, end - at < STEP_BYTES ? end - at : STEP_BYTES,
				 offset + at - start))
			return false;
	return true;
}

static bool settle_maps(struct settler *settler, const char *folder)
{
	char path[40], *maps, *save, *line;
	bool ok;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)settler->pid);
	maps = file_read(path, NULL);
	ok = maps;
	for (line = maps ? strtok_r(maps, "\n", &save) : NULL; line && ok;
	     line = strtok_r(NULL, "\n", &save))
		ok = settle_line(settler, line, folder);
	free(maps);
	return ok;
}

bool settle(pid_t pid, const char *folder, struct settled *settled)
{
	struct settler settler = {.pid = pid, .file = -1, .settled = settled};
	char path[40];
	bool ok;

	*settled = (struct settled){0};
	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);
	settler.pagemap = open(path, O_RDONLY | O_CLOEXEC);
	settler.unreadable = mmap(NULL, STEP_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ok = settler.pagemap >= 0 && settler.unreadable != MAP_FAILED &&
	     settle_maps(&settler, folder);
	if (settler.unreadable != MAP_FAILED)
		munmap(settler.unreadable, STEP_BYTES);
	if (settler.file >= 0)
		close(settler.file);
	if (settler.pagemap >= 0)
		close(settler.pagemap);
	return ok;
}
