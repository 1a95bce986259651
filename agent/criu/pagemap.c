/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pagemaps: reading, writing, and finding where a page's contents are. */
#include "agent/criu/pagemap.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent/criu/image-file.h"
#include "agent/criu/protobuf.h"

#define PAGEMAP_MAGIC 0x56084025

/* images/pagemap.proto */
enum { HEAD_PAGES_ID = 1 };
enum { ENTRY_ADDRESS = 1, ENTRY_PAGES = 2, ENTRY_IN_PARENT = 3, ENTRY_FLAGS = 4 };

size_t page_bytes(void)
{
	static size_t bytes;

	if (!bytes)
		bytes = (size_t)sysconf(_SC_PAGESIZE);
	return bytes;
}

static bool continues(const struct page_run *last, const struct page_run *run)
{
	uint64_t bytes = last->pages * page_bytes();

	return last->address + bytes == run->address && last->flags == run->flags &&
	       last->round == run->round &&
	       (!(run->flags & PAGES_PRESENT) || last->offset + bytes == run->offset);
}

void page_runs_add(struct page_runs *runs, struct page_run run)
{
	if (!run.pages)
		return;
	if (runs->n && continues(&runs->v[runs->n - 1], &run)) {
		runs->v[runs->n - 1].pages += run.pages;
		return;
	}
	if (runs->n == runs->room) {
		runs->room = runs->room ? runs->room * 2 : 64;
		runs->v = realloc(runs->v, runs->room * sizeof(*runs->v));
		if (!runs->v)
			abort();
	}
	runs->v[runs->n++] = run;
}

size_t page_runs_from(const struct page_runs *runs, uint64_t address)
{
	size_t low = 0, high = runs->n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct page_run *run = &runs->v[mid];

		if (run->address + run->pages * page_bytes() > address)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

void page_runs_free(struct page_runs *runs)
{
	free(runs->v);
	*runs = (struct page_runs){0};
}

static bool read_entry(const struct image_message *message, struct page_run *run)
{
	struct pb_reader reader = {message->bytes, message->bytes + message->len};
	struct pb_field field;
	bool flagged = false;

	*run = (struct page_run){.flags = PAGES_PRESENT};
	while (pb_next(&reader, &field)) {
		if (field.number == ENTRY_ADDRESS)
			run->address = field.value;
		else if (field.number == ENTRY_PAGES)
			run->pages = field.value;
		else if (field.number == ENTRY_FLAGS)
			run->flags = field.value;
		else if (field.number == ENTRY_IN_PARENT && field.value && !flagged)
			run->flags = PAGES_IN_PARENT;
		flagged |= field.number == ENTRY_FLAGS;
	}
	return run->pages && run->address % page_bytes() == 0;
}

/* In order, and none twice: all that follows relies on it. */
static bool in_order(const struct page_runs *runs, const struct page_run *run)
{
	const struct page_run *last = runs->n ? &runs->v[runs->n - 1] : NULL;

	return run->pages <= UINT64_MAX / page_bytes() &&
	       run->address <= UINT64_MAX - run->pages * page_bytes() &&
	       (!last || last->address + last->pages * page_bytes() <= run->address);
}

static bool read_entries(struct pagemap *map, const struct image_file *file, size_t at)
{
	struct image_message message;
	struct page_run run;
	uint64_t offset = 0;

	while (image_next(file, &at, &message)) {
		if (!read_entry(&message, &run) || !in_order(&map->runs, &run))
			return false;
		if (run.flags & PAGES_PRESENT) {
			run.offset = offset;
			offset += run.pages * page_bytes();
		}
		page_runs_add(&map->runs, run);
	}
	return at == file->len;
}

bool pagemap_load(struct pagemap *map, const char *path)
{
	struct image_file file;
	struct image_message head;
	struct pb_field id;
	size_t at = 0;
	bool ok;

	*map = (struct pagemap){0};
	if (!image_load(&file, path))
		return false;
	ok = image_next(&file, &at, &head) && pb_find(head.bytes, head.len, HEAD_PAGES_ID, &id) &&
	     read_entries(map, &file, at);
	if (ok)
		map->pages_id = id.value;
	else
		page_runs_free(&map->runs);
	image_free(&file);
	if (!ok)
		errno = EBADMSG;
	return ok;
}

static void put_entry(struct image_file *file, const struct page_run *run)
{
	struct pb entry = {.len = 0};

	pb_int(&entry, ENTRY_ADDRESS, (int64_t)run->address);
	pb_int(&entry, ENTRY_PAGES, (int64_t)run->pages);
	pb_int(&entry, ENTRY_FLAGS, run->flags);
	image_put(file, entry.data, entry.len);
}

bool pagemap_save(const struct pagemap *map, const char *path)
{
	struct image_file file;
	struct pb head = {.len = 0};
	bool ok;

	image_begin(&file, PAGEMAP_MAGIC);
	pb_int(&head, HEAD_PAGES_ID, map->pages_id);
	image_put(&file, head.data, head.len);
	for (size_t i = 0; i < map->runs.n; i++)
		put_entry(&file, &map->runs.v[i]);
	ok = image_save(&file, path);
	image_free(&file);
	return ok;
}

/* The folder of the round before, by CRIU's link to it; false: there is none. */
static bool find_parent(const char *folder, char *parent, size_t size)
{
	char link[80], real[PATH_MAX];

	snprintf(link, sizeof(link), "%s/parent", folder);
	return realpath(link, real) && snprintf(parent, size, "%s", real) < (int)size;
}

bool memory_rounds_load(struct memory_rounds *memory, const char *folder, unsigned pid)
{
	char path[100];
	bool found;

	memory->n = 0;
	snprintf(memory->rounds[0].folder, sizeof(memory->rounds[0].folder), "%s", folder);
	do {
		snprintf(path, sizeof(path), "%s/pagemap-%u.img", memory->rounds[memory->n].folder,
			 pid);
		found = pagemap_load(&memory->rounds[memory->n].map, path);
		memory->n += found;
	} while (found && memory->n < ROUNDS_OF_MEMORY &&
		 find_parent(memory->rounds[memory->n - 1].folder, memory->rounds[memory->n].folder,
			     sizeof(memory->rounds[0].folder)));
	/* A process that has come since is not in the rounds before. */
	return found || (memory->n && errno == ENOENT);
}

void memory_rounds_free(struct memory_rounds *memory)
{
	for (unsigned i = 0; i < memory->n; i++)
		page_runs_free(&memory->rounds[i].map.runs);
	memory->n = 0;
}

/* These pages, as that round and those before it have them. */
static bool resolve(const struct memory_rounds *memory, unsigned round, uint64_t address,
		    uint64_t end, struct page_runs *out)
{
	const struct page_runs *runs;

	if (round == memory->n)
		return false;
	runs = &memory->rounds[round].map.runs;
	for (size_t i = page_runs_from(runs, address); address < end; i++) {
		const struct page_run *run = &runs->v[i];
		uint64_t stop;

		if (i == runs->n || run->address > address)
			return false;
		stop = run->address + run->pages * page_bytes();
		stop = stop < end ? stop : end;
		if (run->flags & PAGES_PRESENT)
			page_runs_add(out,
				      (struct page_run){
					      address, (stop - address) / page_bytes(), run->flags,
					      run->offset + address - run->address, round});
		else if (!resolve(memory, round + 1, address, stop, out))
			return false;
		address = stop;
	}
	return true;
}

bool memory_rounds_resolve(const struct memory_rounds *memory, struct page_runs *runs)
{
	const struct page_runs *last = &memory->rounds[0].map.runs;

	*runs = (struct page_runs){0};
	for (size_t i = 0; i < last->n; i++)
		if (!resolve(memory, 0, last->v[i].address,
			     last->v[i].address + last->v[i].pages * page_bytes(), runs)) {
			page_runs_free(runs);
			errno = EBADMSG;
			return false;
		}
	return true;
}
