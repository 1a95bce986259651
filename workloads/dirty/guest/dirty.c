/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dirty: writes a set of memory at a steady rate, and counts how often each block was written; what
 * it finds before each write proves that the previous one was not lost. docs/reference/workloads.md
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <time.h>
#include "workloads/kit/guest/line-options.h"
#include "workloads/kit/guest/line-server.h"
#include "workloads/kit/guest/pace.h"
#include "workloads/kit/guest/pattern.h"

#define FNV_BASIS 14695981039346656037ULL
#define FNV_PRIME 1099511628211ULL
#define BLOCK	  4096
#define WORDS	  (BLOCK / 8)
#define NS_PER_S  1000000000LL
#define TICK_NS	  5000000 /* polling interval of the write schedule */
#define SLICE_NS  3000000 /* longest stretch of writing before requests are handled */

enum pattern { SEQUENTIAL, RANDOM, HOT_COLD };

static struct {
	long port, mb, rate_mb;
	enum pattern pattern;
} options = {7008, 64, 20, SEQUENTIAL};

static uint64_t (*set)[WORDS], blocks;
static uint32_t *counts; /* by block: how often it was written, beside the set itself */
static uint64_t requests, corrupt, stale;
static struct pace pace = {.piece_bytes = BLOCK}; /* of writes */

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static void fill(uint64_t block, uint64_t count)
{
	uint64_t *word = set[block], value = pattern_mix(pattern_mix(block) ^ count);

	word[0] = count;
	for (unsigned k = 1; k < WORDS; k++)
		word[k] = value += PATTERN_STEP;
}

static bool is_whole(uint64_t block)
{
	const uint64_t *word = set[block];
	uint64_t value = pattern_mix(pattern_mix(block) ^ word[0]), wrong = 0;

	for (unsigned k = 1; k < WORDS; k++)
		wrong |= word[k] ^ (value += PATTERN_STEP);
	return !wrong;
}

static void check(uint64_t block)
{
	if (!is_whole(block))
		corrupt++;
	else if (set[block][0] != counts[block])
		stale++;
}

static uint64_t block_of(uint64_t w)
{
	uint64_t draw = pattern_mix(w), hot = blocks / 10;

	switch (options.pattern) {
	case SEQUENTIAL:
		return w % blocks;
	case RANDOM:
		return draw % blocks;
	default:
		return draw % 10 ? (draw >> 8) % hot : hot + (draw >> 8) % (blocks - hot);
	}
}

static void write_one(void)
{
	uint64_t block = block_of(pace.done++);

	check(block);
	fill(block, ++counts[block]);
}

static int64_t work(void)
{
	int64_t now = now_ns(), end = now + SLICE_NS;
	uint64_t until = pace_due(&pace, now);

	while (pace.done < until && now < end) {
		for (unsigned i = 0; i < 8 && pace.done < until; i++)
			write_one();
		now = now_ns();
	}
	return pace_owes(&pace, until, now) ? 0 : TICK_NS;
}

static uint64_t check_all(void)
{
	uint64_t hash = FNV_BASIS;

	for (uint64_t block = 0; block < blocks; block++) {
		check(block);
		hash = (hash ^ set[block][0]) * FNV_PRIME;
		hash = (hash ^ set[block][WORDS - 1]) * FNV_PRIME;
	}
	return hash;
}

static void serve_beat(struct line_conn *conn, const char *id, size_t len)
{
	struct utsname name;

	uname(&name);
	line_reply(conn, "D %.*s %llu %s %llu %lld %llu %llu\n", (int)len, id,
		   (unsigned long long)++requests, name.release, (unsigned long long)pace.done,
		   (long long)pace.active_ns, (unsigned long long)corrupt,
		   (unsigned long long)stale);
}

static void serve(struct line_conn *conn, const char *line, size_t len)
{
	if (line_is_number(line, len, 'D')) {
		serve_beat(conn, line + 2, len - 2);
	} else if (len == 1 && *line == 'A') {
		uint64_t hash = check_all();

		line_reply(conn, "A %llu %llu %llu %llu %016llx\n", (unsigned long long)requests,
			   (unsigned long long)pace.done, (unsigned long long)corrupt,
			   (unsigned long long)stale, (unsigned long long)hash);
	} else {
		line_fail(conn, "a request is D <id> or A");
	}
}

static void *memory(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED) {
		fprintf(stderr, "dirty: no memory for a set of %llu MiB\n",
			(unsigned long long)options.mb);
		exit(1);
	}
	return at;
}

/* Huge pages would make one write dirty 2 MiB. */
static void make_set(void)
{
	blocks = (options.mb << 20) / BLOCK;
	set = memory(blocks * BLOCK);
	madvise(set, blocks * BLOCK, MADV_NOHUGEPAGE);
	counts = memory(blocks * sizeof(*counts));
	for (uint64_t block = 0; block < blocks; block++)
		fill(block, 0);
	pace.bytes_per_s = (uint64_t)options.rate_mb * 1000000;
	pace_begin(&pace, now_ns());
}

static void parse_options(int argc, char **argv)
{
	static const char *const patterns[] = {
		[SEQUENTIAL] = "sequential", [RANDOM] = "random", [HOT_COLD] = "hot-cold", NULL};
	const char *pattern = patterns[SEQUENTIAL];
	const struct line_option known[] = {
		{"port", &options.port, 1, 65535},
		{"dirty-mb", &options.mb, 1, 65536},
		{"dirty-mb-per-s", &options.rate_mb, 0, 100000},
		{"pattern", .word = &pattern, .words = patterns},
		{0},
	};

	line_options("dirty", known, argc, argv);
	options.pattern = line_word(patterns, pattern);
}

int main(int argc, char **argv)
{
	struct line_service service = {"dirty", .serve = serve, .work = work};

	parse_options(argc, argv);
	make_set();
	service.port = options.port;
	line_serve(&service);
}
