/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dirty service on the host, against sums computed here from docs/reference/workloads.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "tests/workloads/kit/service.h"

#define PROGRAM LU_BUILD_DIR "/dirty-x86_64"
#define BLOCKS	256 /* of 1 MiB */
#define STEP	0x9e3779b97f4a7c15ULL
#define PRIME	1099511628211ULL

struct beat {
	unsigned long id, requests, writes, corrupt, stale;
	long long active_ns;
};

static const char *pattern;

static uint64_t mix(uint64_t x)
{
	x += STEP;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

static uint64_t block_of(uint64_t w)
{
	if (g_str_equal(pattern, "sequential"))
		return w % BLOCKS;
	if (g_str_equal(pattern, "random"))
		return mix(w) % BLOCKS;
	return mix(w) % 10 ? (mix(w) >> 8) % 25 : 25 + (mix(w) >> 8) % (BLOCKS - 25);
}

static uint64_t hash_after(uint64_t writes)
{
	uint64_t counts[BLOCKS] = {0}, hash = 14695981039346656037ULL;

	for (uint64_t w = 0; w < writes; w++)
		counts[block_of(w)]++;
	for (uint64_t b = 0; b < BLOCKS; b++) {
		hash = (hash ^ counts[b]) * PRIME;
		hash = (hash ^ (mix(mix(b) ^ counts[b]) + 511 * STEP)) * PRIME;
	}
	return hash;
}

static void start(const char *with)
{
	static const char *words[] = {"--dirty-mb", "1", "--dirty-mb-per-s", "40", "--pattern",
				      NULL,	    NULL};

	words[5] = pattern = with;
	service_start("dirty-x86_64", words);
}

static struct beat beat(int fd, unsigned long id)
{
	g_autofree char *request = g_strdup_printf("D %lu\n", id);
	char line[300], release[100];
	struct utsname name;
	struct beat b;

	service_ask(fd, request, line, sizeof(line));
	assert_int_equal(sscanf(line, "D %lu %lu %99s %lu %lld %lu %lu\n", &b.id, &b.requests,
				release, &b.writes, &b.active_ns, &b.corrupt, &b.stale),
			 7);
	uname(&name);
	assert_string_equal(release, name.release);
	assert_int_equal(b.id, id);
	assert_int_equal(b.corrupt + b.stale, 0);
	return b;
}

/* Until it has written that often; the last request's id. */
static unsigned long wait_writes(int fd, unsigned long writes)
{
	unsigned long id = 0;

	while (beat(fd, ++id).writes < writes)
		;
	return id;
}

/* What it holds is what so many writes make of it; how many. */
static unsigned long check_memory(int fd)
{
	unsigned long requests, writes, corrupt, stale, hash;
	char line[300];

	service_ask(fd, "A\n", line, sizeof(line));
	assert_int_equal(sscanf(line, "A %lu %lu %lu %lu %lx\n", &requests, &writes, &corrupt,
				&stale, &hash),
			 5);
	assert_int_equal(corrupt + stale, 0);
	assert_true(hash == hash_after(writes));
	return writes;
}

static void memory_is_what_the_writes_make_of_it(void **state)
{
	static const char *const patterns[] = {"sequential", "random", "hot-cold"};

	for (size_t i = 0; i < G_N_ELEMENTS(patterns); i++) {
		int fd;

		start(patterns[i]);
		fd = service_connect();
		assert_int_equal(beat(fd, 7).requests, 1);
		wait_writes(fd, BLOCKS + 1);
		check_memory(fd);
		close(fd);
		service_stop();
	}
}

/* Its running time and its writes go on where they were. */
static void goes_on_after_a_stop(void **state)
{
	struct beat before, after;
	int fd;

	start("sequential");
	fd = service_connect();
	wait_writes(fd, BLOCKS);
	before = beat(fd, 1);
	service_pause();
	service_go_on();
	after = beat(fd, 2);
	assert_true(after.writes >= before.writes && after.active_ns >= before.active_ns);
	wait_writes(fd, after.writes + BLOCKS);
	check_memory(fd);
	close(fd);
	service_stop();
}

static void bad_lines_end_the_connection(void **state)
{
	static const char *const lines[] = {"D\n", "D \n", "D x\n", "D 1 2\n", "A 1\n", "Q\n"};

	start("random");
	service_rejects(lines, G_N_ELEMENTS(lines));
	service_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_what_the_writes_make_of_it),
		cmocka_unit_test(goes_on_after_a_stop),
		cmocka_unit_test(bad_lines_end_the_connection),
	};

	if (access(PROGRAM, X_OK)) {
		fprintf(stderr, "skipped: no %s\n", PROGRAM);
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
