/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packets: numbered packets over two paths, each through its own instance of a swappable component
 * (docs/design/hotswap-packets.md). Bulk flows keep a window full, a thin one sends now and then,
 * and so does each request, which is answered once its packets have arrived.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "workloads/kit/guest/line-options.h"
#include "workloads/kit/guest/line-server.h"
#include "workloads/kit/packets/guest/path.h"
#include "workloads/kit/guest/rtnl.h"

#define PATIENCE_NS 1000000000ULL /* after which a bulk flow gives up missing packets */
#define DEADLINE_NS 4000000000ULL /* after which a request gives up its packets */
#define DRAIN_NS    3000000000ULL /* after which the audit ends without a packet */

static struct {
	const struct path_ops *ops;
	long port, packets;
	struct path_options path;
} options = {NULL, 7009, 2, {64, 2, 1000, 5000, 0, 1000, true}};

/* A request whose packets are in flight; or the audit, which waits until none are. */
struct pending {
	struct pending *next;
	const struct line_conn *conn;
	uint64_t serial; /* of the connection: its memory may have been reused by now */
	uint64_t until[PATHS], deadline_ns;
	bool audit;
	char id[24];
};

static struct path paths[PATHS];
static struct pending *first, **last = &first;
static uint64_t requests, next_timed_ns;
static bool ended; /* no more load besides the requests */

static void accepted(struct line_conn *conn)
{
	static uint64_t serial;

	conn->hash = ++serial;
}

static struct line_conn *find_conn(const struct pending *pending)
{
	for (struct line_conn *conn = line_first(); conn; conn = conn->next)
		if (conn == pending->conn && conn->hash == pending->serial)
			return conn;
	return NULL;
}

static uint64_t carried_over(void)
{
	FILE *file = fopen(options.ops->carried, "re");
	uint64_t packets = 0;

	/* NOLINTNEXTLINE(cert-err34-c): a number of the module's own */
	if (!file || fscanf(file, "%lu", &packets) != 1)
		path_die(options.ops->carried);
	fclose(file);
	return packets;
}

static void tell(struct line_conn *conn, const char *head)
{
	const struct tally *t = &tally;
	uint64_t drops = 0, left = 0, carried = 0;

	if (ended)
		carried = carried_over();
	for (unsigned i = 0; ended && i < PATHS; i++)
		options.ops->held(&paths[i], &drops, &left);
	line_reply(conn, "%s %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu v%u v%u\n", head,
		   requests, t->received, t->sent, t->missing, t->duplicated, t->misordered,
		   t->wrong, drops, left, t->longest_ns, carried, t->misordered_cpu, paths[0].mark,
		   paths[1].mark);
}

static void answer(const struct pending *pending, struct line_conn *conn)
{
	struct utsname name;
	char head[300];

	uname(&name);
	snprintf(head, sizeof(head), "P %s %s", pending->id, name.release);
	requests += !pending->audit;
	if (pending->audit)
		tally.missing = tally.sent - tally.received;
	tell(conn, pending->audit ? "A" : head);
	conn->source.event(&conn->source, 0); /* sends it */
}

static bool all_came(const struct pending *pending)
{
	for (unsigned i = 0; i < PATHS; i++)
		if (paths[i].flows[FLOW_ASKED].highest < pending->until[i])
			return false;
	return true;
}

static bool all_drained(void)
{
	return tally.received == tally.sent;
}

static uint64_t last_came_ns(void)
{
	return paths[0].came_ns > paths[1].came_ns ? paths[0].came_ns : paths[1].came_ns;
}

static bool is_due(struct pending *pending, uint64_t now)
{
	if (!pending->audit)
		return all_came(pending) || now >= pending->deadline_ns;
	if (last_came_ns() + DRAIN_NS > pending->deadline_ns)
		pending->deadline_ns = last_came_ns() + DRAIN_NS;
	return all_drained() || now >= pending->deadline_ns;
}

/* In order of arrival: numbers only grow, so an earlier request never waits for
 * longer than a later one. */
static void answer_due(uint64_t now)
{
	while (first && is_due(first, now)) {
		struct pending *pending = first;
		struct line_conn *conn = find_conn(pending);

		first = pending->next;
		if (!first)
			last = &first;
		if (conn)
			answer(pending, conn);
		free(pending);
	}
}

static struct pending *expect(struct line_conn *conn, uint64_t patience_ns)
{
	struct pending *pending = calloc(1, sizeof(*pending));

	if (!pending)
		path_die("memory");
	pending->conn = conn;
	pending->serial = conn->hash;
	pending->deadline_ns = now_ns() + patience_ns;
	*last = pending;
	last = &pending->next;
	return pending;
}

static void serve_request(struct line_conn *conn, const char *id, size_t len)
{
	struct pending *pending = expect(conn, DEADLINE_NS);

	snprintf(pending->id, sizeof(pending->id), "%.*s", (int)len, id);
	for (unsigned i = 0; i < PATHS; i++) {
		path_send(&paths[i], FLOW_ASKED, options.packets / PATHS, &options.path);
		pending->until[i] = paths[i].flows[FLOW_ASKED].sent;
	}
}

static void serve_audit(struct line_conn *conn)
{
	ended = true;
	expect(conn, DRAIN_NS)->audit = true;
}

/* "L PATH CLASS VERSION" → the same with COUNT P50 P99 MAX, in ns. */
static void serve_latency(struct line_conn *conn, const char *line)
{
	const struct histogram *histogram;
	unsigned path, class, mark;
	char rest;

	/* NOLINTNEXTLINE(cert-err34-c): one digit each */
	if (sscanf(line, "L %1u %1u %1u%c", &path, &class, &mark, &rest) != 4 || path >= PATHS ||
	    class >= CLASSES || mark >= FLOW_MARKS) {
		line_fail(conn, "a latency request is L <path> <class> <version>");
		return;
	}
	histogram = &paths[path].latency[class][mark];
	line_reply(conn, "L %u %u %u %lu %lu %lu %lu\n", path, class, mark, histogram->count,
		   histogram_quantile(histogram, 0.5), histogram_quantile(histogram, 0.99),
		   histogram->max);
}

static void serve_line(struct line_conn *conn, const char *line, size_t len)
{
	if (line_is_number(line, len, 'P'))
		serve_request(conn, line + 2, len - 2);
	else if (len == 1 && line[0] == 'A')
		serve_audit(conn);
	else if (len > 1 && line[0] == 'L')
		serve_latency(conn, line);
	else
		line_fail(conn, "a request is P <id>, A, or L <path> <class> <version>");
}

/* Only after a first packet has arrived: until then neighbours are being resolved, and the kernel
 * queues few packets meanwhile. */
static void refill(struct path *path, uint64_t now)
{
	bool stalled = now - path->came_ns > PATIENCE_NS;

	for (unsigned i = FLOW_BULK; i < FLOW_BULK + options.path.bulk; i++) {
		struct flow *flow = &path->flows[i];

		if (stalled)
			flow_write_off(flow);
		if (path->flows[FLOW_TIMED].highest &&
		    (long)flow_under_way(flow) < options.path.window)
			path_send(path, i, options.path.window - flow_under_way(flow),
				  &options.path);
	}
	if (stalled)
		path->came_ns = now;
}

static void packets_came(struct line_source *source, uint32_t events)
{
	struct path *path = (struct path *)source;

	path_receive(path, &options.path);
}

static void send_timed(uint64_t now)
{
	if (now < next_timed_ns)
		return;
	next_timed_ns = now + options.path.timed_us * 1000;
	for (unsigned i = 0; i < PATHS; i++)
		path_send(&paths[i], FLOW_TIMED, 1, &options.path);
}

/* Watching is possible only once the server runs. */
static void watch_once(void)
{
	static bool watching;

	for (unsigned i = 0; !watching && i < PATHS; i++)
		if (!line_watch(paths[i].receiver, EPOLLIN, &paths[i].source))
			path_die("epoll");
	watching = true;
}

static int64_t work(void)
{
	uint64_t now = now_ns();

	watch_once();
	for (unsigned i = 0; !ended && i < PATHS; i++)
		refill(&paths[i], now);
	if (!ended)
		send_timed(now);
	answer_due(now);
	if (ended)
		return 100000000; /* to check the deadlines of what is waited for */
	return next_timed_ns > now ? (int64_t)(next_timed_ns - now) : 0;
}

static void open_paths(void)
{
	int home = netns_current();

	for (unsigned i = 0; i < PATHS; i++) {
		paths[i].index = i;
		paths[i].source.event = packets_came;
		path_open(&paths[i], options.ops, &options.path);
		if (home < 0 || !netns_enter(home))
			path_die("the first network namespace");
	}
	close(home);
}

static void parse_options(int argc, char **argv)
{
	static const char *const names[] = {"queue", "netdev", NULL};
	static const struct path_ops *const kinds[] = {&path_queue, &path_netdev};
	static const char *const backlogs[] = {"each", "one", NULL};
	const char *kind = names[0], *backlog = backlogs[1];
	struct path_options *path = &options.path;
	const struct line_option known[] = {
		{"path", .word = &kind, .words = names},
		{"port", &options.port, 1, 65535},
		{"packets", &options.packets, PATHS, 1024},
		{"window", &path->window, 1, 1024},
		{"bulk", &path->bulk, 0, FLOWS_MAX - FLOW_BULK},
		{"size", &path->size, PACKET_MIN, PACKET_MAX},
		{"timed-us", &path->timed_us, 100, 999999},
		{"rate", &path->rate, 0, 1000000000},
		{"limit", &path->limit, 1, 30000},
		{"backlog", .word = &backlog, .words = backlogs},
		{0},
	};

	line_options("packets", known, argc, argv);
	options.ops = kinds[line_word(names, kind)];
	path->one_backlog = line_word(backlogs, backlog);
}

int main(int argc, char **argv)
{
	struct line_service service = {"packets", .serve = serve_line, .accepted = accepted,
				       .work = work};

	parse_options(argc, argv);
	open_paths();
	service.port = (int)options.port;
	line_serve(&service);
}
