/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * natio: many long-lived flows through two NATs of our own (docs/hotswap-nat.md). Requests send
 * some messages over them; threads, each with flows of its own, do so all the time and now and then
 * open a new flow.
 */
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include "line-server.h"
#include "natio/natio.h"

#define BATCH 32
#define STATS "/sys/module/lu_nat/parameters/stats"

struct natio_options options = {7010, 16, 64, 4, 1, 2000, 64, 64};

static struct caller server[NATS];
static struct caller *callers;
static uint64_t requests;
static int version_fds[NATS];

/* During an audit the threads stand still, between two batches. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool auditing;
static long parked;

static void park(void)
{
	pthread_mutex_lock(&lock);
	parked++;
	pthread_cond_broadcast(&changed);
	while (auditing)
		pthread_cond_wait(&changed, &lock);
	parked--;
	pthread_mutex_unlock(&lock);
}

static void set_auditing(bool on)
{
	pthread_mutex_lock(&lock);
	auditing = on;
	pthread_cond_broadcast(&changed);
	while (on && parked < options.callers * NATS)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

static bool wanted(void)
{
	bool on;

	pthread_mutex_lock(&lock);
	on = auditing;
	pthread_mutex_unlock(&lock);
	return on;
}

static unsigned smaller(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static void *call_for_ever(void *data)
{
	const struct timespec pace = {0, options.pace_us * 1000};
	struct caller *caller = data;

	network_enter(nets[caller->nat].inside);
	for (;;) {
		caller_batch(caller, smaller(BATCH, caller->count));
		if (options.churn && caller->batches % options.churn == 0)
			caller_renew(caller);
		if (wanted())
			park();
		nanosleep(&pace, NULL);
	}
	return NULL;
}

static void open_flows(unsigned nat)
{
	unsigned shares = options.callers + 1;

	network_enter(nets[nat].inside);
	caller_open(&server[nat], nat, 0, shares);
	for (long i = 0; i < options.callers; i++)
		caller_open(&callers[nat * options.callers + i], nat, 1 + i, shares);
}

static void start_threads(void)
{
	for (long i = 0; i < options.callers * NATS; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, call_for_ever, &callers[i]))
			die("cannot start a thread");
	}
}

/* The version that the NAT has now, as the kernel says. */
static const char *version(unsigned nat)
{
	static char text[NATS][16];
	ssize_t n = pread(version_fds[nat], text[nat], sizeof(text[nat]) - 1, 0);

	text[nat][n > 0 ? n : 0] = '\0';
	text[nat][strcspn(text[nat], "\n")] = '\0';
	return *text[nat] ? text[nat] : "none";
}

/* Only an audit asks, since it may have to wait for a move. Packets translated, and those of them
 * held, of both NATs: the second and third word of a line. */
static void read_stats(unsigned long long *packets, unsigned long long *held)
{
	char line[200];
	FILE *file = fopen(STATS, "re");
	char *at;

	while (file && fgets(line, sizeof(line), file)) {
		*packets += strtoull(line + strcspn(line, " "), &at, 10);
		*held += strtoull(at, NULL, 10);
	}
	if (file)
		fclose(file);
}

static void reply(struct line_conn *conn, const char *head, unsigned long long packets,
		  unsigned long long held)
{
	const char *one = version(0), *other = version(1);

	line_reply(conn,
		   "%s %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %s %s\n",
		   head, (unsigned long long)requests, counts.messages, counts.lost,
		   counts.duplicated, counts.gaps, counts.repeats, counts.wrong, counts.broken,
		   counts.moved, counts.opened, counts.longest_ns, packets, held, one, other);
}

static void serve_request(struct line_conn *conn, const char *id, size_t len)
{
	char head[300];
	struct utsname name;

	for (unsigned nat = 0; nat < NATS; nat++)
		caller_batch(&server[nat], (options.ops + !nat) / NATS);
	requests++;
	uname(&name);
	snprintf(head, sizeof(head), "N %.*s %s", (int)len, id, name.release);
	reply(conn, head, 0, 0);
}

/* A message on every flow there is, one after the other, while the threads stand still: what came
 * twice or came late on it is met before its echo. */
static void ask_all(struct caller *caller)
{
	for (unsigned i = 0; i < caller->count; i++)
		caller_batch(caller, 1);
}

static void serve_audit(struct line_conn *conn)
{
	unsigned long long packets = 0, held = 0;

	set_auditing(true);
	for (unsigned nat = 0; nat < NATS; nat++)
		ask_all(&server[nat]);
	for (long i = 0; i < options.callers * NATS; i++)
		ask_all(&callers[i]);
	set_auditing(false);
	read_stats(&packets, &held);
	reply(conn, "A", packets, held);
}

static bool is_number(const char *text, size_t len)
{
	size_t digits = 0;

	while (digits < len && text[digits] >= '0' && text[digits] <= '9')
		digits++;
	return digits && digits == len && digits <= 20;
}

static void serve_line(struct line_conn *conn, const char *line, size_t len)
{
	if (len > 2 && line[0] == 'N' && line[1] == ' ' && is_number(line + 2, len - 2))
		serve_request(conn, line + 2, len - 2);
	else if (len == 1 && line[0] == 'A')
		serve_audit(conn);
	else
		line_fail(conn, "a request is N <id> or A");
}

static void open_versions(void)
{
	for (unsigned i = 0; i < NATS; i++) {
		char path[64];

		snprintf(path, sizeof(path), "/sys/kernel/lu_swap/lunat%u/version", i);
		version_fds[i] = open(path, O_RDONLY | O_CLOEXEC);
	}
}

static const struct {
	const char *name;
	long *value;
	uint64_t min, max;
} numbers[] = {
	{"port", &options.port, 1, 65535},     {"ops", &options.ops, NATS, 1024},
	{"flows", &options.flows, 2, 8192},    {"sources", &options.sources, 1, 64},
	{"threads", &options.callers, 0, 8},   {"pace-us", &options.pace_us, 0, 999999},
	{"churn", &options.churn, 0, 1000000}, {"bytes", &options.bytes, MESSAGE_MIN, MESSAGE_MAX},
};

enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

static void parse_options(int argc, char **argv)
{
	struct option names[NUMBERS + 1] = {0};
	int c;

	for (int i = 0; i < NUMBERS; i++)
		names[i] = (struct option){numbers[i].name, required_argument, NULL, i};
	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (c < 0 || c >= NUMBERS)
			exit(2);
		*numbers[c].value = line_number("natio", numbers[c].name, optarg, numbers[c].min,
						numbers[c].max);
	}
	if (optind == argc && options.flows > options.callers)
		return;
	fprintf(stderr, "natio: unexpected argument, or fewer flows than threads\n");
	exit(2);
}

int main(int argc, char **argv)
{
	struct line_service service = {"natio", .serve = serve_line};

	parse_options(argc, argv);
	service.port = options.port;
	callers = calloc(options.callers * NATS + 1, sizeof(*callers));
	open_versions();
	network_make();
	echo_start();
	for (unsigned nat = 0; nat < NATS; nat++)
		open_flows(nat);
	network_home();
	start_threads();
	line_serve(&service);
}
