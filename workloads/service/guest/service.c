/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A service that holds something hard to carry over, and counts what it is asked
 * (docs/reference/services.md, protocol tick): --with RESOURCE. At the end it says whether that is
 * still as it was.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "workloads/kit/guest/line-options.h"
#include "workloads/kit/guest/line-server.h"
#include "workloads/service/guest/resource.h"

static struct resource *resources;
static const struct resource *held;
static uint64_t count;

void resource_add(struct resource *resource)
{
	resource->next = resources;
	resources = resource;
}

static void serve(struct line_conn *conn, const char *line, size_t len)
{
	const char *why;

	if (len == 1 && line[0] == 'A') {
		why = held->check();
		line_reply(conn, "A %" PRIu64 " %s\n", count, why ? why : "ok");
	} else if (line_is_number(line, len, 'T')) {
		count++;
		line_reply(conn, "R %.*s %" PRIu64 "\n", (int)len - 2, line + 2, count);
	} else {
		line_fail(conn, "neither T ID nor A");
	}
}

static int64_t work(void)
{
	return held->work();
}

static const struct resource *find(const char *name)
{
	const struct resource *resource = resources;

	while (resource && strcmp(resource->name, name) != 0)
		resource = resource->next;
	if (resource)
		return resource;
	fprintf(stderr, "service: --with '%s' is none of:", name);
	for (resource = resources; resource; resource = resource->next)
		fprintf(stderr, " %s", resource->name);
	fputc('\n', stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	static long port = 7010;
	static const char *with = "unlinked";
	static const struct line_option options[] = {
		{"port", &port, 1, 65535},
		{"with", .word = &with},
		{},
	};
	const char *why;

	line_options("service", options, argc, argv);
	held = find(with);
	why = held->take();
	if (why) {
		fprintf(stderr, "service: %s: %s\n", with, why);
		return 1;
	}
	line_serve(&(struct line_service){.name = "service",
					  .port = (int)port,
					  .serve = serve,
					  .work = held->work ? work : NULL});
}
