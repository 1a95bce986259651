/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of nat. */
#include <stdio.h>
#include <stdlib.h>
#include "workloads/kit/guest/line-options.h"
#include "workloads/nat/guest/nat.h"

struct nat_options options = {7010, 16, 64, 4, 1, 2000, 64, 64, 10000, SPOIL_NONE};

static void refuse(const char *why)
{
	fprintf(stderr, "nat: %s\n", why);
	exit(2);
}

void options_parse(int argc, char **argv)
{
	static const char *const spoils[] = {"none", "lose",  "double", "change",
					     "port", "close", "answer", NULL};
	const char *spoil = spoils[SPOIL_NONE];
	const struct line_option known[] = {
		{"port", &options.port, 1, 65535},
		{"ops", &options.ops, NATS, 1024},
		{"flows", &options.flows, 2, 8192},
		{"sources", &options.sources, 1, 64},
		{"threads", &options.callers, 0, 8},
		{"pace-us", &options.pace_us, 0, 999999},
		{"churn", &options.churn, 0, 1000000},
		{"bytes", &options.bytes, MESSAGE_MIN, MESSAGE_MAX},
		{"patience-ms", &options.patience_ms, 10, 600000},
		{"spoil", .word = &spoil, .words = spoils},
		{0},
	};

	line_options("nat", known, argc, argv);
	options.spoil = line_word(spoils, spoil);
	if (options.flows <= options.callers)
		refuse("--flows must be more than --threads");
	if (options.spoil && (!options.callers || options.flows < 2 * (options.callers + 1)))
		refuse("--spoil takes --threads, each with two --flows");
}
