/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What our services in the guest share: one thread that serves lines over TCP. A line is a request;
 * its reply is sent as soon as it is known.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_SERVER_LINE 1024 /* bytes of a request at most, with its newline */

/* Something that the loop waits for; embedded as the first member. */
struct line_source {
	void (*event)(struct line_source *source, uint32_t events);
};

struct line_conn {
	struct line_source source;
	uint64_t hash; /* the service's own, 0 at first */
	/* the server's */
	struct line_conn *next, **at; /* list of all connections */
	int fd;
	size_t in_fill, out_fill;
	bool closing;
	char in[4096];
	char out[65536];
};

struct line_service {
	const char *name; /* for messages */
	int port;
	/* Serve one line (without its newline, which is at line[len]), by
	 * line_reply or line_fail. */
	void (*serve)(struct line_conn *conn, const char *line, size_t len);
	/* Optional: a new connection. */
	void (*accepted)(struct line_conn *conn);
	/* Optional: work beside the requests. Called often; returns how long it can wait, ns. */
	int64_t (*work)(void);
	/* Optional: SIGUSR2 or SIGTERM came. Called between two requests. */
	void (*signalled)(int signal);
	/* 0: open one for the port; otherwise a socket that listens already. */
	int listener;
};

/* At most 480 bytes, newline included. */
void line_reply(struct line_conn *conn, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* "E what", then the connection is closed. */
void line_fail(struct line_conn *conn, const char *what);
/* Ends the process with status 1 when it cannot listen; does not return. */
void line_serve(const struct line_service *service) __attribute__((noreturn));

/*
 * Also wait for fd (EPOLL…, 0: not any more). It is polled while the server is paused, too.
 */
bool line_watch(int fd, uint32_t events, struct line_source *source);
/* Pause between two requests: nothing is accepted, read or written until line_resume(). What
 * arrives meanwhile waits in the sockets. */
void line_pause(void);
void line_resume(void);
/* The first of all connections, and the listening socket. */
struct line_conn *line_first(void);
int line_listener(void);
/* Before line_serve: adopt a connection of another process, whose buffers the caller fills
 * in. NULL: no memory. */
struct line_conn *line_adopt(int fd);

/* Is the line that letter, a space and a decimal number of at most 20 digits? */
bool line_is_number(const char *line, size_t len, char letter);
