/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dirty service on the host, against sums computed here from docs/reference/workloads.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "tests/workloads/kit/service.h"

#define PROGRAM LU_BUILD_DIR "/dirty-x86_64"
#define BLOCKS	256 /* of 1 MiB */
#define STEP	0x9e3779b97f4a7c15ULL
#define PRIME	1099511628211ULL
#define MS	1000000LL

struct beat {
	unsigned long id, requests, writes, corrupt, stale;
	long long active_ns;
};

static const char *pattern;
static pid_t pid;

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
	pid = service_start("dirty-x86_64", words);
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

/* Let it write for a while: there is nothing to wait for but the time itself. */
static void let_pass(int ms)
{
	poll(NULL, 0, ms);
}

static void memory_is_what_the_writes_make_of_it(void **state)
{
	static const char *const patterns[] = {"sequential", "random", "hot-cold"};

	for (size_t i = 0; i < G_N_ELEMENTS(patterns); i++) {
		unsigned long requests, writes, corrupt, stale, hash;
		char line[300];
		int fd;

		start(patterns[i]);
		fd = service_connect();
		assert_int_equal(beat(fd, 7).requests, 1);
		let_pass(100);
		service_ask(fd, "A\n", line, sizeof(line));
		assert_int_equal(sscanf(line, "A %lu %lu %lu %lu %lx\n", &requests, &writes,
					&corrupt, &stale, &hash),
				 5);
		assert_true(writes > BLOCKS);
		assert_int_equal(requests, 1);
		assert_int_equal(corrupt + stale, 0);
		assert_true(hash == hash_after(writes));
		close(fd);
		service_stop();
	}
}

/* 40 MB/s, by its own count of running time. A tick's worth (5 ms) may be owed at either end. */
static void rate_is_kept(void **state)
{
	double rate, slack;
	struct beat a, b;
	int fd;

	start("sequential");
	fd = service_connect();
	a = beat(fd, 1);
	let_pass(500);
	b = beat(fd, 2);
	rate = (double)(b.writes - a.writes) * 4096 / (double)(b.active_ns - a.active_ns) * 1000;
	slack = 40.0 * 12 * MS / (double)(b.active_ns - a.active_ns);
	assert_true(b.active_ns - a.active_ns > 400 * MS);
	assert_float_equal(rate, 40, slack);
	close(fd);
	service_stop();
}

/* Stopped for longer than a stretch: that is neither running time nor is it caught up. */
static void a_stop_is_not_caught_up(void **state)
{
	struct beat a, b;
	int fd;

	start("sequential");
	fd = service_connect();
	a = beat(fd, 1);
	kill(pid, SIGSTOP);
	let_pass(800);
	kill(pid, SIGCONT);
	b = beat(fd, 2);
	assert_true(b.active_ns - a.active_ns < 300 * MS);
	assert_true((double)(b.writes - a.writes) * 4096 < 40e6 * 0.4);
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
		cmocka_unit_test(rate_is_kept),
		cmocka_unit_test(a_stop_is_not_caught_up),
		cmocka_unit_test(bad_lines_end_the_connection),
	};

	if (access(PROGRAM, X_OK)) {
		fprintf(stderr, "skipped: no %s\n", PROGRAM);
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
