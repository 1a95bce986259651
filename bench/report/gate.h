/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bound on how much worse b may be than a: "blackout > 1.05". */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

struct lu_gate {
	char *text;
	const char *metric; /* in results */
	bool above;	    /* fails when b / a is above factor, else when below */
	double factor;
};

enum lu_gate_verdict {
	LU_GATE_PASSES,
	LU_GATE_FAILS, /* the whole interval of b / a is on the wrong side */
	LU_GATE_OPEN,  /* no interval: too few values, or too many below their bounds */
};

/* METRIC OP FACTOR, OP one of > >= < <=. LU_ERROR_USAGE. */
struct lu_gate *lu_gate_parse(const char *text, GError **error);
void lu_gate_free(struct lu_gate *gate);
/* By its metric's comparison, one of lu_ab_compare()'s. */
enum lu_gate_verdict lu_gate_judge(const struct lu_gate *gate, const json_t *comparison);
/* "passes", "fails", "cannot tell". */
const char *lu_gate_verdict_name(enum lu_gate_verdict verdict);
/* By which factor something that changes b / a by `effect` (above 1, for better or for worse) lies
 * beyond the gate; 1 or less: not beyond it. */
double lu_gate_beyond(const struct lu_gate *gate, double effect);
