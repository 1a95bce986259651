/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages of a private mapping become the process's own, whatever it does meanwhile, and what it
 * gives back afterwards reads as zeros. */
#include "tests/kit/cmocka-all.h"
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "agent/criu/pagemap.h"
#include "agent/criu/settle.h"
#include "agent/file.h"

#define PAGES 300

struct mapped {
	char *folder, *path;
	int fd;
	uint32_t *words;
	size_t len, step; /* words a page */
};

static struct mapped map(void)
{
	struct mapped mapped = {.folder = g_dir_make_tmp("lu-XXXXXX", NULL),
				.len = PAGES * page_bytes(),
				.step = page_bytes() / sizeof(uint32_t)};

	assert_non_null(mapped.folder);
	mapped.path = g_build_filename(mapped.folder, "1.img", NULL);
	mapped.fd = open(mapped.path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	for (uint32_t i = 0; i < PAGES * mapped.step; i++)
		assert_int_equal(write(mapped.fd, &(uint32_t){i / mapped.step + 1}, sizeof(i)),
				 sizeof(i));
	mapped.words = mmap(NULL, mapped.len, PROT_READ | PROT_WRITE, MAP_PRIVATE, mapped.fd, 0);
	assert_ptr_not_equal(mapped.words, MAP_FAILED);
	return mapped;
}

static void unmap(struct mapped *mapped)
{
	munmap(mapped->words, mapped->len);
	close(mapped->fd);
	remove_tree(mapped->folder);
	g_free(mapped->path);
	g_free(mapped->folder);
}

/* What a process may do to its own kind (ptrace(2)) it may do to itself, unless a sandbox says no. */
static bool settle_self(const struct mapped *mapped, struct settled *settled)
{
	if (settle(getpid(), mapped->folder, settled) && settled->own_bytes)
		return true;
	print_message("skipped: process_vm_writev or punching holes is not possible here: %s\n",
		      strerror(errno));
	return false;
}

static void test_own(void **state)
{
	struct mapped mapped = map();
	struct settled settled;
	struct stat file;

	mapped.words[7 * mapped.step] = 77;
	if (settle_self(&mapped, &settled)) {
		assert_int_equal(settled.own_bytes, mapped.len);
		assert_int_equal(settled.left_bytes, 0);
		for (unsigned i = 0; i < PAGES; i++)
			assert_int_equal(mapped.words[i * mapped.step], i == 7 ? 77 : i + 1);
		assert_int_equal(fstat(mapped.fd, &file), 0);
		assert_int_equal(file.st_blocks, 0);
		assert_int_equal(file.st_size, mapped.len);
		assert_int_equal(madvise(mapped.words, mapped.len / 2, MADV_DONTNEED), 0);
		assert_int_equal(mapped.words[3 * mapped.step], 0);
		assert_int_equal(mapped.words[(PAGES - 1) * mapped.step], PAGES);
	}
	unmap(&mapped);
}

/* Where the process itself may not write, nothing changes and nothing is freed. */
static void test_left(void **state)
{
	struct mapped mapped = map();
	struct settled settled;

	assert_int_equal(mprotect(mapped.words, 10 * page_bytes(), PROT_READ), 0);
	if (settle_self(&mapped, &settled)) {
		assert_int_equal(settled.left_bytes, 10 * page_bytes());
		assert_int_equal(settled.own_bytes, mapped.len - settled.left_bytes);
		for (unsigned i = 0; i < PAGES; i++)
			assert_int_equal(mapped.words[i * mapped.step], i + 1);
	}
	unmap(&mapped);
}

/* Another thread that writes all the time loses no write. */
static void *count(void *data)
{
	struct mapped *mapped = data;
	volatile uint32_t *word = mapped->words + 1;

	for (uint32_t n = 1; *(volatile uint32_t *)&mapped->words[2] != UINT32_MAX; n++)
		for (unsigned i = 0; i < PAGES; i++)
			word[i * mapped->step + 4] = n;
	return GUINT_TO_POINTER(word[4]);
}

static void test_no_write_is_lost(void **state)
{
	struct mapped mapped = map();
	struct settled settled;
	GThread *thread;
	uint32_t last;

	thread = g_thread_new("writer", count, &mapped);
	while (*(volatile uint32_t *)&mapped.words[5] < 3)
		g_thread_yield();
	settle_self(&mapped, &settled);
	last = *(volatile uint32_t *)&mapped.words[5];
	*(volatile uint32_t *)&mapped.words[2] = UINT32_MAX;
	assert_true(GPOINTER_TO_UINT(g_thread_join(thread)) >= last);
	for (unsigned i = 0; i < PAGES; i++)
		assert_int_equal(mapped.words[i * mapped.step + 5], mapped.words[5]);
	unmap(&mapped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_no_write_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
