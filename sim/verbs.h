/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The agent's verbs (docs/reference/agent-protocol.md) in tables, one a family: each has a check
 * that fails as the real agent would when the verb comes out of order, a cost, and the change it
 * makes once the cost has passed. Private to sim/. A new family is one file, its line here and in
 * verbs.c.
 */
#pragma once
#include "sim/state.h"

struct sim_verb {
	const char *name; /* NULL ends a table */
	bool (*check)(struct sim *sim, const json_t *args, GError **error);
	/* NULL: the table's cost of that name */
	int64_t (*cost)(struct sim *sim, const json_t *args);
	/* begin: at once; apply: once the cost has passed, reply is the result object to fill */
	void (*begin)(struct sim *sim, const json_t *args);
	void (*apply)(struct sim *sim, const json_t *args, int64_t cost_ns, json_t *reply);
	void (*failed)(struct sim *sim); /* take back what begin did */
};

extern const struct sim_verb sim_system_verbs[], sim_net_verbs[], sim_service_verbs[],
	sim_checkpoint_verbs[], sim_kexec_verbs[], sim_data_verbs[], sim_handover_verbs[],
	sim_replica_verbs[], sim_field_verbs[], sim_swap_verbs[], sim_patch_verbs[];

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
/* NULL: there is none of that name, and the error says so. */
const struct sim_verb *sim_verb_find(const char *name, GError **error);
/* false: CRIU would refuse the service. */
bool sim_dumpable(struct sim *sim, GError **error);
/* Can a service be restored in this kernel, whatever the image is in? */
bool sim_restorable(struct sim *sim, GError **error);
/* The store's image becomes the service; from before its last writes, it
 * comes back without them. */
void sim_restore_service(struct sim *sim);
/* A stopped service goes on. */
void sim_thaw(struct sim *sim);
/* The service sees which versions the instances of its component have. */
void sim_tell_versions(struct sim *sim);
