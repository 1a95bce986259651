/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judges a run: the engine's own oracles, from the timeline, and the workload's. */
#pragma once
#include <jansson.h>
#include "model/plan.h"
#include "record/saturation.h"
#include "model/guest.h"

struct lu_finished_run {
	const struct lu_plan *plan;
	struct lu_guest *guest;
	const struct lu_timeline *timeline; /* sorted, every writer has stopped */
	void *client;			    /* the workload's */
	bool done;			    /* the strategy passed the point of no return */
	bool switched;			    /* and it switches kernel or application */
	bool whole; /* load and audit were completed: the workload's oracles can judge */
	struct lu_saturation before; /* whether the service kept up before the upgrade */
	const char *audit_error; /* NULL: read back completely, or there is nothing to read back */
	bool carried;	/* the strategy keeps the service's state, or did not get that far */
	bool connected; /* and its connections, so that the process is the same */
	unsigned cycle; /* number of the last upgrade, from 0 */
	const char *clock_error; /* why its clocks could not be read; NULL: they could */
};

/* The verdicts as model/verdicts.h has them; a new reference. */
json_t *lu_oracles_judge(const struct lu_finished_run *finished);
/* With a kernel component: judges whether the versions in the replies are the
 * expected ones at their time. */
void lu_oracle_component(const struct lu_finished_run *finished, json_t *oracles);
/* Judges whether the clocks that the service sees went back. */
void lu_oracle_clock(const struct lu_finished_run *finished, json_t *oracles);
/* Judges whether each reply carries the version that is expected at its time. */
void lu_oracle_version(const struct lu_finished_run *finished, json_t *oracles);
/* Of several upgrades: judges what they left behind. */
void lu_oracle_cycles(const struct lu_finished_run *finished, json_t *oracles);
/* The end of an evidence that a backlog from before the upgrade explains as well. Caller frees. */
char *lu_oracle_backlog(const struct lu_finished_run *finished);
