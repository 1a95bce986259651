/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The oltp service on the host: replies, and what it finds again after it was killed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "tests/workloads/kit/service.h"

#define PROGRAM LU_BUILD_DIR "/oltp-x86_64"

static char *dir;

static void start(const char *journal)
{
	static const char *words[7];
	static char *file;

	g_free(file);
	file = g_build_filename(dir, "db", NULL);
	memcpy(words,
	       (const char *const[]){"--file", file, "--accounts", "5", "--journal", journal, NULL},
	       sizeof(words));
	service_start("oltp-x86_64", words);
}

static int make_dir(void **state)
{
	dir = g_dir_make_tmp("oltp-XXXXXX", NULL);
	return dir ? 0 : -1;
}

static int remove_dir(void **state)
{
	static const char *const names[] = {"db", "db-wal", "db-shm", "db-journal"};

	service_stop();
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(dir, names[i], NULL);

		g_remove(path);
	}
	g_assert_cmpint(g_rmdir(dir), ==, 0);
	g_free(dir);
	return 0;
}

static uint64_t fnv(const char *text)
{
	uint64_t hash = 14695981039346656037ULL;

	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 1099511628211ULL;
	return hash;
}

static void write_one(int fd, unsigned token, unsigned number)
{
	struct utsname name;
	g_autofree char *request =
		g_strdup_printf("W %u %u -%u pay%u\n", token, token % 5, token, token);
	g_autofree char *reply = NULL;

	uname(&name);
	reply = g_strdup_printf("W %u %u %s\n", token, number, name.release);
	service_expect(fd, request, reply);
}

static void find_one(int fd, unsigned token, unsigned number)
{
	g_autofree char *payload = g_strdup_printf("pay%u", token);
	g_autofree char *request = g_strdup_printf("L %u\n", number);
	g_autofree char *reply = g_strdup_printf("L %u %u %u -%u %016lx\n", number, token,
						 token % 5, token, fnv(payload));

	service_expect(fd, request, reply);
}

static void expect_read(int fd, unsigned account, unsigned number, int balance)
{
	struct utsname name;
	g_autofree char *request = g_strdup_printf("R 99 %u\n", account);
	g_autofree char *reply = NULL;

	uname(&name);
	reply = g_strdup_printf("R 99 %u %d %s\n", number, balance, name.release);
	service_expect(fd, request, reply);
}

static void check_rows(int fd)
{
	for (unsigned i = 1; i <= 20; i++)
		find_one(fd, 100 + i, i);
	service_expect(fd, "S\n", "S 20 20 0\n");
	service_expect(fd, "I\n", "I ok\n");
	service_expect(fd, "L 21\n", "L 21 none\n");
	expect_read(fd, 1, 16, -(101 + 106 + 111 + 116));
}

/* Killed while it holds the database open: what it said is there. */
static void survives_a_kill(void **state)
{
	static const char *const journals[] = {"wal", "rollback"};

	for (size_t j = 0; j < G_N_ELEMENTS(journals); j++) {
		int fd;

		if (j)
			make_dir(state);
		start(journals[j]);
		fd = service_connect();
		expect_read(fd, 1, 0, 0);
		for (unsigned i = 1; i <= 20; i++)
			write_one(fd, 100 + i, i);
		check_rows(fd);
		close(fd);
		service_stop();
		service_restart();
		fd = service_connect();
		check_rows(fd);
		write_one(fd, 300, 21);
		close(fd);
		if (!j)
			remove_dir(state);
	}
}

static void bad_lines_end_the_connection(void **state)
{
	static const char *const lines[] = {
		"W 1 2 3\n", "W 1 9 3 pay\n", "W 1 x 3 pay\n", "W 1 2 3 a b\n", "R 1 9\n", "L\n",
		"Q\n"};

	start("wal");
	service_rejects(lines, G_N_ELEMENTS(lines));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(survives_a_kill, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(bad_lines_end_the_connection, make_dir, remove_dir),
	};

	if (access(PROGRAM, X_OK)) {
		fprintf(stderr, "skipped: no %s\n", PROGRAM);
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
