/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stream of bounded lines over a socket, for QMP and the agent's channel. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct lu_lines;

struct lu_lines_ops {
	/* A complete line without its end (\n or \r\n); it
	 * may contain any byte. Valid during the call. */
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
/* Process bytes as if they had been received. */
void lu_lines_feed(struct lu_lines *lines, const char *bytes, size_t len);
/* Send bytes; those that the socket does not take now
 * are queued. Dropped once the peer has closed. */
void lu_lines_send(struct lu_lines *lines, const char *bytes, size_t len);
/*
 * The same with a descriptor (SCM_RIGHTS, over a Unix socket; it stays the caller's). False when
 * the socket does not take it at once; nothing was sent then.
 */
bool lu_lines_send_fd(struct lu_lines *lines, const char *bytes, size_t len, int fd);
