/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client of QEMU's machine protocol (docs/interop/qmp-spec in QEMU) over a socket. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "host/wait.h"

struct lu_qmp;

/* An event; t_ns is QEMU's own time stamp (CLOCK_REALTIME), -1 without one. details is borrowed,
 * may be NULL. */
typedef void (*lu_qmp_event_fn)(void *data, const char *name, json_t *details, int64_t t_ns);

/* Owns fd; -1: fed by lu_qmp_feed only (tests). */
struct lu_qmp *lu_qmp_new(GMainContext *context, int fd, lu_qmp_event_fn event, void *data);
void lu_qmp_free(struct lu_qmp *qmp);
void lu_qmp_feed(struct lu_qmp *qmp, const char *bytes, size_t len);

/* Greeting and qmp_capabilities. Errors as lu_wait_for, and LU_ERROR_FAILED when the
 * peer closed or refused. */
bool lu_qmp_handshake(struct lu_qmp *qmp, const struct lu_waiter *waiter, int64_t deadline_ns,
		      GError **error);
/*
 * Run a command. args is taken (may be NULL); *ret (may be NULL) is what "return" held, the
 * caller's. An error reply is LU_ERROR_FAILED "QMP COMMAND: class: description". The answer to a
 * command that timed out is dropped when it comes.
 */
bool lu_qmp_execute(struct lu_qmp *qmp, const struct lu_waiter *waiter, const char *command,
		    json_t *args, int64_t deadline_ns, json_t **ret, GError **error);
/* Lend QEMU a descriptor (it gets a copy) under a name that commands may use: QMP getfd. */
bool lu_qmp_pass_fd(struct lu_qmp *qmp, const struct lu_waiter *waiter, const char *name, int fd,
		    int64_t deadline_ns, GError **error);
/* "7.2.22 (Debian …)" from the greeting, NULL before it; owned by qmp. */
const char *lu_qmp_version(const struct lu_qmp *qmp);
/* The peer has hung up: nothing more will come. */
bool lu_qmp_closed(const struct lu_qmp *qmp);
/* Lines that were not a message of the protocol, so far. */
unsigned lu_qmp_garbage(const struct lu_qmp *qmp);
