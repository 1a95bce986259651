/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/preflight/eventfd.h"
#include <sys/uio.h>
#include <unistd.h>

static bool put(int fd, uint64_t value)
{
	return !value || write(fd, &value, sizeof(value)) == sizeof(value);
}

/* preadv2() writes to it. NOLINTNEXTLINE(readability-non-const-parameter) */
static bool take(int fd, uint64_t *value)
{
	struct iovec to = {value, sizeof(*value)};

	return preadv2(fd, &to, 1, -1, RWF_NOWAIT) == sizeof(*value);
}

/* Of a count of at least two a read takes all, or of a semaphore's one. */
bool eventfd_gives_one(int fd, uint64_t count)
{
	bool few = count < 2;
	uint64_t taken;

	if (fd < 0 || (few && !put(fd, 2)) || !take(fd, &taken))
		return false;
	if (taken != 1) {
		put(fd, count);
		return false;
	}
	return few ? take(fd, &taken) : put(fd, 1);
}
