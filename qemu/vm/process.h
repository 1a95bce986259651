/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A child process (QEMU) that inherits just the descriptors it is given, dies with us, and is
 * always reaped. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct lu_process;

/*
 * Starts argv[0] (looked up in PATH). The child keeps, under their own numbers, only the
 * descriptors of keep (n of them) besides 0 (/dev/null), 1 and 2 (captured). It leads a session of
 * its own, so that a terminal's ^C is ours alone.
 *
 * The kernel kills it when the *thread* that called this ends (PR_SET_PDEATHSIG): call it on a
 * thread that lives as long as the process, the main thread. LU_ERROR_UNSUPPORTED when there is no
 * such program.
 */
struct lu_process *lu_process_spawn(const char *const *argv, const int *keep, size_t n,
				    GError **error);
/* Kills it if it still runs, and reaps it. NULL is fine. */
void lu_process_free(struct lu_process *process);

pid_t lu_process_pid(const struct lu_process *process);
/* Readable once it has ended; owned by the process. */
int lu_process_pidfd(const struct lu_process *process);
/* Never blocks. True once it has ended (and reaps it). */
bool lu_process_ended(struct lu_process *process);
void lu_process_kill(struct lu_process *process);
/* Wait for its end; false when the time is up. */
bool lu_process_wait(struct lu_process *process, int64_t timeout_ns);
/* After its end: "exit status 1", "killed by signal 9", and the end of what it wrote on stdout and
 * stderr. Caller frees. */
char *lu_process_last_words(const struct lu_process *process);
