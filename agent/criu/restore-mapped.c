/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Images with private mappings of a file in place of memory: CRIU restores those as it does those
 * of any program's file, that is without their contents, and copies only pages that had been
 * changed. Here the file is the first round's file of pages. On a store that is memory (DAX) a page
 * is then read where it lies, and copied when it is written.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "agent/criu/process-images.h"

/* A mapping costs as much as copying some dozen pages. */
#define LEAST_BYTES (256 << 10)

struct map {
	struct process_images *process;
	const char *kept;
	struct mapped_part *parts;
	size_t n, room;
	struct pagemap rest; /* what is restored at once */
};

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t end_of(const struct page_run *run)
{
	return run->address + run->pages * page_bytes();
}

/* Advice that means something else, or nothing, for a mapping of a file: MADV_WIPEONFORK (18). */
static bool may_be_mapped(const struct mapping *mapping)
{
	return mapping && mapping_is_lazy(mapping) && !(mapping->flags & MAP_GROWSDOWN) &&
	       !(mapping->advice >> 18 & 1);
}

static void add_part(struct map *map, uint64_t start, uint64_t end, uint64_t offset)
{
	if (end - start < LEAST_BYTES)
		return;
	if (map->n == map->room) {
		map->room = map->room ? map->room * 2 : 64;
		map->parts = realloc(map->parts, map->room * sizeof(*map->parts));
		if (!map->parts)
			abort();
	}
	map->parts[map->n++] = (struct mapped_part){start, end, offset};
	map->process->memory->later_bytes += end - start;
}

/* The part of a run of the first round from address up to end, all of whose pages the process still
 * has: cut where mappings end. */
static void add_parts(struct map *map, const struct page_run *run, uint64_t address, uint64_t end)
{
	while (address < end) {
		const struct mapping *mapping = mappings_find(&map->process->mappings, address);
		uint64_t stop = mapping ? least(end, mapping->end) : address + page_bytes();

		if (may_be_mapped(mapping))
			add_part(map, address, stop, run->offset + address - run->address);
		address = stop;
	}
}

/* Where the process has none of its pages now, the file would show old contents instead of zeros;
 * where it has other contents, those are copied over the file's. */
static void map_run(struct map *map, const struct page_run *run)
{
	const struct page_runs *now = &map->process->now;
	uint64_t begin = run->address, address = begin, end = end_of(run);

	for (size_t i = page_runs_from(now, begin); i < now->n && now->v[i].address < end; i++) {
		uint64_t starts = now->v[i].address;

		if (starts > address) {
			add_parts(map, run, begin, address);
			begin = starts;
		}
		address = least(end_of(&now->v[i]), end);
	}
	add_parts(map, run, begin, address);
}

/* The first part that ends above the address; n: there is none. */
static size_t part_from(const struct map *map, uint64_t address)
{
	size_t low = 0, high = map->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (map->parts[mid].end > address)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/* A run of the first round, without what is in a part. */
static void add_outside(struct map *map, const struct page_run *run)
{
	uint64_t address = run->address, end = end_of(run);

	for (size_t i = part_from(map, address); address < end; i++) {
		uint64_t begins = i < map->n ? least(map->parts[i].start, end) : end;

		if (address < begins)
			page_runs_add(&map->rest.runs,
				      (struct page_run){.address = address,
							.pages = (begins - address) / page_bytes(),
							.flags = PAGES_IN_PARENT});
		address = begins < end ? map->parts[i].end : end;
	}
}

/* The pages of the last images stay as they are, for their order is that of their file. */
static void list_rest(struct map *map)
{
	const struct process_images *process = map->process;

	map->rest.pages_id = process->rounds.rounds[0].map.pages_id;
	for (size_t i = 0; i < process->now.n; i++) {
		struct page_run run = process->now.v[i];
		unsigned round = run.round;

		if (round == process_first(process)) {
			add_outside(map, &run);
			continue;
		}
		run.round = 0;
		if (round)
			run = (struct page_run){run.address, run.pages, PAGES_IN_PARENT};
		page_runs_add(&map->rest.runs, run);
	}
}

/* The file under a name that outlives the images. */
static bool keep_file(const struct map *map, char *path, size_t size)
{
	const struct process_images *process = map->process;
	char pages[100];

	process_pages_path(process, process_first(process), pages, sizeof(pages));
	snprintf(path, size, "%s/%u.img", map->kept, process->pid);
	mkdir(map->kept, 0700);
	unlink(path);
	return link(pages, path) == 0;
}

static bool save(const struct map *map)
{
	const struct process_images *process = map->process;
	char path[100];
	uint32_t id;

	if (!keep_file(map, path, sizeof(path)))
		return false;
	id = mappings_add_file(process->images, path);
	snprintf(path, sizeof(path), "%s/mm-%u.img", process->images, process->pid);
	if (!id || !mappings_save(&process->mappings, map->parts, map->n, id, path))
		return false;
	snprintf(path, sizeof(path), "%s/pagemap-%u.img", process->images, process->pid);
	return pagemap_save(&map->rest, path);
}

static bool map_process(struct process_images *process, void *data)
{
	struct map map = {.process = process, .kept = data};
	const struct page_runs *first = &process->rounds.rounds[process_first(process)].map.runs;
	bool ok;

	for (size_t i = 0; i < first->n; i++)
		if (first->v[i].flags & PAGES_PRESENT)
			map_run(&map, &first->v[i]);
	list_rest(&map);
	ok = !map.n || save(&map);
	process->memory->parts += map.n;
	free(map.parts);
	page_runs_free(&map.rest.runs);
	return ok || process_failed(process, "mapping the first round's pages");
}

bool restore_memory_mapped(const char *images, const char *kept, struct restore_memory *memory)
{
	*memory = (struct restore_memory){0};
	return process_each(images, memory, map_process, (void *)kept);
}
