/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be known before the service is frozen, for strategies that carry it by CRIU: whether CRIU
 * can dump it, what CRIU would lose without a word, and whether the store has room. A refusal in
 * PREPARE costs no blackout. The rules are the agent's (agent/preflight/rules/). Functions with a
 * run are for phases.
 */
#pragma once
#include "model/strategy.h"

/* Parameters of a strategy that does. */
#define LU_PARAM_PREFLIGHT                                                                         \
	{                                                                                          \
		"preflight", LU_PARAM_CHOICE, "refuse", 0, 0, lu_preflight_levels,                 \
			"before the freeze, refuse what CRIU cannot dump and what it is known to " \
			"lose, and tell which attributes it does not restore; tell: refuse only "  \
			"the former; strict: refuse all of it; off: do not look"                   \
	}
#define LU_PARAM_STORE_MB                                                                          \
	{                                                                                          \
		"store_mb", LU_PARAM_INT, "0", 0, 65536, NULL,                                     \
			"size of the store in MB, 0: from the workload's state and the number of " \
			"copies"                                                                   \
	}
extern const char *const lu_preflight_levels[];

/* What is to keep the service. */
enum lu_preflight_where { LU_PREFLIGHT_STORE, LU_PREFLIGHT_STANDBY, LU_PREFLIGHT_DATA };

/* How much of the service it is to keep there. */
struct lu_preflight_room {
	unsigned copies; /* of its memory, at most */
	enum lu_preflight_where where;
	const char *raise; /* the parameter that makes it larger: "store_mb" */
	int64_t now_mb;	   /* its value now, MB */
};

/*
 * Look at the running service, or each of them, and at the store unless room is NULL. Claims "preflight.look_ns";
 * what is told and not refused is the note "preflight". Asks as the parameter says, by default. LU_ERROR_REFUSED names process and
 * resource, or the store's parameter with a value that would do.
 */
bool lu_preflight(struct lu_run *run, const struct lu_preflight_room *room, GError **error);
/* Only whether there is room, for a service that saves its state by itself. */
bool lu_preflight_has_room(struct lu_run *run, const struct lu_preflight_room *room,
			   GError **error);
/* Once more when it is frozen, for what can have come since; a refusal costs a blackout then.
 * Claims "preflight.late.look_ns", and notes "preflight_late". */
bool lu_preflight_frozen(struct lu_run *run, GError **error);

/*
 * For tests: the verdict on an answer of the agent's verb preflight, at one of the levels. *told
 * (caller frees; NULL: nothing) is what is not refused. LU_ERROR_REFUSED.
 */
bool lu_preflight_judge(const json_t *reply, const char *level, char **told, GError **error);
/* The same for an answer of store.room or data.room and that many bytes of memory. */
bool lu_preflight_fits(const json_t *reply, int64_t state_bytes,
		       const struct lu_preflight_room *room, GError **error);
