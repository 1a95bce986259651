/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run in progress and the steps it consists of; private to the engine. */
#pragma once
#include "engine/drive.h"
#include "engine/engine.h"
#include "engine/sampler.h"
#include "model/workload.h"

/* One of the services, and its client. */
struct engine_service {
	const struct lu_plan *plan; /* as if it were the only one */
	unsigned number;	    /* in the plan (lu_plan_service) */
	void *client;		    /* the workload's */
	struct lu_load *load;
	struct lu_drive *drive;
	char *audit_error;
	char *clock_error; /* why its clocks could not be read, NULL: they could */
};

struct engine {
	const struct lu_plan *plan;
	struct lu_guest *guest;
	struct lu_timeline *timeline;
	const struct lu_engine_options *options;
	const struct lu_io *io;
	struct lu_outcome_report *report;
	int64_t begin_ns;
	const char *step;
	struct engine_service services[LU_SERVICES_MOST]; /* by falling priority */
	unsigned n_services;
	struct lu_sampler *sampler;
	unsigned clock_readings;
	unsigned cycle;	  /* number of the upgrade, from 0 */
	json_t *verdicts; /* the strategy's own, NULL: none */
	bool whole;	  /* the load was drained and the audit attempted */
};

/* engine/course.c */
/* The guest's clock, ns. */
int64_t engine_now(struct engine *engine);
void engine_stamp(struct engine *engine, const char *kind);
/* Report progress; step NULL: still the last one. */
void engine_progress(struct engine *engine, const char *step);
/* Let time pass, reporting progress now and then. */
bool engine_pass_time(struct engine *engine, int64_t ns, GError **error);
/* Wait for a correct reply of each service that arrives after since_ns. LU_ERROR_TIMEOUT after its
 * client's timeout. */
bool engine_wait_reply(struct engine *engine, int64_t since_ns, GError **error);
/* Does any load still run? */
bool engine_is_loaded(const struct engine *engine);
/* The plan's network applies to the load only, not to populating and auditing the service. */
void engine_impair(struct engine *engine, bool on);

/* engine/setup.c: get to a service that answers, under load, on the old version. */
bool engine_set_up(struct engine *engine, GError **error);
/* From one upgrade to the next, back: another baseline. */
bool engine_turn(struct engine *engine, GError **error);

/* engine/conclude.c */
/* Read the clocks as each service sees them. false only when the run was cancelled; else what went
 * wrong is in its clock_error. */
bool engine_read_clocks(struct engine *engine, GError **error);
/* The services must answer now, and again after the settling time; then their clocks are read. */
bool engine_settle(struct engine *engine, GError **error);
void engine_end_sampling(struct engine *engine);
/* drain_ns: how long to wait for outstanding replies. */
bool engine_end_load(struct engine *engine, int64_t drain_ns, GError **error);
/* Drain the loads, then read back what must be there. */
bool engine_conclude(struct engine *engine, GError **error);
/* The same when no correct reply came: there may have been wrong ones, so the service's state is
 * read back all the same, but without waiting for longer than a client would. */
void engine_conclude_silent(struct engine *engine);
/* The verdicts. done: as in struct lu_finished_run (engine/oracle.h). */
void engine_judge(struct engine *engine, bool done);
/* Did all of them pass, of all services? */
bool engine_passed(const struct engine *engine);
/* The timeline as that service has it; lu_timeline_free, unless it is the engine's own. */
struct lu_timeline *engine_seen_by(const struct engine *engine,
				   const struct engine_service *service);

/* engine/describe.c */
/* The environment as guest and clients tell it, and the console's end if the run went wrong. */
void engine_describe(struct engine *engine);
/* No reply in time after the upgrade is no wonder where they were late before it: the reason says so.
 * The timeline is sorted. */
void engine_explain_silence(const struct engine *engine);
