/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a helper program to its end: captured output, a
 * deadline, cancellation, and death with its parent. */
#pragma once
#include <gio/gio.h>
#include <stdbool.h>

struct lu_child {
	const char *const *argv; /* NULL-terminated; argv[0] looked up in PATH */
	const char *const *env;	 /* name, value pairs, NULL-terminated, or NULL */
	const char *cwd;	 /* or NULL */
	int fd;			 /* passed as descriptor 3 when > 0; stays the caller's */
	unsigned timeout_s;
	GCancellable *cancellable; /* may be NULL */
};

struct lu_child_result {
	int status; /* exit status; 128 + signal when killed */
	char *out;
	char *err;
};

/*
 * Runs it. LU_ERROR_UNSUPPORTED when there is no such program, _TIMEOUT, _INTERRUPTED; a child that
 * fails is not an error: see its status.
 */
bool lu_child_run(const struct lu_child *child, struct lu_child_result *result, GError **error);
void lu_child_result_clear(struct lu_child_result *result);

/* Runs it, and expects exit status 0. LU_ERROR_FAILED: what, and its standard error. */
bool lu_child_do(const struct lu_child *child, const char *what, GError **error);
/* Its standard output, whatever its status; g_free. */
char *lu_child_says(const struct lu_child *child, GError **error);
