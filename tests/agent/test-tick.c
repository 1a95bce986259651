/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tick service on the host, against sums computed here from docs/tick-protocol.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "tests/agent/service.h"

#define PROGRAM LU_BUILD_DIR "/tick-x86_64"
#define WORDS	(1 << 17) /* of 1 MiB */
#define SEED	77

static uint64_t memory[WORDS], state_hash;

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

static uint64_t fnv(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 1099511628211ULL;
	return hash;
}

static void touch(uint64_t counter)
{
	for (unsigned k = 0; k < 3; k++) { /* --dirty-bytes 20 is three words */
		uint64_t *word = &memory[(mix(counter) + k) % WORDS];

		*word = mix(*word ^ counter);
		state_hash = mix(state_hash ^ *word);
	}
}

static int start(void **state)
{
	static const char *const words[] = {"--state-mb",    "1",  "--seed", "77",
					    "--dirty-bytes", "20", NULL};

	service_start("tick-x86_64", words);
	for (uint64_t i = 0; i < WORDS; i++)
		memory[i] = mix(SEED + i);
	state_hash = mix(SEED);
	return 0;
}

static int stop(void **state)
{
	service_stop();
	return 0;
}

/* One T request on fd, whose connection's sum so far is *hash. */
static void tick(int fd, uint64_t counter, uint64_t *hash)
{
	g_autofree char *request = g_strdup_printf("T %lu pay%lu\n", 1000 + counter, counter);
	g_autofree char *reply = NULL;
	struct utsname name;

	uname(&name);
	*hash = fnv(*hash, request);
	touch(counter);
	reply = g_strdup_printf("R %lu %lu %s %016lx %016lx\n", 1000 + counter, counter,
				name.release, *hash, state_hash);
	service_expect(fd, request, reply);
}

static void replies_carry_the_sums(void **state)
{
	uint64_t a_hash = 14695981039346656037ULL, b_hash = a_hash, full = a_hash;
	int a = service_connect(), b = service_connect();
	g_autofree char *reply = NULL;

	for (uint64_t counter = 1; counter <= 200; counter++) {
		if (counter % 3)
			tick(a, counter, &a_hash);
		else
			tick(b, counter, &b_hash);
	}
	for (unsigned i = 0; i < WORDS; i++)
		full = (full ^ memory[i]) * 1099511628211ULL;
	reply = g_strdup_printf("H 200 %016lx %016lx\n", state_hash, full);
	service_expect(b, "H\n", reply);
	close(a);
	close(b);
}

static void bad_lines_end_the_connection(void **state)
{
	static const char *const lines[] = {"T 1 \n", "T x y\n", "Q\n", "T 1 a b\n"};

	service_rejects(lines, sizeof(lines) / sizeof(lines[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(replies_carry_the_sums, start, stop),
		cmocka_unit_test_setup_teardown(bad_lines_end_the_connection, start, stop),
	};

	if (access(PROGRAM, X_OK)) {
		fprintf(stderr, "skipped: no %s\n", PROGRAM);
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
