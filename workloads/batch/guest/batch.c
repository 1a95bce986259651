/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * batch: a job that only computes, at low priority, and says how far it has come when it is asked.
 * docs/reference/workloads.md
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include "workloads/kit/guest/line-options.h"
#include "workloads/kit/guest/line-server.h"

/* Knuth, MMIX */
#define MULTIPLIER 6364136223846793005ULL
#define INCREMENT  1442695040888963407ULL
#define NS_PER_S   1000000000LL
#define SLICE_NS   3000000 /* longest stretch of work before requests are handled */

static struct {
	long port, unit_steps, nice;
} options = {7016, 10000, 19};

static uint64_t units, value;

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* Each step needs the one before it, and the compiler is kept from adding them up. */
static void do_unit(void)
{
	uint64_t x = value;

	for (long i = 0; i < options.unit_steps; i++) {
		x = x * MULTIPLIER + INCREMENT;
		__asm__ volatile("" : "+r"(x));
	}
	value = x;
	units++;
}

static int64_t work(void)
{
	int64_t end = now_ns() + SLICE_NS;

	do
		do_unit();
	while (now_ns() < end);
	return 0;
}

static void serve(struct line_conn *conn, const char *line, size_t len)
{
	struct utsname name;

	if (!line_is_number(line, len, 'B')) {
		line_fail(conn, "a request is B <id>");
		return;
	}
	uname(&name);
	line_reply(conn, "B %.*s %s %llu %016llx\n", (int)len - 2, line + 2, name.release,
		   (unsigned long long)units, (unsigned long long)value);
}

int main(int argc, char **argv)
{
	const struct line_option known[] = {
		{"port", &options.port, 1, 65535},
		{"unit-steps", &options.unit_steps, 1, 1000000000},
		{"nice", &options.nice, 0, 19},
		{0},
	};
	struct line_service service = {"batch", .serve = serve, .work = work};

	line_options("batch", known, argc, argv);
	if (setpriority(PRIO_PROCESS, 0, (int)options.nice) < 0) {
		fprintf(stderr, "batch: --nice %ld: %s\n", options.nice, strerror(errno));
		return 1;
	}
	service.port = (int)options.port;
	line_serve(&service);
}
