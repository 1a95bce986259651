/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent's poll loop: file descriptors and deadlines. */
#pragma once
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#define LOOP_MAX 64

typedef void (*loop_fn)(void *data);

/* CLOCK_MONOTONIC in ns. */
int64_t now_ns(void);
/* Call fn whenever fd is readable or hung up. One watch a descriptor; the loop does not own it. */
void loop_watch(int fd, loop_fn fn, void *data);
void loop_unwatch(int fd);
/* Call fn once at that time. Returns a handle for loop_cancel, never 0. */
unsigned loop_at(int64_t t_ns, loop_fn fn, void *data);
/* 0 or a timer that has fired is fine. */
void loop_cancel(unsigned timer);
/* Runs for ever. */
void loop_run(void) __attribute__((noreturn));
