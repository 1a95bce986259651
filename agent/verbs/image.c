/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For a kernel that is saved as a release's memory image and resumed later on another machine:
 * before, memory is filled to a given size and all free memory is zeroed; after, the clock is set
 * and the random generator seeded, as all copies of an image would otherwise generate the same
 * numbers (Documentation/virt/vmgenid; random(4)).
 *
 * image.fill {bytes, compressible} (per cent of each page that repeats itself) → filled_bytes,
 *     free_bytes: that much free memory is allocated permanently and filled
 * image.settle {} → zeroed_bytes: free memory is zero
 * image.wake {realtime_ns, seed} → kernel, arch: clock and random generator are set
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include "agent/file.h"
#include "agent/kernel.h"
#include "agent/verb.h"

#define PAGE 4096u

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#define MEBIBYTE ((uint64_t)1 << 20)
/* Memory that a kernel needs while all other free memory is taken for a moment. */
#define MARGIN ((uint64_t)5 << 20)
/* Memory that must stay free permanently. */
#define ROOM ((uint64_t)48 << 20)
/* Pages that one page of a page table maps. */
#define TABLE_ENTRIES 512

static uint64_t scatter(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

/* No two pages are equal, no word is zero; the last `repeated` words of a page are equal. */
static void fill_page(uint64_t *words, uint64_t number, unsigned repeated)
{
	unsigned count = PAGE / sizeof(*words), different = count - repeated;

	for (unsigned i = 0; i < count; i++) {
		unsigned which = i < different ? i : different;

		words[i] = scatter(number * count + which + 1) | 1;
	}
}

/* Allocated permanently. Forked children do not need
 * it, and copying its page tables would take time. */
static void *take(uint64_t bytes, unsigned percent)
{
	unsigned repeated = PAGE / (unsigned)sizeof(uint64_t) * percent / 100;
	char *memory =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	madvise(memory, bytes, MADV_DONTFORK);
	for (uint64_t at = 0; at < bytes; at += PAGE)
		fill_page((uint64_t *)(memory + at), at / PAGE, repeated);
	return memory;
}

static void image_fill(struct request *request)
{
	uint64_t bytes = (uint64_t)arg_int(request, "bytes", 0) & ~(uint64_t)(PAGE - 1);
	uint64_t unused = meminfo_bytes("MemFree:");

	if (bytes && bytes + ROOM > unused) {
		reply_error(request, "failed", "image.fill: %llu MiB do not fit, %llu are free",
			    (unsigned long long)(bytes / MEBIBYTE),
			    (unsigned long long)(unused / MEBIBYTE));
	} else if (bytes && !take(bytes, (unsigned)arg_int(request, "compressible", 50) % 101)) {
		reply_error(request, "failed", "image.fill: %s", strerror(errno));
	} else {
		reply_ok(request, json_pack("{s:I, s:I}", "filled_bytes", (json_int_t)bytes,
					    "free_bytes", (json_int_t)(unused - bytes)));
	}
}

/* Reserves of free memory that a kernel keeps: a limit, and the lowest zone, in which the firmware
 * has left a compressed kernel. */
static const char *const reserves[][2] = {
	{"/proc/sys/vm/min_free_kbytes", "1024"},
	{"/proc/sys/vm/lowmem_reserve_ratio", "0\t0\t0\t0\t0"},
};

enum { RESERVES = sizeof(reserves) / sizeof(*reserves) };

static void open_reserves(char *before[RESERVES])
{
	for (int i = 0; i < RESERVES; i++) {
		before[i] = file_read(reserves[i][0], NULL);
		file_write(reserves[i][0], reserves[i][1]);
	}
}

static void close_reserves(char *before[RESERVES])
{
	for (int i = 0; i < RESERVES; i++) {
		if (before[i])
			file_write(reserves[i][0], before[i]);
		free(before[i]);
	}
}

/* The kernel zeroes pages that it gives to a program and does not touch them when they are freed.
 * Page by page: huge pages would leave out the scattered pages between them, which are just those
 * that have been used and freed. */
static bool zero_free(uint64_t bytes)
{
	void *memory =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool ok;

	if (memory == MAP_FAILED)
		return false;
	madvise(memory, bytes, MADV_NOHUGEPAGE);
	ok = madvise(memory, bytes, MADV_POPULATE_WRITE) == 0;
	munmap(memory, bytes);
	return ok;
}

static void image_settle(struct request *request)
{
	char *before[RESERVES];
	uint64_t unused, bytes;

	open_reserves(before);
	unused = meminfo_bytes("MemFree:");
	unused -= unused / TABLE_ENTRIES;
	bytes = unused > MARGIN ? (unused - MARGIN) & ~(uint64_t)(PAGE - 1) : 0;
	if (bytes && !zero_free(bytes))
		bytes = 0;
	close_reserves(before);
	reply_ok(request, json_pack("{s:I}", "zeroed_bytes", (json_int_t)bytes));
}

static void feed_random(const char *seed)
{
	int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, seed, strlen(seed)) > 0)
		ioctl(fd, RNDRESEEDCRNG);
	close(fd);
}

static void image_wake(struct request *request)
{
	json_int_t now = arg_int(request, "realtime_ns", 0);
	struct timespec time = {.tv_sec = now / 1000000000, .tv_nsec = now % 1000000000};
	struct utsname name;

	if (now > 0)
		clock_settime(CLOCK_REALTIME, &time);
	feed_random(arg_str(request, "seed", ""));
	uname(&name);
	reply_ok(request, json_pack("{s:s, s:s}", "kernel", name.release, "arch", name.machine));
}

const struct lu_agent_verbs lu_agent_verbs_image = {
	"image",
	{
		{"image.fill", image_fill},
		{"image.settle", image_settle},
		{"image.wake", image_wake},
		{},
	},
};
