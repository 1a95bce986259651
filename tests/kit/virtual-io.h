/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time that a test holds, and sockets that deliver at once: the clock stands while any thread has
 * something to do, and goes to the next time that somebody waits for once none has. What a test
 * says of times then depends on no host's speed, and waiting costs none.
 */
#pragma once
#include "host/io.h"

/* The caller's thread takes part, and so does each thread that io->thread() makes; they wait in
 * io->poll() only, or for each other (g_thread_join, a lock). */
struct lu_io *virtual_io_new(void);
/* The threads must have been joined. */
void virtual_io_free(struct lu_io *io);
/* Let it pass. */
void virtual_io_sleep(const struct lu_io *io, int64_t ns);
/* A listening socket that io->connect() reaches; *port 0: one that is free, else that one. */
int virtual_io_listen(const struct lu_io *io, uint16_t *port);
