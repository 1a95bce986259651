/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tick: a heartbeat service whose replies prove that its memory survived. docs/tick-protocol.md */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "line-server.h"

#define FNV_BASIS 14695981039346656037ULL
#define FNV_PRIME 1099511628211ULL

static struct {
	long port, state_mb, dirty_bytes;
	uint64_t seed;
	bool undumpable;
} options = {7007, 4, 8, 1, false};

static uint64_t *state, words, counter, state_hash;

static uint64_t mix(uint64_t x)
{
	uint64_t z = x + 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static uint64_t fnv1a(uint64_t hash, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * FNV_PRIME;
	return hash;
}

static void state_fill(void)
{
	words = (uint64_t)options.state_mb << 17;
	state = mmap(NULL, words * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (state == MAP_FAILED) {
		fprintf(stderr, "tick: no memory for a state of %ld MiB\n", options.state_mb);
		exit(1);
	}
	for (uint64_t i = 0; i < words; i++)
		state[i] = mix(options.seed + i);
	state_hash = mix(options.seed);
}

static void state_touch(void)
{
	uint64_t first = mix(counter), n = ((uint64_t)options.dirty_bytes + 7) / 8;

	for (uint64_t k = 0; k < n; k++) {
		uint64_t *word = &state[(first + k) % words];

		*word = mix(*word ^ counter);
		state_hash = mix(state_hash ^ *word);
	}
}

static uint64_t state_full(void)
{
	uint64_t hash = FNV_BASIS;

	for (uint64_t i = 0; i < words; i++)
		hash = (hash ^ state[i]) * FNV_PRIME;
	return hash;
}

/* Digits of the id, or 0 when the line (without its newline) is not "T id payload". */
static int check_tick(const char *line, size_t len)
{
	size_t digits = 0, payload;

	while (2 + digits < len && line[2 + digits] >= '0' && line[2 + digits] <= '9')
		digits++;
	if (digits < 1 || digits > 20 || 2 + digits >= len || line[2 + digits] != ' ')
		return 0;
	payload = len - 3 - digits;
	if (payload < 1 || payload > 900)
		return 0;
	for (size_t i = 3 + digits; i < len; i++)
		if (line[i] < 0x21 || line[i] > 0x7e)
			return 0;
	return digits;
}

/* line ends in its newline at line[len]. */
static void serve_tick(struct line_conn *conn, const char *line, size_t len)
{
	int digits = check_tick(line, len);
	struct utsname name;

	if (!digits) {
		line_fail(conn, "a request is T <id> <payload>");
		return;
	}
	counter++;
	state_touch();
	conn->hash = fnv1a(conn->hash, line, len + 1);
	uname(&name);
	line_reply(conn, "R %.*s %llu %s %016llx %016llx\n", digits, line + 2,
		   (unsigned long long)counter, name.release, (unsigned long long)conn->hash,
		   (unsigned long long)state_hash);
}

static void serve_line(struct line_conn *conn, const char *line, size_t len)
{
	if (len > 2 && line[0] == 'T' && line[1] == ' ')
		serve_tick(conn, line, len);
	else if (len == 1 && line[0] == 'H')
		line_reply(conn, "H %llu %016llx %016llx\n", (unsigned long long)counter,
			   (unsigned long long)state_hash, (unsigned long long)state_full());
	else
		line_fail(conn, "unknown request");
}

/* A pidfd: always to be had, and a kind of file that CRIU 3.17 does not know, which it says by
 * name. */
static void hold_undumpable(void)
{
	if (syscall(SYS_pidfd_open, getpid(), 0) < 0) {
		fprintf(stderr, "tick: --undumpable: %s\n", strerror(errno));
		exit(1);
	}
}

static void parse_options(int argc, char **argv)
{
	static const struct option names[] = {
		{"port", required_argument, NULL, 'p'},
		{"state-mb", required_argument, NULL, 'm'},
		{"seed", required_argument, NULL, 's'},
		{"dirty-bytes", required_argument, NULL, 'd'},
		{"undumpable", no_argument, NULL, 'u'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (c == 'p')
			options.port = line_number("tick", "port", optarg, 1, 65535);
		else if (c == 'm')
			options.state_mb = line_number("tick", "state-mb", optarg, 1, 65536);
		else if (c == 's')
			options.seed = line_number("tick", "seed", optarg, 0, UINT64_MAX);
		else if (c == 'd')
			options.dirty_bytes =
				line_number("tick", "dirty-bytes", optarg, 8, 1L << 36);
		else if (c == 'u')
			options.undumpable = true;
		else
			exit(2);
	}
	if (options.dirty_bytes > options.state_mb << 20 || optind < argc) {
		fprintf(stderr,
			optind < argc ? "tick: unexpected argument \"%s\"\n"
				      : "tick: --dirty-bytes is over --state-mb%s\n",
			optind < argc ? argv[optind] : "");
		exit(2);
	}
}

static void accepted(struct line_conn *conn)
{
	conn->hash = FNV_BASIS;
}

int main(int argc, char **argv)
{
	struct line_service service = {"tick", .serve = serve_line, .accepted = accepted};

	parse_options(argc, argv);
	if (options.undumpable)
		hold_undumpable();
	state_fill();
	service.port = options.port;
	line_serve(&service);
}
