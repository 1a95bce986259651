/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What services in the guest find out about records on a device, and what they take for options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>
#include "workloads/kit/guest/line-options.h"
#include "workloads/kit/guest/record.h"

#define RECORDS 4
#define BYTES	100

static FILE *file;
static uint32_t writes[RECORDS];
static struct record_device device = {.index = 1, .bytes = BYTES, .records = RECORDS};
static struct record_buffers own;

static int begin(void **state)
{
	file = tmpfile();
	if (!file || !record_buffers_make(&own, BYTES))
		return -1;
	memset(writes, 0, sizeof(writes));
	memset(&record_findings, 0, sizeof(record_findings));
	device.writes = writes;
	device.fd = fileno(file);
	return ftruncate(device.fd, RECORDS * BYTES);
}

static int end(void **state)
{
	free(own.buffer);
	free(own.expected);
	return fclose(file);
}

static void check(unsigned errors, unsigned stale, unsigned wrong)
{
	assert_int_equal(record_findings.errors, errors);
	assert_int_equal(record_findings.stale, stale);
	assert_int_equal(record_findings.wrong, wrong);
}

static void test_whole(void **state)
{
	record_write(&device, 1, &own);
	record_write(&device, 3, &own);
	record_write(&device, 3, &own);
	for (unsigned i = 0; i < RECORDS; i++)
		record_read(&device, i, &own);
	check(0, 0, 0);
	assert_int_equal(writes[0], 0);
	assert_int_equal(writes[3], 2);
}

static void test_lost_write(void **state)
{
	record_write(&device, 2, &own);
	record_read(&device, 2, &own);
	writes[2]++;
	record_read(&device, 2, &own);
	check(0, 1, 0);
	writes[0]++; /* of one that is still all zero */
	record_read(&device, 0, &own);
	check(0, 2, 0);
}

static void test_damaged(void **state)
{
	record_write(&device, 2, &own);
	record_damage(&device, 2, &own);
	record_read(&device, 2, &own);
	check(0, 0, 1);
	record_damage(&device, 0, &own);
	record_read(&device, 0, &own);
	check(0, 0, 2);
}

/* Whole, but another one's: of the device beside it, or of another place. */
static void test_astray(void **state)
{
	char text[BYTES];

	record_write(&device, 1, &own);
	assert_int_equal(pread(device.fd, text, BYTES, BYTES), BYTES);
	assert_int_equal(pwrite(device.fd, text, BYTES, 0), BYTES);
	writes[0] = writes[1];
	record_read(&device, 0, &own);
	check(0, 0, 1);
	device.index = 0;
	record_read(&device, 1, &own);
	device.index = 1;
	check(0, 0, 2);
}

static void test_failed(void **state)
{
	record_read(&device, RECORDS, &own);
	check(1, 0, 0);
	device.fd = -1;
	record_write(&device, 0, &own);
	check(2, 0, 0);
	assert_int_equal(writes[0], 0);
}

static long number;
static const char *word, *text;

/* Exit status of a program with these options; 0: it has taken them. */
static int status_of(int argc, char **argv)
{
	static const char *const words[] = {"one", "other", NULL};
	const struct line_option known[] = {{"number", &number, 1, 9},
					    {"word", .word = &word, .words = words},
					    {"text", .word = &text},
					    {0}};
	pid_t pid;
	int status;

	pid = fork();
	if (pid == 0) {
		(void)!freopen("/dev/null", "w", stderr);
		line_options("test", known, argc, argv);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (!WEXITSTATUS(status))
		line_options("test", known, argc, argv);
	return WEXITSTATUS(status);
}

static void test_options(void **state)
{
	char *good[] = {"test", "--number", "9", "--word", "other", "--text", "any"};

	assert_int_equal(status_of(7, good), 0);
	assert_int_equal(number, 9);
	assert_string_equal(word, "other");
	assert_string_equal(text, "any");
}

static void test_bad_options(void **state)
{
	char *bad[][3] = {
		{"test", "--number", "10"}, {"test", "--number", "0"},	 {"test", "--number", "x"},
		{"test", "--number", "-3"}, {"test", "--word", "third"}, {"test", "--other", "1"},
		{"test", "number", "1"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(status_of(3, bad[i]), 2);
	assert_int_equal(status_of(2, bad[0]), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole, begin, end),
		cmocka_unit_test_setup_teardown(test_lost_write, begin, end),
		cmocka_unit_test_setup_teardown(test_damaged, begin, end),
		cmocka_unit_test_setup_teardown(test_astray, begin, end),
		cmocka_unit_test_setup_teardown(test_failed, begin, end),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_bad_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
