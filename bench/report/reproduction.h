/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether runs of a result's plan say the same as the result. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include "bench/report/document.h"

struct lu_reproduction {
	const json_t *original;	  /* a result */
	const json_t *repeats;	  /* results of the same plan, an array */
	const GPtrArray *metrics; /* names in results (const char *) */
	bool with_suspect;	  /* count suspect runs, too */
	bool mixed;		  /* judge runs under other conditions, too */
};

/* Under which other conditions that run took place than the original: another host, kernel, QEMU or
 * revision, with both values; NULL: none. Caller frees. */
char *lu_reproduction_differs(const json_t *original, const json_t *run);
/*
 * {"schema_version", "original": ID, "runs", "counted", "simulated", "differ": text or null,
 * "verdict": "agrees"|"differs"|"cannot tell", "why": text, "outcomes": [{"what", "original",
 * "repeat"}], "metrics": [{"metric", "original", "median", "low", "high", "n", "verdict"}]}.
 * outcomes: where a repeat's outcome or an oracle's verdict is another. A measured value agrees
 * when it lies in the interval in which the repeats let one more run be expected with 95 % for all
 * metrics together (record/prediction.h); a simulated one when it is the same. New reference.
 */
json_t *lu_reproduction_judge(const struct lu_reproduction *reproduction);
/* The same for people. */
struct lu_document *lu_reproduction_document(const json_t *judgement);
