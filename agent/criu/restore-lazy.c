/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Images for `criu lazy-pages`. In CRIU 3.17.1 it looks at pages only that the last images hold
 * themselves (criu/uffd.c, collect_iovs: PE_LAZY), and those that are in a round before are
 * restored at once (criu/mem.c, restore_priv_vma_content), which after pre-copy are nearly all. So
 * the order is turned round: the first round's file of pages, which has nearly all, becomes that of
 * the last images, after what has changed since has been written into it, page by page in place;
 * what it does not have at all stays where it is, and becomes the round before.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "agent/criu/process-images.h"

#define FRESH "fresh" /* folder beside the images */

struct turn {
	struct process_images *process;
	int base;		    /* the first round's pages */
	int from[ROUNDS_OF_MEMORY]; /* those of the others, opened when they are needed */
	struct pagemap map;	    /* of the images to be */
	struct page_runs kept;	    /* its runs in the first round's file */
	struct page_runs fresh;	    /* and those that are not */
	struct page_runs gone;	    /* in that file, but in no mapping any more */
};

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t end_of(const struct page_run *run)
{
	return run->address + run->pages * page_bytes();
}

/* The part of a run from address up to end, which lie in it. */
static struct page_run part_of(const struct page_run *run, uint64_t address, uint64_t end)
{
	struct page_run part = *run;

	part.address = address;
	part.pages = (end - address) / page_bytes();
	part.offset += address - run->address;
	return part;
}

static bool copy(int from, uint64_t from_offset, int to, uint64_t to_offset, uint64_t len)
{
	char bytes[1 << 16];

	while (len) {
		ssize_t n = pread(from, bytes, least(len, sizeof(bytes)), from_offset);

		if (n <= 0 || pwrite(to, bytes, n, to_offset) != n)
			return false;
		from_offset += n;
		to_offset += n;
		len -= n;
	}
	return true;
}

/* Pages that have other contents now than in the first round. */
static bool bring_up_to_date(struct turn *turn, const struct page_run *base,
			     const struct page_run *now)
{
	int *from = &turn->from[now->round];

	if (*from < 0)
		*from = process_pages_open(turn->process, now->round, O_RDONLY);
	if (*from < 0)
		return false;
	turn->process->memory->moved_bytes += now->pages * page_bytes();
	return copy(*from, now->offset, turn->base, base->offset, now->pages * page_bytes());
}

/* Memory that was given back and reads as zeros now: in the file it becomes zeros. */
static bool clear(struct turn *turn, const struct page_run *run)
{
	static const char zeros[1 << 16];
	uint64_t offset = run->offset, len = run->pages * page_bytes();

	while (len) {
		ssize_t n = pwrite(turn->base, zeros, least(len, sizeof(zeros)), offset);

		if (n <= 0)
			return false;
		offset += n;
		len -= n;
	}
	return true;
}

/* Pages of the first round that the process does not have now, from address up to end. */
static bool drop(struct turn *turn, const struct page_run *base, uint64_t address, uint64_t end)
{
	while (address < end) {
		const struct mapping *mapping = mappings_find(&turn->process->mappings, address);
		uint64_t stop = mapping ? least(end, mapping->end) : address + page_bytes();
		struct page_run part = part_of(base, address, stop);

		if (mapping && mapping_is_lazy(mapping)) {
			if (!clear(turn, &part))
				return false;
			part.flags = PAGES_PRESENT | PAGES_LAZY;
			page_runs_add(&turn->kept, part);
		} else {
			page_runs_add(&turn->gone, part);
		}
		address = stop;
	}
	return true;
}

/* One part that both have. */
static bool keep(struct turn *turn, const struct page_run *base, const struct page_run *now,
		 uint64_t address, uint64_t end)
{
	struct page_run mine = part_of(base, address, end), its = part_of(now, address, end);

	if (now->round != process_first(turn->process) && !bring_up_to_date(turn, &mine, &its))
		return false;
	/* what CRIU needs while it restores, such as the pages of stacks, it does not mark lazy */
	mine.flags = PAGES_PRESENT | (base->flags & now->flags & PAGES_LAZY);
	page_runs_add(&turn->kept, mine);
	return true;
}

static bool turn_run(struct turn *turn, const struct page_run *base)
{
	const struct page_runs *now = &turn->process->now;
	uint64_t address = base->address, end = end_of(base);

	for (size_t i = page_runs_from(now, address); address < end; i++) {
		const struct page_run *run = i < now->n ? &now->v[i] : NULL;
		uint64_t begins = run ? least(run->address, end) : end;

		if (address < begins && !drop(turn, base, address, begins))
			return false;
		address = begins > address ? begins : address;
		if (address == end)
			break;
		if (!keep(turn, base, run, address, least(end_of(run), end)))
			return false;
		address = least(end_of(run), end);
	}
	return true;
}

/* What of a run the first round does not have. */
static void add_fresh(struct turn *turn, const struct page_run *now)
{
	const struct page_runs *first =
		&turn->process->rounds.rounds[process_first(turn->process)].map.runs;
	uint64_t address = now->address, end = end_of(now);

	for (size_t i = page_runs_from(first, address); address < end; i++) {
		uint64_t begins = i < first->n ? least(first->v[i].address, end) : end;

		if (address < begins)
			page_runs_add(&turn->fresh,
				      (struct page_run){.address = address,
							.pages = (begins - address) / page_bytes(),
							.flags = PAGES_IN_PARENT});
		address = begins < end ? end_of(&first->v[i]) : end;
	}
}

/* Two lists in order of address become one. */
static void merge(struct page_runs *to, const struct page_runs *a, const struct page_runs *b)
{
	size_t i = 0, j = 0;

	while (i < a->n || j < b->n) {
		bool first = j == b->n || (i < a->n && a->v[i].address < b->v[j].address);

		page_runs_add(to, first ? a->v[i++] : b->v[j++]);
	}
}

static bool turn_runs(struct turn *turn)
{
	const struct process_images *process = turn->process;
	const struct page_runs *first = &process->rounds.rounds[process_first(process)].map.runs;

	for (size_t i = 0; i < first->n; i++)
		if ((first->v[i].flags & PAGES_PRESENT) && !turn_run(turn, &first->v[i]))
			return false;
	for (size_t i = 0; i < process->now.n; i++)
		if (process->now.v[i].round != process_first(process))
			add_fresh(turn, &process->now.v[i]);
	turn->map.pages_id = process->rounds.rounds[0].map.pages_id;
	merge(&turn->map.runs, &turn->kept, &turn->fresh);
	return true;
}

/* Cut a range out of a file; a file system that cannot moves what is behind it. */
static bool cut_out(int fd, off_t at, off_t len)
{
	off_t size = lseek(fd, 0, SEEK_END);

	if (at + len == size)
		return ftruncate(fd, at) == 0;
	if (fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, at, len) == 0)
		return true;
	return errno == EOPNOTSUPP && copy(fd, at + len, fd, at, size - at - len) &&
	       ftruncate(fd, size - len) == 0;
}

/* The file must have nothing but what the pagemap lists. From its end, so that offsets stay
 * valid. */
static bool cut_gone(const struct turn *turn)
{
	for (size_t i = turn->gone.n; i-- > 0;) {
		const struct page_run *run = &turn->gone.v[i];

		if (!cut_out(turn->base, (off_t)run->offset, (off_t)(run->pages * page_bytes())))
			return false;
	}
	return true;
}

/* The last images become those of the round before, for what is fresh, and the first round's file
 * of pages takes their name. */
static bool change_places(const struct turn *turn)
{
	const struct process_images *process = turn->process;
	char from[120], to[120], fresh[80];

	snprintf(fresh, sizeof(fresh), "%s/../" FRESH, process->images);
	process_pages_path(process, 0, from, sizeof(from));
	snprintf(to, sizeof(to), "%s/pages-%u.img", fresh, turn->map.pages_id);
	if (rename(from, to) < 0)
		return false;
	process_pages_path(process, process_first(process), to, sizeof(to));
	if (link(to, from) < 0)
		return false;
	snprintf(from, sizeof(from), "%s/pagemap-%u.img", process->images, process->pid);
	snprintf(to, sizeof(to), "%s/pagemap-%u.img", fresh, process->pid);
	return rename(from, to) == 0 && pagemap_save(&turn->map, from);
}

static uint64_t lazy_bytes(const struct page_runs *runs)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < runs->n; i++)
		if (runs->v[i].flags & PAGES_LAZY)
			bytes += runs->v[i].pages * page_bytes();
	return bytes;
}

static void forget(struct turn *turn)
{
	for (unsigned i = 0; i < ROUNDS_OF_MEMORY; i++)
		if (turn->from[i] >= 0)
			close(turn->from[i]);
	if (turn->base >= 0)
		close(turn->base);
	page_runs_free(&turn->map.runs);
	page_runs_free(&turn->kept);
	page_runs_free(&turn->fresh);
	page_runs_free(&turn->gone);
}

static bool turn_round(struct process_images *process, void *data)
{
	struct turn turn = {.process = process};
	bool ok;

	memset(turn.from, -1, sizeof(turn.from));
	turn.base = process_pages_open(process, process_first(process), O_RDWR);
	ok = turn.base >= 0 && turn_runs(&turn) && cut_gone(&turn) && change_places(&turn);
	if (ok)
		process->memory->later_bytes += lazy_bytes(&turn.map.runs);
	else
		process_failed(process, "bringing the first round up to date");
	forget(&turn);
	return ok;
}

/* Both folders' "parent" links change after the last process has been read through them. */
static bool change_parents(const char *images, struct restore_memory *memory)
{
	char link[100], fresh[100];
	bool ok;

	snprintf(link, sizeof(link), "%s/parent", images);
	snprintf(fresh, sizeof(fresh), "%s/../" FRESH "/parent", images);
	ok = rename(link, fresh) == 0 && symlink("../" FRESH, link) == 0;
	if (!ok)
		snprintf(memory->why, sizeof(memory->why), "%s: %s", link, strerror(errno));
	return ok;
}

bool restore_memory_lazy(const char *images, struct restore_memory *memory)
{
	char path[100];

	*memory = (struct restore_memory){0};
	snprintf(path, sizeof(path), "%s/parent", images);
	if (access(path, F_OK) < 0)
		return true; /* no rounds before: as CRIU has it */
	snprintf(path, sizeof(path), "%s/../" FRESH, images);
	mkdir(path, 0700);
	return process_each(images, memory, turn_round, NULL) && change_parents(images, memory);
}
