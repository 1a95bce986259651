/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's end of the agent's channel (docs/reference/agent-protocol.md): verbs with ids and
 * deadlines, events, and resynchronisation at the hello of a new boot.
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "host/wait.h"

struct lu_channel;

struct lu_hello {
	const char *kernel, *arch; /* never NULL */
	int64_t generation;
	int64_t uptime_ns; /* -1 unknown */
	json_t *marks;	   /* borrowed object or NULL: {"init_ns": uptime} */
};

struct lu_channel_ops {
	/* A kernel that has booted since has said hello (repetitions are dropped). */
	void (*hello)(void *data, const struct lu_hello *hello);
	/* Any other event, as the agent sent it (borrowed). */
	void (*event)(void *data, const char *name, json_t *event);
};

/* Owns fd; -1: fed by lu_channel_feed only (tests). */
struct lu_channel *lu_channel_new(GMainContext *context, int fd, const struct lu_channel_ops *ops,
				  void *data);
void lu_channel_free(struct lu_channel *channel);
/* From now on events go to ops (data stays). */
void lu_channel_redirect(struct lu_channel *channel, const struct lu_channel_ops *ops);
void lu_channel_feed(struct lu_channel *channel, const char *bytes, size_t len);

/* Number of boots whose hello has come so far. */
unsigned lu_channel_boots(const struct lu_channel *channel);
/* Wait until more than `boots` of them have come. */
bool lu_channel_wait_boot(struct lu_channel *channel, const struct lu_waiter *waiter,
			  unsigned boots, int64_t deadline_ns, GError **error);
/*
 * Call a verb and wait for the answer. args is taken (may be NULL); *result (may be NULL) is the
 * caller's. LU_ERROR_REFUSED, _UNSUPPORTED, _FAILED as the agent said ("VERB: message"); _FAILED
 * too when the guest rebooted instead of answering; _TIMEOUT.
 */
bool lu_channel_call(struct lu_channel *channel, const struct lu_waiter *waiter, const char *verb,
		     json_t *args, int64_t deadline_ns, json_t **result, GError **error);
/*
 * Send a verb that another kernel answers and wait for its hello. An error answer of the old kernel
 * ends the wait.
 */
bool lu_channel_jump(struct lu_channel *channel, const struct lu_waiter *waiter, const char *verb,
		     json_t *args, int64_t deadline_ns, GError **error);
/* Send a verb and do not wait for its answer, which is dropped. args is taken (may be NULL). */
bool lu_channel_tell(struct lu_channel *channel, const char *verb, json_t *args, GError **error);
/* The other end has hung up: nothing more will come. */
bool lu_channel_closed(const struct lu_channel *channel);
/* Lines that were not a message of the protocol, so far. */
unsigned lu_channel_garbage(const struct lu_channel *channel);
/* False, with LU_ERROR_FAILED, once more events have come than an agent has to say: the rest is
 * dropped (qemu/vm/allowance.h). */
bool lu_channel_quiet(const struct lu_channel *channel, GError **error);
/* How many, so far. */
uint64_t lu_channel_dropped(const struct lu_channel *channel);
