/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that is saved as a release's memory image and begins to run elsewhere, later: before
 * that, memory is brought to a stated size and all that is free is zeroed; after it, the clock is
 * set and the random generator fed, as all copies of an image would otherwise draw the same
 * numbers (Documentation/virt/vmgenid; random(4)).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include "verbs.h"

#define PAGE	 4096u
#define MEBIBYTE ((uint64_t)1 << 20)
/* What a kernel wants to have left while all the rest is taken for a moment. */
#define MARGIN ((uint64_t)48 << 20)

static uint64_t scatter(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

/* No two pages are alike, no word is zero; the last `repeated` words of a page are one word. */
static void fill_page(uint64_t *words, uint64_t number, unsigned repeated)
{
	unsigned count = PAGE / sizeof(*words), different = count - repeated;

	for (unsigned i = 0; i < count; i++) {
		unsigned which = i < different ? i : different;

		words[i] = scatter(number * count + which + 1) | 1;
	}
}

/* Held for good. A forked child has no use for it, and copying its page tables would take time. */
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

void verb_image_fill(struct request *request)
{
	uint64_t memory = (uint64_t)arg_int(request, "memory_mb", 0) * MEBIBYTE;
	uint64_t target = (uint64_t)arg_int(request, "touched_mb", 0) * MEBIBYTE;
	uint64_t unused = meminfo_bytes("MemFree:"), touched = memory - unused;
	uint64_t bytes = target > touched ? (target - touched) & ~(uint64_t)(PAGE - 1) : 0;

	if (memory <= unused) {
		reply_error(request, "usage", "image.fill: \"memory_mb\" is less than is free");
	} else if (bytes + MARGIN > unused) {
		reply_error(request, "failed",
			    "image.fill: %llu MB do not fit: %llu MB are free of %llu",
			    (unsigned long long)(bytes / MEBIBYTE),
			    (unsigned long long)(unused / MEBIBYTE),
			    (unsigned long long)(memory / MEBIBYTE));
	} else if (bytes && !take(bytes, (unsigned)arg_int(request, "compressible", 50) % 101)) {
		reply_error(request, "failed", "image.fill: %s", strerror(errno));
	} else {
		reply_ok(request, json_pack("{s:I, s:I}", "filled_bytes", (json_int_t)bytes,
					    "touched_bytes", (json_int_t)(touched + bytes)));
	}
}

/* The kernel zeroes what it gives to a program, and does not touch it when it is given back. */
void verb_image_settle(struct request *request)
{
	uint64_t unused = meminfo_bytes("MemFree:");
	uint64_t bytes = unused > MARGIN ? (unused - MARGIN) & ~(uint64_t)(PAGE - 1) : 0;
	void *memory = bytes ? mmap(NULL, bytes, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0)
			     : MAP_FAILED;

	if (memory != MAP_FAILED)
		munmap(memory, bytes);
	else
		bytes = 0;
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

void verb_image_wake(struct request *request)
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
