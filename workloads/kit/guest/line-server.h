/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What our services in the guest share: one thread that serves lines over TCP. A line is a request;
 * its reply leaves as soon as it is known.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_SERVER_LINE 1024 /* bytes of a request at most, with its newline */

/* Something that the loop waits for: the first member of what it belongs to. */
struct line_source {
	void (*event)(struct line_source *source, uint32_t events);
};

struct line_conn {
	struct line_source source;
	uint64_t hash; /* the service's own, 0 at first */
	/* the server's */
	struct line_conn *next, **at; /* of all there are */
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
	/* 0: made for the port; otherwise one that listens already. */
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
 * Also wait for fd (EPOLL…, 0: not any more). It is looked at while the server stands still, too.
 */
bool line_watch(int fd, uint32_t events, struct line_source *source);
/* Stand still at a boundary between requests: nothing is accepted, read or written until go on.
 * What comes meanwhile waits in the sockets. */
void line_stand_still(void);
void line_go_on(void);
/* The first of all connections, and the listening socket. */
struct line_conn *line_first(void);
int line_listener(void);
/* A connection that another process had, before line_serve: fill in what that process held of it.
 * NULL: no memory. */
struct line_conn *line_adopt(int fd);

/* Is the line that letter, a space and a decimal number of at most 20 digits? */
bool line_is_number(const char *line, size_t len, char letter);
