/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The other end of a client under test: a thread that plays a script over a socket pair. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <glib.h>
#include <stdbool.h>

/* One step: wait for a line that contains `expect` (NULL: do not wait), then send `say` (NULL:
 * nothing, "": hang up). */
struct peer_step {
	const char *expect;
	const char *say;
};

struct peer;

/* Steps end with {NULL, NULL}; the socket stays open after the last until peer_free. *fd is the
 * client's end. */
struct peer *peer_new(const struct peer_step *steps, int *fd);
/* Joins the thread; true when every step was reached and each line held what was expected. */
bool peer_free(struct peer *peer);
