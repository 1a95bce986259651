/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The new version's side of a handover: follows its control channel, one line at a time. */
#include "workloads/tick/guest/handover.h"
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CONNECT_MS  10000
#define CONTROL_MAX 100
/* This few buckets are sent in less time than another round would take. */
#define FEW_BUCKETS 4

static struct takeover *job;
static int old = -1, listener = -1;
static uint64_t bytes, transform_ns;

static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

static void tell(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vdprintf(job->control, format, args);
	va_end(args);
}

/* Report "failed WHY" and end this process, which tells the old version. */
static void fail(const char *format, ...)
{
	va_list args;

	tell("failed ");
	va_start(args, format);
	vdprintf(job->control, format, args);
	va_end(args);
	tell("\n");
	_exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void ask(enum wire_type type)
{
	const struct wire_message message = {type, 0, 0, 0};

	if (!wire_send(old, &message, NULL, -1, 0))
		fail("the old version is gone: %s", strerror(errno));
}

static void receive(struct wire_message *message, char *payload, int *passed)
{
	int n = wire_receive(old, message, payload, passed, 0);

	if (n <= 0)
		fail("the old version is gone%s%s", n ? ": " : "", n ? strerror(errno) : "");
}

static void expect(enum wire_type type, struct wire_message *message, char *payload)
{
	receive(message, payload, NULL);
	if (message->type != type)
		fail("the old version answered %u instead of %u", message->type, type);
}

static void load(const struct wire_message *message, char *payload)
{
	size_t size = tick_bucket_bytes(job->config.version);
	uint64_t begin_ns = now_ns();

	if (message->b > WIRE_RUN || message->a + message->b > job->state->buckets ||
	    message->bytes != message->b * size)
		fail("the old version sent buckets out of range");
	if (job->spoil && message->a == 0)
		payload[size - 1] ^= 1;
	for (uint64_t i = 0; i < message->b; i++)
		if (!tick_bucket_load(job->state, message->a + i, job->config.version,
				      payload + i * size))
			fail("bucket %" PRIu64 " is damaged", message->a + i);
	bytes += message->bytes;
	transform_ns += now_ns() - begin_ns;
}

/* Receive dirty buckets, up to the next other message. */
static void receive_dirty(struct wire_message *message, char *payload, int *passed)
{
	receive(message, payload, passed);
	while (message->type == WIRE_DATA) {
		load(message, payload);
		receive(message, payload, passed);
	}
}

static void copy(int rounds, char *payload)
{
	struct wire_message message = {0};
	int done = 0;

	bytes = transform_ns = 0;
	while (done < rounds) {
		ask(WIRE_ROUND);
		receive_dirty(&message, payload, NULL);
		if (message.type != WIRE_SENT)
			fail("the old version aborted a round");
		done++;
		if (message.a <= FEW_BUCKETS)
			break;
	}
	tell("ok rounds %d bytes %" PRIu64 " last_buckets %" PRIu64 " copy_transform_ns %" PRIu64
	     "\n",
	     done, bytes, message.a, transform_ns);
}

static void stand(char *payload)
{
	struct wire_message message;

	ask(WIRE_PAUSE);
	expect(WIRE_PAUSED, &message, payload);
	tell("ok\n");
}

static struct wire_conn adopt(const struct wire_message *message, const char *payload, int fd)
{
	struct wire_conn head;
	struct line_conn *conn = fd >= 0 ? line_adopt(fd) : NULL;

	memcpy(&head, payload, sizeof(head));
	if (!conn || message->bytes != sizeof(head) + head.in_fill + head.out_fill ||
	    head.in_fill > sizeof(conn->in) || head.out_fill > sizeof(conn->out))
		fail("a connection arrived without its socket or its bytes");
	conn->hash = head.hash;
	conn->in_fill = head.in_fill;
	conn->out_fill = head.out_fill;
	conn->closing = head.closing;
	memcpy(conn->in, payload + sizeof(head), head.in_fill);
	memcpy(conn->out, payload + sizeof(head) + head.in_fill, head.out_fill);
	return head;
}

static void take_state(const struct wire_message *message, const char *payload)
{
	struct wire_state state;

	if (message->type != WIRE_STATE || message->bytes != sizeof(state) || listener < 0)
		fail("the old version sent no state, or no listening socket");
	memcpy(&state, payload, sizeof(state));
	if (memchr(job->state->summed, 0, job->state->buckets))
		fail("the old version did not send all of its memory");
	if (job->state->sum != state.sum)
		fail("the state's checksum is %016" PRIx64 " after the transformation, %016" PRIx64
		     " before it",
		     job->state->sum, state.sum);
	job->state->counter = state.counter;
	job->state->hash = state.hash;
}

static void rest(char *payload)
{
	struct wire_message message;
	uint64_t conns = 0, half_read = 0, unsent = 0;
	int fd;

	bytes = transform_ns = 0;
	ask(WIRE_REST);
	receive_dirty(&message, payload, &listener);
	take_state(&message, payload);
	for (receive(&message, payload, &fd); message.type == WIRE_CONN; conns++) {
		struct wire_conn head = adopt(&message, payload, fd);

		half_read += head.in_fill > 0;
		unsent += head.out_fill > 0;
		receive(&message, payload, &fd);
	}
	if (message.type != WIRE_END || message.a != conns)
		fail("%" PRIu64 " connections arrived, %" PRIu64 " were sent", conns, message.a);
	tell("ok bytes %" PRIu64 " rest_transform_ns %" PRIu64 " connections %" PRIu64
	     " half_read %" PRIu64 " unsent %" PRIu64 "\n",
	     bytes, transform_ns, conns, half_read, unsent);
}

/* Once the old version has read this, the handover cannot be undone; it confirms. */
static void take(char *payload)
{
	struct wire_message message;

	ask(WIRE_TAKE);
	expect(WIRE_GONE, &message, payload);
	close(old);
	tell("ok version %" PRIu64 "\n", job->state->version);
}

/* Read one line byte by byte: what follows must not be read yet. */
static void next_line(char *line)
{
	size_t n = 0;

	while (n < CONTROL_MAX - 1 && read(job->control, line + n, 1) == 1 && line[n] != '\n')
		n++;
	if (line[n] != '\n')
		_exit(1); /* the parent is gone, or has ended this process */
	line[n] = '\0';
}

/* Remove a listening socket that an earlier handover left behind. */
static int listen_at(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(at.sun_path))
		fail("%s is too long for a socket's address", path);
	strcpy(at.sun_path, path);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, 1) < 0)
		fail("%s: %s", path, strerror(errno));
	return fd;
}

static void meet(void)
{
	struct pollfd wait = {.fd = listen_at(job->path), .events = POLLIN};

	tell("ready\n");
	if (poll(&wait, 1, CONNECT_MS) != 1 ||
	    (old = accept4(wait.fd, NULL, NULL, SOCK_CLOEXEC)) < 0)
		fail("the old version did not connect to %s within %d ms", job->path, CONNECT_MS);
	unlink(job->path);
	close(wait.fd);
}

static void take_config(char *payload)
{
	struct wire_config *config = &job->config;
	struct tick_state *state = job->state;
	struct wire_message message;

	expect(WIRE_HELLO, &message, payload);
	if (message.bytes != sizeof(*config))
		fail("the old version uses another protocol version");
	memcpy(config, payload, sizeof(*config));
	if (config->protocol != WIRE_PROTOCOL || config->version < 1 ||
	    config->version > TICK_VERSIONS)
		fail("no transformer from version %" PRIu64 " to %" PRIu64, config->version,
		     state->version);
	state->seed = config->seed;
	state->words = config->state_mb << 17;
	state->dirty_words = (config->dirty_bytes + 7) / 8;
	if (!tick_state_allocate(state) || !tick_state_track(state))
		fail("no memory for a state of %" PRIu64 " MiB", config->state_mb);
	tell("ok from %" PRIu64 " to %" PRIu64 "\n", config->version, state->version);
}

int takeover_run(struct takeover *takeover)
{
	static char payload[WIRE_MAX];
	char line[CONTROL_MAX] = "";

	job = takeover;
	meet();
	take_config(payload);
	for (next_line(line); strcmp(line, "take"); next_line(line)) {
		if (!strncmp(line, "copy ", 5))
			copy(atoi(line + 5), payload);
		else if (!strcmp(line, "stand"))
			stand(payload);
		else if (!strcmp(line, "rest"))
			rest(payload);
		else
			fail("no such step: %s", line);
	}
	if (listener < 0)
		fail("nothing has been handed over yet");
	take(payload);
	tick_state_untrack(job->state);
	job->config.version = job->state->version;
	return listener;
}
