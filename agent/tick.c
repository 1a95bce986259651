/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tick: a heartbeat service whose replies prove that its memory survived. docs/tick-protocol.md */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define FNV_BASIS 14695981039346656037ULL
#define FNV_PRIME 1099511628211ULL
#define LINE_MAX_ 1024
#define OUT_MAX	  65536

struct conn {
	int fd;
	uint64_t hash;
	size_t in_fill, out_fill;
	bool closing;
	char in[4096];
	char out[OUT_MAX];
};

static struct {
	long port, state_mb, dirty_bytes;
	uint64_t seed;
	bool undumpable;
} options = {7007, 4, 8, 1, false};

static uint64_t *state, words, counter, state_hash;
static int epoll_fd;

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

static void fail(struct conn *conn, const char *what)
{
	conn->out_fill += sprintf(conn->out + conn->out_fill, "E %s\n", what);
	conn->closing = true;
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
static void serve_tick(struct conn *conn, const char *line, size_t len)
{
	int digits = check_tick(line, len);
	struct utsname name;

	if (!digits) {
		fail(conn, "a request is T <id> <payload>");
		return;
	}
	counter++;
	state_touch();
	conn->hash = fnv1a(conn->hash, line, len + 1);
	uname(&name);
	conn->out_fill += sprintf(conn->out + conn->out_fill, "R %.*s %llu %s %016llx %016llx\n",
				  digits, line + 2, (unsigned long long)counter, name.release,
				  (unsigned long long)conn->hash, (unsigned long long)state_hash);
}

static void serve_line(struct conn *conn, const char *line, size_t len)
{
	if (len > 2 && line[0] == 'T' && line[1] == ' ')
		serve_tick(conn, line, len);
	else if (len == 1 && line[0] == 'H')
		conn->out_fill +=
			sprintf(conn->out + conn->out_fill, "H %llu %016llx %016llx\n",
				(unsigned long long)counter, (unsigned long long)state_hash,
				(unsigned long long)state_full());
	else
		fail(conn, "unknown request");
}

/* As much as the socket takes. false: the connection is gone. */
static bool send_out(struct conn *conn)
{
	ssize_t n = 0;

	if (conn->out_fill)
		n = send(conn->fd, conn->out, conn->out_fill, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	conn->out_fill -= n;
	memmove(conn->out, conn->out + n, conn->out_fill);
	return true;
}

/*
 * Serves whole lines while there is room for their replies. Each reply leaves as soon as it is
 * known: after a pause hundreds of requests wait in the socket, and the first reply must not wait
 * for the last (it ends the blackout).
 */
static void serve(struct conn *conn)
{
	size_t done = 0;
	char *end;

	while (!conn->closing && conn->out_fill < OUT_MAX - 512 &&
	       (end = memchr(conn->in + done, '\n', conn->in_fill - done))) {
		size_t len = end - (conn->in + done);

		if (len >= LINE_MAX_)
			fail(conn, "a line is at most 1024 bytes");
		else
			serve_line(conn, conn->in + done, len);
		done += len + 1;
		conn->closing |= !send_out(conn);
	}
	conn->in_fill -= done;
	memmove(conn->in, conn->in + done, conn->in_fill);
	if (!conn->closing && conn->in_fill >= LINE_MAX_ && !memchr(conn->in, '\n', conn->in_fill))
		fail(conn, "a line is at most 1024 bytes");
}

static void conn_free(struct conn *conn)
{
	close(conn->fd);
	free(conn);
}

/* false: the connection is gone. */
static bool flush_out(struct conn *conn)
{
	struct epoll_event event = {.data.ptr = conn};

	if (!send_out(conn) || (conn->closing && !conn->out_fill))
		return false;
	event.events = conn->out_fill >= OUT_MAX - 512 || conn->closing ? 0 : EPOLLIN;
	if (conn->out_fill)
		event.events |= EPOLLOUT;
	epoll_ctl(epoll_fd, EPOLL_CTL_MOD, conn->fd, &event);
	return true;
}

static bool receive(struct conn *conn)
{
	ssize_t n = recv(conn->fd, conn->in + conn->in_fill, sizeof(conn->in) - conn->in_fill,
			 MSG_DONTWAIT);

	if (n > 0)
		conn->in_fill += n;
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void conn_event(struct conn *conn, uint32_t events)
{
	bool alive = true;

	if (events & (EPOLLERR | EPOLLHUP))
		alive = false;
	if (alive && (events & EPOLLIN) && conn->in_fill < sizeof(conn->in))
		alive = receive(conn);
	if (alive) {
		serve(conn);
		alive = flush_out(conn);
	}
	if (!alive)
		conn_free(conn);
}

static void accept_one(int listener)
{
	struct conn *conn = calloc(1, sizeof(*conn));
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = conn};
	const int on = 1;

	if (!conn)
		return;
	conn->hash = FNV_BASIS;
	conn->fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (conn->fd < 0) {
		free(conn);
		return;
	}
	setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, conn->fd, &event) < 0)
		conn_free(conn);
}

static int listen_on(int port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, 128) < 0) {
		fprintf(stderr, "tick: port %d: %s\n", port, strerror(errno));
		exit(1);
	}
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
	return fd;
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

static uint64_t number(const char *name, const char *text, uint64_t min, uint64_t max)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || end == text || *text == '-' || value < min || value > max) {
		fprintf(stderr, "tick: --%s must be %llu to %llu, not \"%s\"\n", name,
			(unsigned long long)min, (unsigned long long)max, text);
		exit(2);
	}
	return value;
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
			options.port = number("port", optarg, 1, 65535);
		else if (c == 'm')
			options.state_mb = number("state-mb", optarg, 1, 65536);
		else if (c == 's')
			options.seed = number("seed", optarg, 0, UINT64_MAX);
		else if (c == 'd')
			options.dirty_bytes = number("dirty-bytes", optarg, 8, 1L << 36);
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

int main(int argc, char **argv)
{
	int listener;

	parse_options(argc, argv);
	signal(SIGPIPE, SIG_IGN);
	if (options.undumpable)
		hold_undumpable();
	state_fill();
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	listener = listen_on(options.port);
	for (;;) {
		struct epoll_event events[64];
		int n = epoll_wait(epoll_fd, events, 64, -1);

		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr)
				conn_event(events[i].data.ptr, events[i].events);
			else
				accept_one(listener);
		}
	}
}
