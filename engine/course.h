/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run under way and the steps it is made of; private to the engine. */
#pragma once
#include "engine/drive.h"
#include "engine/engine.h"
#include "engine/memory.h"
#include "model/workload.h"

struct engine {
	const struct lu_plan *plan;
	struct lu_guest *guest;
	struct lu_timeline *timeline;
	const struct lu_engine_options *options;
	const struct lu_io *io;
	struct lu_outcome_report *report;
	int64_t begin_ns;
	const char *step;
	void *client; /* the workload's */
	struct lu_load *load;
	struct lu_drive *drive;
	struct lu_sampler *sampler;
	char *audit_error;
	json_t *verdicts; /* the strategy's own, NULL: none */
	bool whole;	  /* the load was drained and the audit tried */
};

/* engine/course.c */
/* The guest's clock, ns. */
int64_t engine_now(struct engine *engine);
void engine_stamp(struct engine *engine, const char *kind);
/* Tell whoever watches; step NULL: still the last one. */
void engine_progress(struct engine *engine, const char *step);
/* Let time pass, telling of progress now and then. */
bool engine_pass_time(struct engine *engine, int64_t ns, GError **error);
/* Until a correct reply arrives that came after since_ns. LU_ERROR_TIMEOUT after the client's. */
bool engine_wait_reply(struct engine *engine, int64_t since_ns, GError **error);
/* The plan's network is the load's: what prepares the service and what audits it go without. */
void engine_impair(struct engine *engine, bool on);

/* engine/setup.c: a service that answers, under load, on the old version. */
bool engine_set_up(struct engine *engine, GError **error);

/* engine/conclude.c */
/* The service must answer now, and still after the settling time. */
bool engine_settle(struct engine *engine, GError **error);
void engine_end_sampling(struct engine *engine);
/* drain_ns: how long replies under way are waited for. */
bool engine_end_load(struct engine *engine, int64_t drain_ns, GError **error);
/* Drain the load, then read back what must be there. */
bool engine_conclude(struct engine *engine, GError **error);
/* The same when no correct reply came: perhaps there were wrong ones, so what the service holds is
 * asked for all the same, but not waited for longer than a client would. */
void engine_conclude_silent(struct engine *engine);
/* The verdicts. done: as struct lu_finished_run says (engine/oracle.h). */
void engine_judge(struct engine *engine, bool done);
