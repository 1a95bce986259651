/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * block: verified block I/O on the swappable disks (docs/design/hotswap.md). Every block's contents
 * say which block of which disk it is and how often it was written, and are compared with what this
 * program last wrote there. Requests do some of the I/O; worker threads, each with its own blocks,
 * do more all the time, so that several callers have requests outstanding at any moment.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include <linux/fs.h>
#include "workloads/kit/guest/worker-threads.h"
#include "workloads/kit/guest/instance.h"
#include "workloads/kit/guest/line-options.h"
#include "workloads/kit/guest/line-server.h"
#include "workloads/kit/guest/pattern.h"
#include "workloads/kit/guest/record.h"
#include "workloads/kit/guest/spoil.h"

#define DISKS 2
#define BURST 32

/* What goes wrong on purpose (--spoil). */
enum spoil {
	SPOIL_NONE,
	SPOIL_CHANGE, /* a byte of a block becomes another */
	SPOIL_ANSWER, /* a request gets the reply to another one */
};

static struct {
	long port, ops, threads, pace_us;
	const char *state_file;
	enum spoil spoil;
} options = {7009, 16, 1, 1000};

struct disk {
	struct record_device device; /* a record is a block: a page of the guest's kernel */
	int version;
};

/* A caller: a share of the blocks of each of its disks, and buffers. */
struct caller {
	uint64_t random, first, blocks;
	unsigned disk; /* of a thread */
	struct record_buffers own;
};

static struct disk disks[DISKS];
static atomic_ullong ops, slow_ns;
static uint64_t requests;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void timed(uint64_t begin)
{
	uint64_t took = now_ns() - begin;
	unsigned long long longest = slow_ns;

	while (took > longest && !atomic_compare_exchange_weak(&slow_ns, &longest, took))
		;
	ops++;
}

static void read_block(struct caller *caller, unsigned disk, uint64_t block)
{
	uint64_t begin = now_ns();

	record_read(&disks[disk].device, block, &caller->own);
	timed(begin);
}

static void write_block(struct caller *caller, unsigned disk, uint64_t block)
{
	uint64_t begin = now_ns();

	record_write(&disks[disk].device, block, &caller->own);
	timed(begin);
}

static void operate(struct caller *caller, unsigned disk)
{
	uint64_t block, chance;

	caller->random = chance = pattern_mix(caller->random);
	block = caller->first + (chance >> 8) % caller->blocks;
	/* Read at once: a later write would repair it. */
	if (options.spoil == SPOIL_CHANGE && spoil_strikes()) {
		record_damage(&disks[disk].device, block, &caller->own);
		chance = 0;
	}
	if (chance & 1)
		write_block(caller, disk, block);
	else
		read_block(caller, disk, block);
}

static void caller_init(struct caller *caller, unsigned which)
{
	uint64_t share = disks[0].device.records / (options.threads + 1);

	*caller = (struct caller){.random = which + 1, .first = share * which, .blocks = share};
	if (!record_buffers_make(&caller->own, disks[0].device.bytes)) {
		fprintf(stderr, "block: no memory\n");
		exit(1);
	}
}

static void burst(void *data)
{
	struct caller *caller = data;

	for (int i = 0; i < BURST; i++)
		operate(caller, caller->disk);
}

static void start_threads(void)
{
	struct caller *callers = calloc(options.threads * DISKS + 1, sizeof(*callers));

	for (long i = 0; i < options.threads * DISKS; i++) {
		caller_init(&callers[i], 1 + i / DISKS);
		callers[i].disk = i % DISKS;
		worker_thread_start(burst, &callers[i], options.pace_us);
	}
}

static struct caller *server(void)
{
	static struct caller caller;

	if (!caller.own.buffer)
		caller_init(&caller, 0);
	return &caller;
}

static void reply(struct line_conn *conn, const char *head)
{
	const struct record_findings *found = &record_findings;
	char one[INSTANCE_VERSION], other[INSTANCE_VERSION];

	instance_version(disks[0].version, one);
	instance_version(disks[1].version, other);
	spoil_watch(0, one);
	spoil_watch(1, other);
	line_reply(conn, "%s %llu %llu %llu %llu %llu %llu %s %s\n", head,
		   (unsigned long long)requests, ops, found->errors, found->stale, found->wrong,
		   slow_ns, one, other);
}

static void serve_request(struct line_conn *conn, const char *id, size_t len)
{
	char head[300];
	struct utsname name;

	for (long i = 0; i < options.ops; i++)
		operate(server(), i % DISKS);
	requests++;
	uname(&name);
	if (options.spoil == SPOIL_ANSWER && spoil_strikes())
		len--;
	snprintf(head, sizeof(head), "B %.*s %s", (int)len, id, name.release);
	reply(conn, head);
}

/* Every block of both disks, read back while no request writes. */
static void serve_audit(struct line_conn *conn)
{
	worker_threads_pause();
	for (unsigned disk = 0; disk < DISKS; disk++)
		for (uint64_t block = 0; block < disks[disk].device.records; block++)
			read_block(server(), disk, block);
	worker_threads_resume();
	reply(conn, "A");
}

static void serve_line(struct line_conn *conn, const char *line, size_t len)
{
	if (line_is_number(line, len, 'B'))
		serve_request(conn, line + 2, len - 2);
	else if (len == 1 && line[0] == 'A')
		serve_audit(conn);
	else
		line_fail(conn, "a request is B <id> or A");
}

static void open_disk(unsigned i)
{
	struct record_device *device = &disks[i].device;
	uint64_t bytes = 0;
	char path[32];
	int block = 0;

	snprintf(path, sizeof(path), "/dev/lublk%u", i);
	device->fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (device->fd < 0 || ioctl(device->fd, BLKGETSIZE64, &bytes) < 0 ||
	    ioctl(device->fd, BLKSSZGET, &block) < 0) {
		fprintf(stderr, "block: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	device->index = i;
	device->bytes = block;
	device->records = bytes / block;
	device->writes = calloc(device->records, sizeof(*device->writes));
	disks[i].version = instance_open(path + strlen("/dev/"));
}

/* What the service knows of the disks, for a successor that finds them as they are: the counts of
 * requests and operations, the errors found, and how often each block was written. */
struct account {
	uint64_t requests, ops, errors, stale, wrong, slow_ns, blocks[DISKS];
};

static struct account account(void)
{
	struct account account = {
		requests, ops, record_findings.errors, record_findings.stale, record_findings.wrong,
		slow_ns};

	for (unsigned i = 0; i < DISKS; i++)
		account.blocks[i] = disks[i].device.records;
	return account;
}

static bool save_state(FILE *file)
{
	const struct account now = account();
	bool ok = file && fwrite(&now, sizeof(now), 1, file) == 1;

	for (unsigned i = 0; ok && i < DISKS; i++)
		ok = fwrite(disks[i].device.writes, sizeof(*disks[i].device.writes), now.blocks[i],
			    file) == now.blocks[i];
	return file && fclose(file) == 0 && ok;
}

/* Between two requests. */
static void signalled(int number)
{
	if (number != SIGTERM)
		return;
	if (!options.state_file)
		_exit(1);
	worker_threads_pause();
	_exit(save_state(fopen(options.state_file, "we")) ? 0 : 1);
}

static bool load_state(FILE *file)
{
	struct account then, now = account();

	if (fread(&then, sizeof(then), 1, file) != 1 ||
	    memcmp(then.blocks, now.blocks, sizeof(now.blocks)) != 0)
		return false;
	for (unsigned i = 0; i < DISKS; i++)
		if (fread(disks[i].device.writes, sizeof(*disks[i].device.writes), now.blocks[i],
			  file) != now.blocks[i])
			return false;
	requests = then.requests;
	ops = then.ops;
	record_findings.errors = then.errors;
	record_findings.stale = then.stale;
	record_findings.wrong = then.wrong;
	slow_ns = then.slow_ns;
	return true;
}

/* No state: it begins with empty disks. */
static void take_state(void)
{
	FILE *file = options.state_file ? fopen(options.state_file, "re") : NULL;

	if (!file)
		return;
	unlink(options.state_file);
	if (!load_state(file)) {
		fprintf(stderr, "block: %s belongs to other disks\n", options.state_file);
		exit(1);
	}
	fclose(file);
}

/* For the thread that serves alone. */
static void hold_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void parse_options(int argc, char **argv)
{
	static const char *const spoils[] = {"none", "change", "answer", NULL};
	const char *spoil = spoils[SPOIL_NONE];
	const struct line_option known[] = {
		{"port", &options.port, 1, 65535},
		{"ops", &options.ops, 1, 65536},
		{"threads", &options.threads, 0, 16},
		{"pace-us", &options.pace_us, 0, 999999},
		{"state-file", .word = &options.state_file},
		{"spoil", .word = &spoil, .words = spoils},
		{0},
	};

	line_options("block", known, argc, argv);
	options.spoil = line_word(spoils, spoil);
}

int main(int argc, char **argv)
{
	struct line_service service = {"block", .serve = serve_line, .signalled = signalled};

	parse_options(argc, argv);
	for (unsigned i = 0; i < DISKS; i++)
		open_disk(i);
	take_state();
	hold_signals();
	start_threads();
	service.port = options.port;
	line_serve(&service);
}
