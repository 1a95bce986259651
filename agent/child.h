/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Children of /init: a program or a function in a forked process, and orphans. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

/* It has ended. status as of wait(2); output: the last bytes of what it printed (stdout and
 * stderr), valid during the call. */
typedef void (*child_fn)(void *data, int status, const char *output);
/* argv[0] is an absolute path. Returns its pid, or -1 with errno. fn may be NULL. */
pid_t child_spawn(const char *const argv[], child_fn fn, void *data);
/* The same for a program that gets that descriptor as well. */
pid_t child_spawn_with(const char *const argv[], int inherit, child_fn fn, void *data);
/* body runs in a forked process; its return value is
 * the exit status, what it prints is the output. */
pid_t child_call(int (*body)(void *data), void *body_data, child_fn fn, void *data);
bool status_ok(int status);

/* Start to reap; a child that is not ours (an orphan) is only reaped. */
void child_init(void);
/* Called when a process that was not started by the above, or an orphan, has stopped, continued or
 * ended: code and status are si_code (CLD_EXITED, …) and si_status of waitid(2). true: it was the
 * observer's process, and no other observer is called. */
typedef bool (*child_observer)(pid_t pid, int code, int status);
/* Call fn for each such event from now on, before
 * earlier observers. Registering again has no effect. */
void child_observe(child_observer fn);
/* Sets up environment and standard input of a guest's
 * program; for a child between fork and exec. */
void child_prepare(void);
