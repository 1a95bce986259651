/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tick: a heartbeat service whose replies prove that its memory survived.
 * docs/reference/tick-protocol.md */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "workloads/kit/guest/line-options.h"
#include "workloads/kit/guest/line-server.h"
#include "workloads/tick/guest/handover.h"

static struct {
	long port, state_mb, dirty_bytes;
	uint64_t seed;
	bool undumpable, spoil;
	int takeover; /* descriptor of the control channel, 0: not a takeover */
	const char *handover, *state_file;
} options = {7007, 4, 8, 1, .handover = "/run/tick.handover"};

static struct tick_state state = {.version = 1};
static struct wire_config config;

static uint64_t fnv1a(uint64_t hash, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * TICK_FNV_PRIME;
	return hash;
}

static void state_begin(void)
{
	const char *why = NULL;

	config = (struct wire_config){WIRE_PROTOCOL, state.version, options.seed, options.state_mb,
				      options.dirty_bytes};
	state.seed = options.seed;
	state.words = (uint64_t)options.state_mb << 17;
	state.dirty_words = ((uint64_t)options.dirty_bytes + 7) / 8;
	if (!tick_state_allocate(&state)) {
		fprintf(stderr, "tick: no memory for a state of %ld MiB\n", options.state_mb);
		exit(1);
	}
	if (options.state_file && state_load(&state, options.state_file, &why))
		return;
	if (why) {
		fprintf(stderr, "tick: %s: %s\n", options.state_file, why);
		exit(1);
	}
	tick_state_fill(&state);
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

/* The line's newline is at line[len]. */
static void serve_tick(struct line_conn *conn, const char *line, size_t len)
{
	int digits = check_tick(line, len);
	struct utsname name;

	if (!digits) {
		line_fail(conn, "a request is T <id> <payload>");
		return;
	}
	if (!tick_state_touch(&state)) {
		line_fail(conn, "the state is damaged");
		return;
	}
	conn->hash = fnv1a(conn->hash, line, len + 1);
	uname(&name);
	line_reply(conn, "R %.*s %llu %s %016llx %016llx tick-%llu\n", digits, line + 2,
		   (unsigned long long)state.counter, name.release, (unsigned long long)conn->hash,
		   (unsigned long long)state.hash, (unsigned long long)state.version);
}

static void serve_line(struct line_conn *conn, const char *line, size_t len)
{
	if (len > 2 && line[0] == 'T' && line[1] == ' ')
		serve_tick(conn, line, len);
	else if (len == 1 && line[0] == 'H')
		line_reply(conn, "H %llu %016llx %016llx\n", (unsigned long long)state.counter,
			   (unsigned long long)state.hash,
			   (unsigned long long)tick_state_full(&state));
	else
		line_fail(conn, "unknown request");
}

/* A pidfd: always available, and a kind of file that CRIU 3.17 does not support,
 * which its error names. */
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
		{"app", required_argument, NULL, 'a'},
		{"takeover", required_argument, NULL, 't'},
		{"handover", required_argument, NULL, 'h'},
		{"state-file", required_argument, NULL, 'f'},
		{"spoil", no_argument, NULL, 'x'},
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
		else if (c == 'a')
			state.version = line_number("tick", "app", optarg, 1, TICK_VERSIONS);
		else if (c == 't')
			options.takeover = line_number("tick", "takeover", optarg, 3, 1 << 20);
		else if (c == 'h')
			options.handover = optarg;
		else if (c == 'f')
			options.state_file = optarg;
		else if (c == 'x')
			options.spoil = true;
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
	conn->hash = TICK_FNV_BASIS;
}

/* Between two requests. */
static void signalled(int number)
{
	const char *why;

	if (number == SIGUSR2)
		handover_begin(&state, &config, options.handover);
	else
		_exit(options.state_file && !state_save(&config, &state, options.state_file, &why));
}

static int take_over(void)
{
	struct takeover takeover = {
		.control = options.takeover,
		.path = options.handover,
		.spoil = options.spoil,
		.state = &state,
	};
	int listener = takeover_run(&takeover);

	config = takeover.config;
	close(options.takeover);
	return listener;
}

int main(int argc, char **argv)
{
	struct line_service service = {"tick", .serve = serve_line, .accepted = accepted,
				       .signalled = signalled};

	parse_options(argc, argv);
	if (options.undumpable)
		hold_undumpable();
	if (options.takeover)
		service.listener = take_over();
	else
		state_begin();
	service.port = options.port;
	line_serve(&service);
}
