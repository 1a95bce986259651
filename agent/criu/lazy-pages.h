/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `criu lazy-pages`: it fills the memory of a restored service, first what is touched
 * (userfaultfd(2)), and between that the rest, and ends when all is there. Should it die before,
 * the kernel would hand out zeros for what is missing; so the agent holds the descriptors as well,
 * and the service waits for pages that do not come until it is killed.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Start it for a folder of images; ready is called once it listens, or with why it does not. One at
 * a time. false: it cannot be started, and ready is not called. */
bool lazy_pages_start(const char *images, void (*ready)(const char *why));
/* The restore has ended well: from now on its death is that of the service. */
void lazy_pages_hold(void);
/* The restore has failed: end it. */
void lazy_pages_stop(void);
/* Is memory still missing? */
bool lazy_pages_runs(void);
/* When all memory was there, by now_ns(); 0: not yet, or it was never started. */
int64_t lazy_pages_end_ns(void);
/* Calls fn once it has ended, with NULL or what went wrong; at once when it does not run. */
void lazy_pages_wait(void (*fn)(const char *why));
