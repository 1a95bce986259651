/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pool: verified reads and writes of two devices behind pools of requests
 * (docs/design/hotswap-pool.md). A record's contents say which record of which device it is and how
 * often it was written. Requests read and write some; worker threads, each with its own records, do
 * so all the time. The time this takes is recorded separately for each version that the device has.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include "workloads/kit/guest/worker-threads.h"
#include "workloads/kit/guest/instance.h"
#include "workloads/kit/guest/line-options.h"
#include "workloads/kit/guest/line-server.h"
#include "workloads/kit/guest/pattern.h"
#include "workloads/kit/guest/record.h"
#include "workloads/kit/guest/spoil.h"

#define POOLS 2
#define STATS "/sys/module/lu_pool_front/parameters/stats"

/* What goes wrong on purpose (--spoil). */
enum spoil {
	SPOIL_NONE,
	SPOIL_CHANGE, /* a byte of a record becomes another */
	SPOIL_AGAIN,  /* a record is read that was not requested */
	SPOIL_ANSWER, /* a request gets the reply to another one */
};

static struct {
	long port, ops, bytes, callers, pace_us;
	enum spoil spoil;
} options = {7011, 1, 32768, 4, 20000, SPOIL_NONE};

struct pool {
	struct record_device device;
	int version;
};

/* A caller: a share of the records of each device, and two buffers. */
struct caller {
	unsigned pool;
	uint64_t random, first, records;
	struct record_buffers own;
};

/* Time spent in operations, by the version of their device: its first one, or another. */
struct spent {
	atomic_ullong ops, ns;
};

static struct pool pools[POOLS];
static struct spent first_version, later_version;
static atomic_ullong longest_ns, read_bytes, written_bytes;
static uint64_t requests;
static struct caller *callers; /* the service's own first */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static struct spent *spent_by(unsigned pool)
{
	char name[INSTANCE_VERSION];

	instance_version(pools[pool].version, name);
	return strcmp(name, "v1") ? &later_version : &first_version;
}

static void write_record(struct caller *caller, uint64_t record)
{
	record_write(&pools[caller->pool].device, record, &caller->own);
	written_bytes += options.bytes;
}

static void read_record(struct caller *caller, uint64_t record)
{
	record_read(&pools[caller->pool].device, record, &caller->own);
	read_bytes += options.bytes;
}

/* Read at once: a later write would repair it. */
static void spoil_record(struct caller *caller, uint64_t record)
{
	struct record_device *device = &pools[caller->pool].device;

	if (options.spoil == SPOIL_AGAIN) {
		record_read(device, record, &caller->own);
		return;
	}
	record_damage(device, record, &caller->own);
	written_bytes += options.bytes;
	read_record(caller, record);
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
	if (options.spoil && options.spoil != SPOIL_ANSWER && spoil_strikes())
		spoil_record(caller, record);
	note_time(spent, now_ns() - begin);
}

/* Per device: a share for the service itself, and one for each thread. */
static void callers_init(void)
{
	long shares = options.callers + 1, n = shares * POOLS;

	callers = calloc(n, sizeof(*callers));
	for (long i = 0; callers && i < n; i++) {
		uint64_t share = pools[0].device.records / shares;
		struct caller *caller = &callers[i];

		*caller = (struct caller){.pool = i % POOLS,
					  .random = i + 1,
					  .first = i / POOLS * share,
					  .records = share};
		if (!record_buffers_make(&caller->own, options.bytes))
			callers = NULL;
	}
	if (!callers || !callers[0].records) {
		fprintf(stderr, "pool: no memory, or fewer records than callers\n");
		exit(1);
	}
	for (long i = POOLS; i < n; i++)
		worker_thread_start(operate, &callers[i], options.pace_us);
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
	const struct record_findings *found = &record_findings;
	char one[INSTANCE_VERSION], other[INSTANCE_VERSION];

	instance_version(pools[0].version, one);
	instance_version(pools[1].version, other);
	spoil_watch(0, one);
	spoil_watch(1, other);
	line_reply(conn,
		   "%s %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %s "
		   "%s\n",
		   head, (unsigned long long)requests, first_version.ops + later_version.ops,
		   found->errors, found->stale, found->wrong, astray, stats->repeated,
		   stats->unknown, longest_ns, first_version.ops, first_version.ns / 1000,
		   later_version.ns / 1000, stats->requests, stats->most, one, other);
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
	if (options.spoil == SPOIL_ANSWER && spoil_strikes())
		len--;
	snprintf(head, sizeof(head), "P %.*s %s", (int)len, id, name.release);
	reply(conn, head, &none, 0);
}

/* Read all records of both devices while no request writes, and check that the server has carried
 * out exactly the bytes it was asked for. */
static void serve_audit(struct line_conn *conn)
{
	struct server_stats stats = {0};

	worker_threads_pause();
	for (unsigned pool = 0; pool < POOLS; pool++)
		for (uint64_t record = 0; record < pools[pool].device.records; record++)
			read_record(&callers[pool], record);
	read_stats(&stats);
	reply(conn, "A", &stats,
	      apart(stats.read, read_bytes) + apart(stats.written, written_bytes));
	worker_threads_resume();
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
	struct record_device *device = &pools[i].device;
	char path[32];
	off_t bytes = -1;

	snprintf(path, sizeof(path), "/dev/lupool%u", i);
	device->fd = open(path, O_RDWR | O_CLOEXEC);
	if (device->fd >= 0)
		bytes = lseek(device->fd, 0, SEEK_END);
	if (bytes < 0) {
		fprintf(stderr, "pool: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	device->index = i;
	device->bytes = options.bytes;
	device->records = bytes / options.bytes;
	device->writes = calloc(device->records, sizeof(*device->writes));
	pools[i].version = instance_open(path + strlen("/dev/"));
}

static void parse_options(int argc, char **argv)
{
	static const char *const spoils[] = {"none", "change", "again", "answer", NULL};
	const char *spoil = spoils[SPOIL_NONE];
	const struct line_option known[] = {
		{"port", &options.port, 1, 65535},
		{"ops", &options.ops, 1, 1024},
		{"bytes", &options.bytes, 64, 262144},
		{"threads", &options.callers, 0, 64},
		{"pace-us", &options.pace_us, 0, 999999},
		{"spoil", .word = &spoil, .words = spoils},
		{0},
	};

	line_options("pool", known, argc, argv);
	options.spoil = line_word(spoils, spoil);
}

int main(int argc, char **argv)
{
	struct line_service service = {"pool", .serve = serve_line};

	parse_options(argc, argv);
	for (unsigned i = 0; i < POOLS; i++)
		open_pool(i);
	callers_init();
	service.port = options.port;
	line_serve(&service);
}
