/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The agent's verbs (docs/reference/agent-protocol.md), simulated. A file verbs/NAME.c, or
 * verbs/NAME/NAME.c with its parts beside it, is a family of them: it defines lu_sim_verbs_NAME
 * (- becomes _) and is found by being there (CMakeLists.txt). Private to sim/.
 */
#pragma once
#include "sim/state.h"

struct sim_verb {
	const char *name;
	/* Fails as the real agent would when the verb comes out of order. */
	bool (*check)(struct sim *sim, const json_t *args, GError **error);
	/* NULL: that of the step of its name */
	int64_t (*cost)(struct sim *sim, const json_t *args);
	/* begin: at once; apply: once the cost has passed, reply is the result object to fill */
	void (*begin)(struct sim *sim, const json_t *args);
	void (*apply)(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply);
	void (*failed)(struct sim *sim); /* take back what begin did */
	/* One that is made of other verbs, in place of all above but the cost, which is its own. */
	bool (*run)(struct sim *sim, const json_t *args, int64_t timeout_ns, json_t *reply,
		    GError **error);
	/* Called like that it ends by starting the next kernel (sim/call.h). NULL: never. */
	bool (*jumps)(const json_t *args);
};

struct lu_sim_verbs {
	/* Typical ones, of steps that a machine's costs.json does not state; ends with {}. NULL:
	 * there are none. A whole step that neither states cannot be simulated. */
	const struct lu_sim_cost *costs;
	struct sim_verb verbs[]; /* ends with {} */
};
extern const struct lu_sim_verbs *const lu_sim_verbs[]; /* ends with NULL; generated */

/* What a check does with bad news: sets the error and returns false. */
bool sim_fail(GError **error, int code, const char *message);
/* Arguments of a call; absent: false and "". */
bool sim_flag(const json_t *args, const char *name);
const char *sim_text(const json_t *args, const char *name);
/* Are the modules of that feature there? One that this machine has built in needs no loading. */
bool sim_has(struct sim *sim, const char *feature, int code, GError **error);
/* Is word in the machine's list? LU_ERROR_UNSUPPORTED when not. */
bool sim_offered(char **list, const char *word, GError **error);
/* The number after "--app" in "argv", 1 without it. */
unsigned sim_version(const json_t *args);
void sim_put_ns(json_t *reply, const char *name, int64_t ns);
/* A cost: one message over the serial line and back. */
int64_t sim_no_cost(struct sim *sim, const json_t *args);
