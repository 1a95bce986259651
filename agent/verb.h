/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verbs that the harness can call (docs/reference/agent-protocol.md). A file verbs/NAME.c, or
 * verbs/NAME/NAME.c with its parts beside it, is a family of them: it defines lu_agent_verbs_NAME
 * (- becomes _), and its first comment says, for each verb, its arguments and its answer. It is
 * found by being there (CMakeLists.txt).
 */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include "agent/protocol.h"

/* Answers its request exactly once, now or later, with reply_ok or reply_error. */
struct verb {
	const char *name;
	void (*run)(struct request *request);
};

struct lu_agent_verbs {
	const char *name;    /* of its file */
	struct verb verbs[]; /* ends with {} */
};
extern const struct lu_agent_verbs *const lu_agent_verbs[]; /* ends with NULL; generated */

/* Runs the verb that the request names, or answers that there is no such verb. request is taken. */
void verb_call(struct request *request);

/* Turn to the service that the request is about (agent/service.h), again: for what goes on later. */
void verb_turn(const struct request *request);

/* Both free the request; result is taken and may be NULL. */
void reply_ok(struct request *request, json_t *result);
void reply_error(struct request *request, const char *code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
