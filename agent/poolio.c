/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * poolio: verified reads and writes of two devices behind pools of requests (docs/hotswap-pool.md).
 * A record's contents say which record of which device it is and how often it was written. Requests
 * read and write some; threads, each with records of its own, do so all the time. How long that
 * takes is told apart by the version that the device has.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include "crew.h"
#include "line-server.h"
#include "pattern.h"

#define POOLS 2
#define STATS "/sys/module/lu_pool_front/parameters/stats"

static struct {
	long port, ops, bytes, callers, pace_us;
} options = {7011, 1, 32768, 4, 20000};

struct pool {
	int fd, version_fd;
	uint64_t records;
	uint32_t *writes; /* by record: how often it was written */
};

/* A share of the records of each device, and two buffers. */
struct caller {
	unsigned pool;
	uint64_t random, first, records;
	char *buffer, *due;
};

/* What operations took, by the version that their device had: its first one, or another. */
struct spent {
	atomic_ullong ops, ns;
};

static struct pool pools[POOLS];
static struct spent first_version, later_version;
static atomic_ullong errors, stale, wrong, longest_ns, read_bytes, written_bytes;
static uint64_t requests;
static struct caller *callers; /* the server's own first */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* A record never written is all zero. */
static void fill(char *at, unsigned pool, uint64_t record, uint64_t writes)
{
	uint64_t head[] = {(uint64_t)pool << 56 | record, writes};

	memset(at, 0, sizeof(head));
	if (!writes) {
		memset(at, 0, options.bytes);
		return;
	}
	memcpy(at, head, sizeof(head));
	pattern_fill(at + sizeof(head), options.bytes - sizeof(head),
		     (uint64_t)pool << 56 ^ record << 32 ^ writes);
}

/* The version that the device has now, as the kernel says. */
static void version(unsigned pool, char *text, size_t size)
{
	ssize_t n = pread(pools[pool].version_fd, text, size - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (!*text)
		snprintf(text, size, "none");
}

static struct spent *spent_by(unsigned pool)
{
	char name[16];

	version(pool, name, sizeof(name));
	return strcmp(name, "v1") ? &later_version : &first_version;
}

/* What is there is not what is due: an earlier version of the same record, whole, or other. */
static void classify(struct caller *caller, uint64_t record, uint32_t due)
{
	uint64_t writes;

	memcpy(&writes, caller->buffer + sizeof(uint64_t), sizeof(writes));
	if (writes < due) {
		fill(caller->due, caller->pool, record, writes);
		if (!memcmp(caller->buffer, caller->due, options.bytes)) {
			stale++;
			return;
		}
	}
	wrong++;
}

static void write_record(struct caller *caller, uint64_t record)
{
	struct pool *pool = &pools[caller->pool];
	off_t at = (off_t)(record * options.bytes);

	fill(caller->buffer, caller->pool, record, pool->writes[record] + 1);
	if (pwrite(pool->fd, caller->buffer, options.bytes, at) == options.bytes)
		pool->writes[record]++;
	else
		errors++;
	written_bytes += options.bytes;
}

static void read_record(struct caller *caller, uint64_t record)
{
	struct pool *pool = &pools[caller->pool];
	off_t at = (off_t)(record * options.bytes);

	read_bytes += options.bytes;
	if (pread(pool->fd, caller->buffer, options.bytes, at) != options.bytes) {
		errors++;
		return;
	}
	fill(caller->due, caller->pool, record, pool->writes[record]);
	if (memcmp(caller->buffer, caller->due, options.bytes))
		classify(caller, record, pool->writes[record]);
}

static void note_time(struct spent *spent, uint64_t took)
{
	unsigned long long longest = longest_ns;

	spent->ops++;
	spent->ns += took;
	while (took > longest && !atomic_compare_exchange_weak(&longest_ns, &longest, took))
		;
}

static void operate(void *data)
{
	struct caller *caller = data;
	struct spent *spent = spent_by(caller->pool);
	uint64_t begin = now_ns(), record;

	caller->random = pattern_mix(caller->random);
	record = caller->first + (caller->random >> 8) % caller->records;
	if (caller->random & 1)
		write_record(caller, record);
	else
		read_record(caller, record);
	note_time(spent, now_ns() - begin);
}

/* Device by device: a share for the server, and one for each thread. */
static void callers_init(void)
{
	long shares = options.callers + 1, n = shares * POOLS;

	callers = calloc(n, sizeof(*callers));
	for (long i = 0; callers && i < n; i++) {
		uint64_t share = pools[0].records / shares;
		struct caller *caller = &callers[i];

		*caller = (struct caller){.pool = i % POOLS,
					  .random = i + 1,
					  .first = i / POOLS * share,
					  .records = share,
					  .buffer = malloc(options.bytes),
					  .due = malloc(options.bytes)};
		if (!caller->buffer || !caller->due)
			callers = NULL;
	}
	if (!callers || !callers[0].records) {
		fprintf(stderr, "poolio: no memory, or fewer records than callers\n");
		exit(1);
	}
	for (long i = POOLS; i < n; i++)
		crew_start(operate, &callers[i], options.pace_us);
}

struct server_stats {
	unsigned long long requests, read, written, repeated, unknown, most;
};

/* Of both devices. */
static void read_stats(struct server_stats *stats)
{
	char line[200];
	FILE *file = fopen(STATS, "re");
	char *at;

	while (file && fgets(line, sizeof(line), file)) {
		at = line + strcspn(line, " ");
		stats->requests += strtoull(at, &at, 10);
		stats->read += strtoull(at, &at, 10);
		stats->written += strtoull(at, &at, 10);
		stats->repeated += strtoull(at, &at, 10);
		stats->unknown += strtoull(at, &at, 10);
		stats->most += strtoull(at, &at, 10);
	}
	if (file)
		fclose(file);
}

static unsigned long long apart(unsigned long long a, unsigned long long b)
{
	return a > b ? a - b : b - a;
}

static void reply(struct line_conn *conn, const char *head, const struct server_stats *stats,
		  unsigned long long astray)
{
	char one[16], other[16];

	version(0, one, sizeof(one));
	version(1, other, sizeof(other));
	line_reply(conn,
		   "%s %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %s "
		   "%s\n",
		   head, (unsigned long long)requests, first_version.ops + later_version.ops,
		   errors, stale, wrong, astray, stats->repeated, stats->unknown, longest_ns,
		   first_version.ops, first_version.ns / 1000, later_version.ns / 1000,
		   stats->requests, stats->most, one, other);
}

static void serve_request(struct line_conn *conn, const char *id, size_t len)
{
	const struct server_stats none = {0};
	char head[300];
	struct utsname name;

	for (long i = 0; i < options.ops; i++)
		operate(&callers[(requests + i) % POOLS]);
	requests++;
	uname(&name);
	snprintf(head, sizeof(head), "P %.*s %s", (int)len, id, name.release);
	reply(conn, head, &none, 0);
}

/* All records of both devices, read while nobody writes; and the server has carried out as many
 * bytes as it was asked for. */
static void serve_audit(struct line_conn *conn)
{
	struct server_stats stats = {0};

	crew_halt();
	for (unsigned pool = 0; pool < POOLS; pool++)
		for (uint64_t record = 0; record < pools[pool].records; record++)
			read_record(&callers[pool], record);
	read_stats(&stats);
	reply(conn, "A", &stats,
	      apart(stats.read, read_bytes) + apart(stats.written, written_bytes));
	crew_go_on();
}

static void serve_line(struct line_conn *conn, const char *line, size_t len)
{
	if (line_is_number(line, len, 'P'))
		serve_request(conn, line + 2, len - 2);
	else if (len == 1 && line[0] == 'A')
		serve_audit(conn);
	else
		line_fail(conn, "a request is P <id> or A");
}

static void open_pool(unsigned i)
{
	struct pool *pool = &pools[i];
	char path[64];
	off_t bytes = -1;

	snprintf(path, sizeof(path), "/dev/lupool%u", i);
	pool->fd = open(path, O_RDWR | O_CLOEXEC);
	if (pool->fd >= 0)
		bytes = lseek(pool->fd, 0, SEEK_END);
	if (bytes < 0) {
		fprintf(stderr, "poolio: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	pool->records = bytes / options.bytes;
	pool->writes = calloc(pool->records, sizeof(*pool->writes));
	snprintf(path, sizeof(path), "/sys/kernel/lu_swap/lupool%u/version", i);
	pool->version_fd = open(path, O_RDONLY | O_CLOEXEC);
}

static void parse_options(int argc, char **argv)
{
	static const struct line_option numbers[] = {
		{"port", &options.port, 1, 65535},	  {"ops", &options.ops, 1, 1024},
		{"bytes", &options.bytes, 64, 262144},	  {"threads", &options.callers, 0, 64},
		{"pace-us", &options.pace_us, 0, 999999}, {0},
	};

	line_options("poolio", numbers, argc, argv);
}

int main(int argc, char **argv)
{
	struct line_service service = {"poolio", .serve = serve_line};

	parse_options(argc, argv);
	for (unsigned i = 0; i < POOLS; i++)
		open_pool(i);
	callers_init();
	service.port = options.port;
	line_serve(&service);
}
