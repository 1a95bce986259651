/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands between `criu restore` and `criu lazy-pages` and passes on what the one tells the other (a
 * userfaultfd for each process), but keeps its last word, that the restore has finished, for later.
 * Until lazy-pages hears it, it fills only what is touched. From then on it also copies 64 KiB
 * between any two of these (criu/uffd.c, handle_requests(), xfer_pages()), and a service that comes
 * back to a queue of requests waits for that at each page.
 */
#pragma once
#include <stdbool.h>

/* Listens at the socket `restore` for `criu restore`, and is to reach `criu lazy-pages` at `pages`
 * (both stay the caller's, and paths of a socket, so under 108 bytes). false: it cannot listen. */
bool lazy_relay_start(const char *restore, const char *pages);
/* Passes the last word on, at once or when it comes. */
void lazy_relay_finish(void);
/* The restore has failed, or lazy-pages has ended: closes everything. */
void lazy_relay_stop(void);
