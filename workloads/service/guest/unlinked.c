/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An open file without a name, with contents. */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include "workloads/service/guest/resource.h"

#define WORDS 8192

static int file = -1;

static uint64_t word(uint64_t i)
{
	return (i + 1) * 0x9e3779b97f4a7c15ULL;
}

static const char *take(void)
{
	file = open("/tmp/unlinked", O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (file < 0 || unlink("/tmp/unlinked") < 0)
		return "there is no file to be had";
	for (uint64_t i = 0; i < WORDS; i++) {
		uint64_t value = word(i);

		if (write(file, &value, sizeof(value)) != sizeof(value))
			return "it cannot be written";
	}
	return NULL;
}

static const char *check(void)
{
	for (uint64_t i = 0; i < WORDS; i++) {
		uint64_t value;

		if (pread(file, &value, sizeof(value), (off_t)(i * sizeof(value))) != sizeof(value))
			return "the file is too short";
		if (value != word(i))
			return "the file has other contents";
	}
	return NULL;
}

static struct resource unlinked = {"unlinked", take, check};
RESOURCE(unlinked)
