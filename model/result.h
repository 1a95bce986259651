/* SPDX-License-Identifier: GPL-2.0-or-later */
/* result.json: plan + environment + outcome + metrics + oracles, schema in results/schema.json. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include "record/metrics.h"
#include "model/plan.h"

#define LU_SCHEMA_VERSION 1

enum lu_outcome { LU_OK, LU_REFUSED, LU_UNSUPPORTED, LU_FAILED, LU_TIMEOUT };
enum lu_verdict { LU_PASS, LU_FAIL, LU_WAIVED };

const char *lu_outcome_name(enum lu_outcome outcome);
const char *lu_verdict_name(enum lu_verdict verdict);
/* From an error of this domain; anything else is LU_FAILED. */
enum lu_outcome lu_outcome_from_error(const GError *error);

struct lu_outcome_report {
	enum lu_outcome outcome;
	char *reason;	     /* NULL when ok */
	char *phase;	     /* phase kind it ended in, NULL when not in one */
	bool rolled_back;    /* afterwards the service ran on the old version, unharmed */
	json_t *oracles;     /* {name: {"verdict","evidence"}}; of several services the first's */
	json_t *services;    /* of several: [{"name","oracles"}], the first among them; else NULL */
	json_t *environment; /* {"lubench", "host", "guest", "assets", …} */
	char *console_tail;  /* last console lines when it did not end ok */
};
void lu_outcome_report_clear(struct lu_outcome_report *report);

/* true when outcome is ok and no oracle of any service failed */
bool lu_result_good(const json_t *result);
/* Whether the run measured the upgrade (record/validity.h). Unknown: recorded by a version that did
 * not judge it (lu_result_recompute does), or no upgrade began. */
enum lu_validity { LU_SOUND, LU_SUSPECT, LU_VALIDITY_UNKNOWN };
enum lu_validity lu_result_validity(const json_t *result);
/* Whether a statistic over several runs counts this one: it is good, and not suspect unless
 * with_suspect asks for those too. */
bool lu_result_counts(const json_t *result, bool with_suspect);
json_t *lu_result_new(const struct lu_plan *plan, const struct lu_outcome_report *report,
		      const struct lu_timeline *timeline);
/* Recompute metrics and validity of an old result from its timeline, in place. */
void lu_result_recompute(json_t *result, const struct lu_timeline *timeline);
/*
 * Write DIR/ID.timeline.jsonl then DIR/ID.json. Both are written as unnamed files (O_TMPFILE) and
 * linked into place when complete, so a run that dies leaves nothing behind. Returns the path of
 * the JSON (caller frees).
 */
char *lu_result_save(const json_t *result, const struct lu_timeline *timeline, const char *dir,
		     GError **error);
/* LU_ERROR_USAGE: no JSON, another schema, a member that readers rely on is missing or of another
 * type, or a time or size that no run has (LU_TIMELINE_MOST). */
json_t *lu_result_load(const char *path, GError **error);
/* The same of a text that was read. */
json_t *lu_result_parse(const char *text, size_t len, GError **error);
struct lu_timeline *lu_result_load_timeline(const char *result_path, GError **error);
