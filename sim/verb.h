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
	/* Fails as the real agent does when the verb is called out of order. */
	bool (*check)(struct sim *sim, const json_t *args, GError **error);
	/* NULL: the cost of the step with the verb's name */
	int64_t (*cost)(struct sim *sim, const json_t *args);
	/* begin: at once; apply: when the cost has passed; reply is the result object to fill */
	void (*begin)(struct sim *sim, const json_t *args);
	void (*apply)(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply);
	void (*failed)(struct sim *sim); /* undo what begin did */
	/* For a verb made of other verbs, instead of all
	 * the above but the cost, which is its own. */
	bool (*run)(struct sim *sim, const json_t *args, int64_t timeout_ns, json_t *reply,
		    GError **error);
	/* Does it end by starting the next kernel when
	 * called with args (sim/call.h)? NULL: never. */
	bool (*jumps)(const json_t *args);
};

struct lu_sim_verbs {
	/* Default costs of steps that a machine's costs.json does not have; ends with {}. NULL:
	 * none. A whole step that has no cost in either cannot be simulated. */
	const struct lu_sim_cost *costs;
	struct sim_verb verbs[]; /* ends with {} */
};
extern const struct lu_sim_verbs *const lu_sim_verbs[]; /* ends with NULL; generated */

/* For checks: sets the error and returns false. */
bool sim_fail(GError **error, int code, const char *message);
/* Arguments of a call; absent: false and "". */
bool sim_flag(const json_t *args, const char *name);
const char *sim_text(const json_t *args, const char *name);
/* Are the modules of that feature loaded, or built into this machine's kernel? */
bool sim_has(struct sim *sim, const char *feature, int code, GError **error);
/* Is word in one of the machine's lists? LU_ERROR_UNSUPPORTED when not. */
bool sim_offered(char **list, const char *word, GError **error);
/* The number after "--app" in "argv", 1 without it. */
unsigned sim_version(const json_t *args);
void sim_put_ns(json_t *reply, const char *name, int64_t ns);
/* A verb's cost that is only one message over the serial line and back. */
int64_t sim_no_cost(struct sim *sim, const json_t *args);
