/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two sets of alike runs, a and b: by which factor they differ, and whether it may be more than
 * allowed. */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include "bench/report/document.h"

struct lu_ab {
	const char *name_a, *name_b; /* what they are called */
	const json_t *a, *b;	     /* results; with paired, a[i] and b[i] belong together */
	bool paired;
	bool with_suspect;	  /* count suspect runs, too */
	bool mixed;		  /* judge even when they ran on different hosts */
	double effect;		  /* a factor above 1 that is to be seen, for the number of runs */
	double power;		  /* with this probability */
	const GPtrArray *metrics; /* names in results (const char *) */
	const GPtrArray *gates;	  /* struct lu_gate; their metrics are among metrics */
};

/* Put each a beside the b of the same seed, which both sides have once. LU_ERROR_USAGE. */
bool lu_ab_pair(json_t *a, json_t *b, GError **error);

/*
 * {"design": "paired"|"independent", "confidence", "effect", "power", "a", "b": {"label", "runs",
 * "good", "counted"}, "differ", "hosts_differ": text or null, "metrics": [{"metric", "n_a", "n_b",
 * "median_a", "median_b", "censored": ["median_a"…], "ratio", "low", "high", "interval", "p",
 * "spread", "detectable", "runs_for_effect"}], "gates": [{"gate", "metric", "verdict"}], "verdict"}.
 * ratio is b / a (Hodges and Lehmann), low and high are of its interval, p of the rank test that
 * this is of; detectable is the least factor beyond the gate (or 1) that so many runs see, and
 * runs_for_effect how many a side (or pairs) see effect; null: not known, or never. The verdict is
 * "passes", "fails" (a gate does, or a run is not good), "cannot tell" (one cannot, or hosts
 * differ). LU_ERROR_USAGE: a side's runs are not alike, or a run is on both. New reference.
 */
json_t *lu_ab_compare(const struct lu_ab *ab, GError **error);
/* The same for people, as a table with remarks. */
struct lu_document *lu_ab_document(const json_t *comparison);
