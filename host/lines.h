/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stream of bounded lines over a socket: what QMP and the agent's channel have in common. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct lu_lines;

struct lu_lines_ops {
	/* A whole line without its end (\n or \r\n); it may hold any byte.
	 * Valid during the call. */
	void (*line)(void *data, const char *line, size_t len);
	/* Optional. A line longer than the bound was dropped. */
	void (*overlong)(void *data);
	/* Optional. The peer closed, or the socket broke; nothing comes after it. */
	void (*closed)(void *data);
};

/* Owns fd (made non-blocking); fd -1 makes a parser that only lu_lines_feed feeds. Lives on the
 * context's thread. */
struct lu_lines *lu_lines_new(GMainContext *context, int fd, size_t max_line,
			      const struct lu_lines_ops *ops, void *data);
void lu_lines_free(struct lu_lines *lines);
/* Bytes as if received. */
void lu_lines_feed(struct lu_lines *lines, const char *bytes, size_t len);
/* Queue bytes; whatever the socket does not take now goes as soon as it does. Dropped once the peer
 * has closed. */
void lu_lines_send(struct lu_lines *lines, const char *bytes, size_t len);
/*
 * The same with a descriptor beside it (SCM_RIGHTS, over a Unix socket; it stays the caller's).
 * False when the socket does not take it at once; nothing was sent then.
 */
bool lu_lines_send_fd(struct lu_lines *lines, const char *bytes, size_t len, int fd);
