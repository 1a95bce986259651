/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * http: makes the content that a web server is to serve, unless it exists, and becomes that server.
 * Word i of the content (64 bit, little-endian) is mix(seed + i), so that a client can check each
 * byte without having a copy. docs/reference/workloads.md
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "workloads/kit/guest/line-options.h"
#include "workloads/kit/guest/pattern.h"

#define CHUNK 8192 /* words */

static struct {
	const char *file;
	uint64_t mb, seed;
} options = {"/data/content", 16, 1};

static void die(const char *what)
{
	fprintf(stderr, "http: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void write_all(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0)
			die(options.file);
		at += n;
		len -= (size_t)n;
	}
}

static void fill(int fd)
{
	static uint64_t words[CHUNK];
	uint64_t count = options.mb << 17;

	for (uint64_t i = 0; i < count; i += CHUNK) {
		for (uint64_t k = 0; k < CHUNK; k++)
			words[k] = htole64(pattern_mix(options.seed + i + k));
		write_all(fd, words, sizeof(words));
	}
}

/* It gets its name only once it is complete and on disk: power may fail at any time. */
static void make_content(void)
{
	char temporary[300];
	struct stat st;
	int fd;

	if (stat(options.file, &st) == 0)
		return;
	snprintf(temporary, sizeof(temporary), "%s.new", options.file);
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		die(temporary);
	fill(fd);
	if (fsync(fd) || close(fd) || rename(temporary, options.file))
		die(options.file);
	sync();
}

static void parse_options(int argc, char **argv)
{
	static const struct option names[] = {
		{"file", required_argument, NULL, 'f'},
		{"content-mb", required_argument, NULL, 'm'},
		{"seed", required_argument, NULL, 's'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "+", names, NULL)) != -1) {
		if (c == 'f')
			options.file = optarg;
		else if (c == 'm')
			options.mb = line_number("http", "content-mb", optarg, 1, 65536);
		else if (c == 's')
			options.seed = line_number("http", "seed", optarg, 0, UINT64_MAX);
		else
			exit(2);
	}
	if (optind == argc) {
		fprintf(stderr, "http: which server? http [OPTION…] PROGRAM ARGUMENT…\n");
		exit(2);
	}
}

int main(int argc, char **argv)
{
	parse_options(argc, argv);
	make_content();
	execv(argv[optind], argv + optind);
	die(argv[optind]);
}
