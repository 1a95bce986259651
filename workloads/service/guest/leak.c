/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory and descriptors that are never given back: more of both as time goes by. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "workloads/service/guest/resource.h"

#define EVERY_NS 500000000LL /* one more of each */
#define BYTES	 1000000
#define FILES	 65536

static long long next_ns;
static char *volatile newest; /* so that the compiler keeps what nobody reads */

static long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static const char *take(void)
{
	const struct rlimit limit = {FILES, FILES};

	next_ns = now_ns();
	return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? "the limit of descriptors cannot be raised"
						    : NULL;
}

static long long grow(void)
{
	long long now = now_ns();
	char *bytes;

	if (now < next_ns)
		return next_ns - now;
	bytes = malloc(BYTES);
	if (bytes)
		memset(bytes, (int)now, BYTES);
	newest = bytes;
	/* what is not reached any more is not freed, and what is not closed stays open */
	(void)open("/dev/null", O_RDONLY | O_CLOEXEC);
	next_ns = now + EVERY_NS;
	return EVERY_NS;
}

static const char *check(void)
{
	return NULL;
}

static struct resource leak = {"leak", take, check, grow};
RESOURCE(leak)
