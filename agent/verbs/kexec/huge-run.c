/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds adjacent huge pages: allocate some, look up their physical addresses, and allocate more
 * until enough are adjacent (Documentation/admin-guide/mm/pagemap.rst, hugetlbpage.rst). */
#include "agent/verbs/kexec/huge-run.h"
#include <fcntl.h>
#include <linux/memfd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "agent/file.h"

#define POOL	    "/proc/sys/vm/nr_hugepages"
#define PRESENT	    (1ULL << 63)
#define FRAME_MASK  ((1ULL << 55) - 1)
#define SMALL_PAGE  4096UL
#define ADDRESS_END (1ULL << 32)

struct place {
	uint64_t phys;
	size_t index; /* in the file */
};

static size_t pool_size(void)
{
	char *text = file_read(POOL, NULL);
	size_t pages = text ? strtoul(text, NULL, 10) : 0;

	free(text);
	return pages;
}

/* The kernel allocates as many as it can; returns how many there are now. */
static size_t pool_resize(size_t pages)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", pages);
	file_write(POOL, text);
	return pool_size();
}

static size_t file_pages(int file)
{
	struct stat st;

	return fstat(file, &st) == 0 ? st.st_size / HUGE_PAGE : 0;
}

int huge_file(void)
{
	return memfd_create("next-kernel", MFD_CLOEXEC | MFD_HUGETLB | MFD_HUGE_2MB);
}

void huge_file_close(int file)
{
	if (file < 0)
		return;
	close(file);
	pool_resize(0);
}

/* Physical addresses of all pages of the file; false when they cannot be read. */
static bool find_places(const char *base, size_t pages, struct place *places)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;
	bool good = fd >= 0;

	for (size_t i = 0; i < pages && good; i++) {
		off_t at = ((uintptr_t)base + i * HUGE_PAGE) / SMALL_PAGE * sizeof(entry);

		good = pread(fd, &entry, sizeof(entry), at) == sizeof(entry) && (entry & PRESENT) &&
		       (entry & FRAME_MASK);
		places[i] = (struct place){(entry & FRAME_MASK) * SMALL_PAGE, i};
	}
	if (fd >= 0)
		close(fd);
	return good;
}

static int by_address(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->phys > y->phys) - (x->phys < y->phys);
}

/* Index of the first of `want` adjacent pages among sorted places, or `pages`. */
static size_t find_run(const struct place *places, size_t pages, size_t want)
{
	size_t first = 0;

	for (size_t i = 0; i < pages && places[i].phys + HUGE_PAGE <= ADDRESS_END; i++) {
		if (i && places[i].phys != places[i - 1].phys + HUGE_PAGE)
			first = i;
		if (i - first + 1 == want)
			return first;
	}
	return pages;
}

/* Maps the run's pages in their physical order. */
static char *map_run(int file, const struct place *run, size_t want)
{
	char *base =
		mmap(NULL, (want + 1) * HUGE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED)
		return NULL;
	base += -(uintptr_t)base % HUGE_PAGE;
	for (size_t i = 0; i < want; i++)
		if (mmap(base + i * HUGE_PAGE, HUGE_PAGE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, file, run[i].index * HUGE_PAGE) == MAP_FAILED)
			return NULL;
	return base;
}

static void free_others(int file, const struct place *places, size_t pages, size_t first,
			size_t want)
{
	for (size_t i = 0; i < pages; i++)
		if (i < first || i >= first + want)
			fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				  places[i].index * HUGE_PAGE, HUGE_PAGE);
	pool_resize(want);
}

/* NULL and a run, NULL and no run (more pages are needed), or why there cannot be one. */
static const char *look(int file, size_t pages, size_t want, struct huge_run *run)
{
	struct place *places = reallocarray(NULL, pages, sizeof(*places));
	char *base = mmap(NULL, pages * HUGE_PAGE, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_POPULATE, file, 0);
	const char *why = NULL;
	size_t first = pages;

	if (!places || base == MAP_FAILED || !find_places(base, pages, places)) {
		why = "cannot read the physical addresses of huge pages";
	} else {
		qsort(places, pages, sizeof(*places), by_address);
		first = find_run(places, pages, want);
	}
	if (base != MAP_FAILED)
		munmap(base, pages * HUGE_PAGE);
	if (first < pages) {
		run->phys = places[first].phys;
		run->base = map_run(file, places + first, want);
		why = run->base ? NULL : "cannot map adjacent huge pages";
		free_others(file, places, pages, first, want);
	}
	free(places);
	return why;
}

const char *huge_run_make(int file, size_t bytes, struct huge_run *run)
{
	size_t want = (bytes + HUGE_PAGE - 1) / HUGE_PAGE, limit = 3 * want;
	const char *why = NULL;

	*run = (struct huge_run){.bytes = want * HUGE_PAGE};
	for (size_t pages = want + want / 8 + 1; !run->base && !why; pages += want / 4 + 1) {
		if (pages > limit || pool_resize(pages) < pages)
			why = "free memory does not have enough adjacent huge pages";
		else if (ftruncate(file, pages * HUGE_PAGE) < 0)
			why = "cannot grow a file of huge pages";
		else
			why = look(file, pages, want, run);
	}
	if (why && file_pages(file)) {
		run->base = NULL;
		if (ftruncate(file, 0) < 0)
			why = "cannot free huge pages";
	}
	if (why)
		pool_resize(0);
	return why;
}
