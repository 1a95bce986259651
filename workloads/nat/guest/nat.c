/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nat: many long-lived flows through two NATs of our own (docs/design/hotswap-nat.md). Requests
 * send some messages over them; worker threads, each with its own flows, do so all the time and
 * open a new flow now and then.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "workloads/kit/guest/worker-threads.h"
#include "workloads/kit/guest/instance.h"
#include "workloads/kit/guest/line-server.h"
#include "workloads/nat/guest/nat.h"
#include "workloads/kit/guest/spoil.h"

#define BATCH 32
#define STATS "/sys/module/lu_nat/parameters/stats"

static struct caller server[NATS];
static struct caller *callers;
static uint64_t requests;
static int versions[NATS];

static void turn(void *data)
{
	struct caller *caller = data;

	caller_batch(caller, caller->count < BATCH ? caller->count : BATCH);
	if (options.churn && caller->batches % options.churn == 0)
		caller_renew(caller);
}

static void open_flows(unsigned nat)
{
	unsigned shares = options.callers + 1;

	network_enter(nets[nat].inside);
	caller_open(&server[nat], nat, 0, shares);
	for (long i = 0; i < options.callers; i++)
		caller_open(&callers[nat * options.callers + i], nat, 1 + i, shares);
}

/* Packets translated by both NATs, and those of them that were held: the second and third word of a
 * line. Read only for an audit, since it may have to wait for a swap. */
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
	char one[INSTANCE_VERSION], other[INSTANCE_VERSION];

	instance_version(versions[0], one);
	instance_version(versions[1], other);
	spoil_watch(0, one);
	spoil_watch(1, other);
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
	if (options.spoil == SPOIL_ANSWER && spoil_strikes())
		len--;
	snprintf(head, sizeof(head), "N %.*s %s", (int)len, id, name.release);
	reply(conn, head, 0, 0);
}

/* Send a message on every flow, one after the other, while the threads are paused: anything
 * duplicated or late on it is read before its echo. */
static void ask_all(struct caller *caller)
{
	for (unsigned i = 0; i < caller->count; i++)
		caller_batch(caller, 1);
}

static void serve_audit(struct line_conn *conn)
{
	unsigned long long packets = 0, held = 0;

	worker_threads_pause();
	for (unsigned nat = 0; nat < NATS; nat++)
		ask_all(&server[nat]);
	for (long i = 0; i < options.callers * NATS; i++)
		ask_all(&callers[i]);
	worker_threads_resume();
	read_stats(&packets, &held);
	reply(conn, "A", packets, held);
}

static void serve_line(struct line_conn *conn, const char *line, size_t len)
{
	if (line_is_number(line, len, 'N'))
		serve_request(conn, line + 2, len - 2);
	else if (len == 1 && line[0] == 'A')
		serve_audit(conn);
	else
		line_fail(conn, "a request is N <id> or A");
}

static void open_versions(void)
{
	static const char *const names[NATS] = {"lunat0", "lunat1"};

	for (unsigned i = 0; i < NATS; i++)
		versions[i] = instance_open(names[i]);
}

/* A flow has a socket here, and with TCP one more at the far end, which is in this process too. A
 * few more are for clients, namespaces and files. */
static void allow_sockets(void)
{
	rlim_t needed = (rlim_t)options.flows * NATS * 2 + 512;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= needed)
		return;
	limit.rlim_cur = needed;
	if (limit.rlim_max < needed)
		limit.rlim_max = needed;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		die("%ld flows need %lu open files: %s", options.flows, (unsigned long)needed,
		    strerror(errno));
}

int main(int argc, char **argv)
{
	struct line_service service = {"nat", .serve = serve_line};

	options_parse(argc, argv);
	allow_sockets();
	service.port = options.port;
	callers = calloc(options.callers * NATS + 1, sizeof(*callers));
	open_versions();
	network_make();
	echo_start();
	for (unsigned nat = 0; nat < NATS; nat++)
		open_flows(nat);
	network_home();
	for (long i = 0; i < options.callers * NATS; i++)
		worker_thread_start(turn, &callers[i], options.pace_us);
	line_serve(&service);
}
