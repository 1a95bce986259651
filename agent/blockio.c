/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * blockio: verified block I/O on the swappable disks (docs/hotswap.md). Every block's contents say
 * which block of which disk it is and how often it was written, and are compared with what this
 * program last wrote there. Requests do some of it; threads, each on blocks of its own, do more all
 * the time, so that requests of several callers are outstanding at any moment.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
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
#include "line-server.h"

#define DISKS 2
#define BURST 32

static size_t block_bytes; /* the disks': a page of the guest's kernel */

static struct {
	long port, ops, threads, pace_us;
	const char *state_file;
} options = {7009, 16, 1, 1000};

struct disk {
	int fd, version_fd;
	uint64_t blocks;
	uint32_t *writes; /* by block: how often it was written */
};

/* A caller: a share of the blocks of each of its disks, and a buffer. */
struct caller {
	uint64_t random, first, blocks;
	unsigned disk; /* of a thread */
	uint64_t *buffer, *due;
};

static struct disk disks[DISKS];
static atomic_ullong ops, errors, stale, wrong, slow_ns;
static uint64_t requests;

static uint64_t mix(uint64_t x)
{
	uint64_t z = x + 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* A block never written is all zero. */
static void fill(uint64_t *words, unsigned disk, uint64_t block, uint64_t writes)
{
	uint64_t seed = mix((uint64_t)disk << 56 ^ block << 32 ^ writes);

	memset(words, 0, block_bytes);
	if (!writes)
		return;
	words[0] = (uint64_t)disk << 56 | block;
	words[1] = writes;
	for (unsigned i = 2; i < block_bytes / 8; i++)
		words[i] = seed += 0x9e3779b97f4a7c15ULL;
}

/* What is there is not what is due: an earlier version of the same block, whole, or something else.
 */
static void classify(struct caller *caller, unsigned disk, uint64_t block, uint32_t due)
{
	uint64_t writes = caller->buffer[1];

	if (writes < due) {
		fill(caller->due, disk, block, writes);
		if (!memcmp(caller->buffer, caller->due, block_bytes)) {
			stale++;
			return;
		}
	}
	wrong++;
}

static void timed(uint64_t begin)
{
	uint64_t took = now_ns() - begin;
	unsigned long long longest = slow_ns;

	while (took > longest && !atomic_compare_exchange_weak(&slow_ns, &longest, took))
		;
	ops++;
}

static void write_block(struct caller *caller, unsigned disk, uint64_t block)
{
	uint32_t *writes = &disks[disk].writes[block];
	uint64_t begin = now_ns();

	fill(caller->buffer, disk, block, *writes + 1);
	if (pwrite(disks[disk].fd, caller->buffer, block_bytes, (off_t)(block * block_bytes)) ==
	    (ssize_t)block_bytes)
		++*writes;
	else
		errors++;
	timed(begin);
}

static void read_block(struct caller *caller, unsigned disk, uint64_t block)
{
	uint32_t due = disks[disk].writes[block];
	uint64_t begin = now_ns();

	if (pread(disks[disk].fd, caller->buffer, block_bytes, (off_t)(block * block_bytes)) !=
	    (ssize_t)block_bytes) {
		errors++;
	} else {
		fill(caller->due, disk, block, due);
		if (memcmp(caller->buffer, caller->due, block_bytes))
			classify(caller, disk, block, due);
	}
	timed(begin);
}

static void operate(struct caller *caller, unsigned disk)
{
	uint64_t block, chance;

	caller->random = chance = mix(caller->random);
	block = caller->first + (chance >> 8) % caller->blocks;
	if (chance & 1)
		write_block(caller, disk, block);
	else
		read_block(caller, disk, block);
}

static void caller_init(struct caller *caller, unsigned which)
{
	uint64_t share = disks[0].blocks / (options.threads + 1);

	*caller = (struct caller){.random = which + 1, .first = share * which, .blocks = share};
	if (posix_memalign((void **)&caller->buffer, block_bytes, block_bytes) ||
	    posix_memalign((void **)&caller->due, block_bytes, block_bytes)) {
		fprintf(stderr, "blockio: no memory\n");
		exit(1);
	}
}

/* During an audit the threads stand still, between two operations. */
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
	while (on && parked < options.threads * DISKS)
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

static void *call_for_ever(void *data)
{
	const struct timespec pace = {0, options.pace_us * 1000};
	struct caller *caller = data;

	for (;;) {
		for (int i = 0; i < BURST; i++)
			operate(caller, caller->disk);
		if (wanted())
			park();
		nanosleep(&pace, NULL);
	}
	return NULL;
}

static void start_threads(void)
{
	for (long i = 0; i < options.threads * DISKS; i++) {
		struct caller *caller = malloc(sizeof(*caller));
		pthread_t thread;

		caller_init(caller, 1 + i / DISKS);
		caller->disk = i % DISKS;
		if (pthread_create(&thread, NULL, call_for_ever, caller)) {
			fprintf(stderr, "blockio: cannot start a thread\n");
			exit(1);
		}
	}
}

static struct caller *server(void)
{
	static struct caller caller;

	if (!caller.buffer)
		caller_init(&caller, 0);
	return &caller;
}

/* The version that the disk has now, as the kernel says. */
static const char *version(unsigned disk)
{
	static char text[DISKS][16];
	ssize_t n = pread(disks[disk].version_fd, text[disk], sizeof(text[disk]) - 1, 0);

	text[disk][n > 0 ? n : 0] = '\0';
	text[disk][strcspn(text[disk], "\n")] = '\0';
	return *text[disk] ? text[disk] : "none";
}

static void reply(struct line_conn *conn, const char *head)
{
	const char *one = version(0), *other = version(1);

	line_reply(conn, "%s %llu %llu %llu %llu %llu %llu %s %s\n", head,
		   (unsigned long long)requests, (unsigned long long)ops,
		   (unsigned long long)errors, (unsigned long long)stale, (unsigned long long)wrong,
		   (unsigned long long)slow_ns, one, other);
}

static void serve_request(struct line_conn *conn, const char *id, size_t len)
{
	char head[300];
	struct utsname name;

	for (long i = 0; i < options.ops; i++)
		operate(server(), i % DISKS);
	requests++;
	uname(&name);
	snprintf(head, sizeof(head), "B %.*s %s", (int)len, id, name.release);
	reply(conn, head);
}

/* Every block of both disks, read back while nobody writes. */
static void serve_audit(struct line_conn *conn)
{
	set_auditing(true);
	for (unsigned disk = 0; disk < DISKS; disk++)
		for (uint64_t block = 0; block < disks[disk].blocks; block++)
			read_block(server(), disk, block);
	set_auditing(false);
	reply(conn, "A");
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
	if (len > 2 && line[0] == 'B' && line[1] == ' ' && is_number(line + 2, len - 2))
		serve_request(conn, line + 2, len - 2);
	else if (len == 1 && line[0] == 'A')
		serve_audit(conn);
	else
		line_fail(conn, "a request is B <id> or A");
}

static void open_disk(unsigned i)
{
	struct disk *disk = &disks[i];
	uint64_t bytes = 0;
	char path[64];
	int block = 0;

	snprintf(path, sizeof(path), "/dev/lublk%u", i);
	disk->fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (disk->fd < 0 || ioctl(disk->fd, BLKGETSIZE64, &bytes) < 0 ||
	    ioctl(disk->fd, BLKSSZGET, &block) < 0) {
		fprintf(stderr, "blockio: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	block_bytes = block;
	disk->blocks = bytes / block_bytes;
	disk->writes = calloc(disk->blocks, sizeof(*disk->writes));
	snprintf(path, sizeof(path), "/sys/kernel/lu_swap/lublk%u/version", i);
	disk->version_fd = open(path, O_RDONLY | O_CLOEXEC);
}

/* What it knows of the disks, for a successor that finds them as they are: the counts of requests
 * and operations, what was found bad, and how often each block was written. */
struct account {
	uint64_t requests, ops, errors, stale, wrong, slow_ns, blocks[DISKS];
};

static struct account account(void)
{
	struct account account = {requests, ops, errors, stale, wrong, slow_ns};

	for (unsigned i = 0; i < DISKS; i++)
		account.blocks[i] = disks[i].blocks;
	return account;
}

static bool save_state(FILE *file)
{
	const struct account now = account();
	bool ok = file && fwrite(&now, sizeof(now), 1, file) == 1;

	for (unsigned i = 0; ok && i < DISKS; i++)
		ok = fwrite(disks[i].writes, sizeof(*disks[i].writes), disks[i].blocks, file) ==
		     disks[i].blocks;
	return file && fclose(file) == 0 && ok;
}

/* Between two requests. */
static void signalled(int number)
{
	if (number != SIGTERM)
		return;
	if (!options.state_file)
		_exit(1);
	set_auditing(true);
	_exit(save_state(fopen(options.state_file, "we")) ? 0 : 1);
}

static bool load_state(FILE *file)
{
	struct account then, now = account();

	if (fread(&then, sizeof(then), 1, file) != 1 ||
	    memcmp(then.blocks, now.blocks, sizeof(now.blocks)) != 0)
		return false;
	for (unsigned i = 0; i < DISKS; i++)
		if (fread(disks[i].writes, sizeof(*disks[i].writes), disks[i].blocks, file) !=
		    disks[i].blocks)
			return false;
	requests = then.requests;
	ops = then.ops;
	errors = then.errors;
	stale = then.stale;
	wrong = then.wrong;
	slow_ns = then.slow_ns;
	return true;
}

/* Nothing there: it begins on empty disks. */
static void take_state(void)
{
	FILE *file = options.state_file ? fopen(options.state_file, "re") : NULL;

	if (!file)
		return;
	unlink(options.state_file);
	if (!load_state(file)) {
		fprintf(stderr, "blockio: %s is of other disks\n", options.state_file);
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
	static const struct option names[] = {
		{"port", required_argument, NULL, 'p'},
		{"ops", required_argument, NULL, 'o'},
		{"threads", required_argument, NULL, 't'},
		{"pace-us", required_argument, NULL, 'w'},
		{"state-file", required_argument, NULL, 'f'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (c == 'p')
			options.port = line_number("blockio", "port", optarg, 1, 65535);
		else if (c == 'o')
			options.ops = line_number("blockio", "ops", optarg, 1, 65536);
		else if (c == 't')
			options.threads = line_number("blockio", "threads", optarg, 0, 16);
		else if (c == 'f')
			options.state_file = optarg;
		else if (c == 'w')
			options.pace_us = line_number("blockio", "pace-us", optarg, 0, 999999);
		else
			exit(2);
	}
	if (optind < argc) {
		fprintf(stderr, "blockio: unexpected argument \"%s\"\n", argv[optind]);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	struct line_service service = {"blockio", .serve = serve_line, .signalled = signalled};

	parse_options(argc, argv);
	for (unsigned i = 0; i < DISKS; i++)
		open_disk(i);
	take_state();
	hold_signals();
	start_threads();
	service.port = options.port;
	line_serve(&service);
}
