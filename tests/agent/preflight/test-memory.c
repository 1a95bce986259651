/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What CRIU would write of a process's memory grows by what the process takes, and by nothing that
 * a file has already. */
#include "tests/kit/cmocka-all.h"
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "agent/preflight/preflight.h"
#include "tests/agent/preflight/held.h"

#define MIB (1L << 20)
/* So much that what an instrumented build takes beside it, now more and now less, does not matter. */
#define SIZE_MIB  64
#define SLACK_MIB 8

enum { NOTHING, PRIVATE, SHARED, MEMFD, UNTOUCHED, FORKED, FILE_OF_THE_DISK };

static bool take(long how)
{
	int flags = how == SHARED ? MAP_SHARED | MAP_ANONYMOUS : MAP_PRIVATE | MAP_ANONYMOUS;
	char *memory = mmap(NULL, SIZE_MIB * MIB, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (how == PRIVATE || how == SHARED || how == FORKED)
		memset(memory, 1, SIZE_MIB * MIB);
	if (how == MEMFD) {
		int fd = memfd_create("memory", 0);

		for (int i = 0; i < SIZE_MIB; i++)
			if (write(fd, memory, MIB) != MIB)
				return false;
	}
	if (how == FILE_OF_THE_DISK)
		return mmap(NULL, SIZE_MIB * MIB, PROT_READ, MAP_PRIVATE | MAP_POPULATE,
			    open("/proc/self/exe", O_RDONLY), 0) != MAP_FAILED;
	return (how != FORKED && how != SHARED) || held_child();
}

static long long bytes_of(long how)
{
	const struct preflight_how look = {.late = false};
	pid_t pid = held_start(take, how);
	json_auto_t *seen = pid ? preflight_look(pid, &look) : NULL;

	assert_non_null(seen);
	held_end(pid);
	return json_integer_value(json_object_get(seen, "state_bytes"));
}

/* Above a process that takes nothing. */
static void expect(long how, long mib)
{
	long long more = bytes_of(how) - bytes_of(NOTHING);

	if (llabs(more - mib * MIB) > SLACK_MIB * MIB)
		fail_msg("%ld: %lld bytes, not %ld MiB", how, more, mib);
}

static void test_sizes(void **state)
{
	expect(PRIVATE, SIZE_MIB);
	expect(MEMFD, SIZE_MIB);
	expect(UNTOUCHED, 0);
	expect(FILE_OF_THE_DISK, 0);
}

/* CRIU writes private pages for each process, and shared memory once. */
static void test_children(void **state)
{
	long long child = bytes_of(SHARED) - bytes_of(PRIVATE);

	assert_true(bytes_of(FORKED) - bytes_of(SHARED) >= (SIZE_MIB - SLACK_MIB) * MIB);
	assert_true(child < bytes_of(NOTHING) + SLACK_MIB * MIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_children),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
